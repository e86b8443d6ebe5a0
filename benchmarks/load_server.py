"""A server for load: it answers every read at once with a resource of its own, whose body hardly shrinks when packed.

`python benchmarks/load_server.py --bytes 64000` listens on a free port of 127.0.0.1 and prints that port.
"""

import argparse
import asyncio
import base64
import json
import random
import sys
from functools import partial

SUPPLY = 2**20
"""So much noise there is to take bodies from; each begins elsewhere in it."""
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [{"mode": "server", "resource": [{"type": "Binary", "interaction": [{"code": "read"}]}]}],
}


def answer(path: str, size: int, noise: str) -> bytes:
    """The body for a path: what the server offers, or the Binary of that id with so many bytes of noise."""
    name = path.rpartition("/")[2]
    if name == "metadata":
        return json.dumps(STATEMENT).encode()
    begin = random.Random(name).randrange(len(noise) // 4) * 4
    data = (noise + noise)[begin : begin + size // 4 * 4]
    return json.dumps(
        {"resourceType": "Binary", "id": name, "contentType": "application/octet-stream", "data": data}
    ).encode()


async def serve(size: int, noise: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection until it is closed."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = answer(head.split(b" ", 2)[1].decode("latin-1").partition("?")[0], size, noise)
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n"
                % len(body)
            )
            writer.write(body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def listen(size: int) -> None:
    noise = base64.b64encode(random.Random(0).randbytes(SUPPLY)).decode()
    server = await asyncio.start_server(partial(serve, size, noise), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A server for load.")
    parser.add_argument("--bytes", type=int, default=64_000, help="of noise in each resource")
    sys.exit(asyncio.run(listen(parser.parse_args().bytes)))
