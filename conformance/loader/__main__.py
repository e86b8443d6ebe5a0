"""`python -m conformance.loader load|read STORE`: the process that loads an export, and the one that reads it back.

`load` reads NDJSON on stdin and writes a line of JSON on stdout for each thing that it could not store. `read` writes
the resources of the store on stdout as NDJSON. Nothing passes from one to the other but the store's file.
"""

import sys
from pathlib import Path

import orjson

from conformance.loader.store import Store

USAGE = 2


def main(arguments: list[str]) -> int:
    """Carry out one of both, and give the exit code."""
    match arguments:
        case ["load", path]:
            with Store(Path(path)) as store:
                for number, name, refusal in store.load(sys.stdin.buffer):
                    told = {"line": number, "resource": name, "place": refusal.place, "why": refusal.why}
                    sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
        case ["read", path]:
            with Store(Path(path)) as store:
                for line in store.read():
                    sys.stdout.buffer.write(line + b"\n")
        case _:
            sys.stderr.write("usage: python -m conformance.loader load|read STORE\n")
            return USAGE
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
