"""Bodies that are not what they say, or more than anybody can read."""

import gzip
import json
import zlib

import pytest
from raw_server import Asked, Peer, RawServer, answer, page, patient

LONG = 2_500_000
PLACE = '"active": true'


def text_with(member: str) -> bytes:
    """A patient as text, with this in place of a member."""
    return json.dumps(patient("p1")).replace(PLACE, member).encode()


def nested(depth: int, opening: str, closing: str, within: str = "1") -> bytes:
    return text_with(f'"x": {opening * depth}{within}{closing * depth}')


BODIES: dict[str, bytes] = {
    "gzip-bomb": answer(200, gzip.compress(bytes(10_000_000), 9) * 20, Content_Encoding="gzip"),
    "gzip-cut": answer(200, gzip.compress(text_with(PLACE))[:-12], Content_Encoding="gzip"),
    "gzip-in-name-only": answer(200, text_with(PLACE), Content_Encoding="gzip"),
    "gzip-twice": answer(200, gzip.compress(gzip.compress(text_with(PLACE))), Content_Encoding="gzip, gzip"),
    "coding-not-asked-for": answer(200, zlib.compress(text_with(PLACE)), Content_Encoding="br"),
    "charset-latin-1": answer(
        200,
        text_with('"name": [{"family": "M\u00fcller"}]')
        .decode()
        .replace("\\u00fc", "\u00fc")
        .encode("latin-1"),
    ),
    "charset-utf-16": answer(
        200, text_with(PLACE).decode().encode("utf-16"), "application/fhir+json; charset=utf-16"
    ),
    "byte-order-mark": answer(200, b"\xef\xbb\xbf" + text_with(PLACE)),
    "number-too-large": answer(200, text_with('"x": 1e999999999')),
    "number-of-megabytes": answer(200, text_with(f'"x": {"9" * LONG}')),
    "decimal-of-megabytes": answer(200, text_with(f'"x": 0.{"9" * LONG}')),
    "exponent-of-megabytes": answer(200, text_with(f'"x": 1e{"9" * LONG}')),
    "no-number": answer(200, text_with('"x": NaN')),
    "nested-a-million-deep": answer(200, nested(1_000_000, "[", "]")),
    "nested-objects-deep": answer(200, nested(200_000, '{"a":', "}")),
    "nested-just-readable": answer(200, nested(900, '{"a":', "}")),
    "nested-contained": answer(
        200,
        nested(900, '[{"resourceType": "Patient", "contained":', "}]", "[]").replace(b'"x"', b'"contained"'),
    ),
    "nested-extensions": answer(
        200, nested(480, '[{"url": "urn:x", "extension":', "}]", "[]").replace(b'"x"', b'"extension"')
    ),
    "member-twice": answer(200, text_with('"id": "other"')),
    "half-a-character": answer(200, text_with('"name": [{"family": "\\ud800"}]')),
    "a-zero-byte": answer(200, text_with('"name": [{"family": "a\\u0000b"}]')),
    "string-of-megabytes": answer(200, text_with(f'"name": [{{"given": "{"x" * LONG}"}}]')),
    "members-by-the-thousand": answer(200, text_with(", ".join(f'"x{n}": {n}' for n in range(10_000)))),
    "no-object": answer(200, b'["Patient"]'),
    "a-login-page": answer(200, b"<!DOCTYPE html><title>Please log in</title>", "text/html"),
    "nothing": answer(200, b""),
}


WITHIN = (
    "nested-just-readable",
    "decimal-of-megabytes",
    "a-zero-byte",
    "string-of-megabytes",
    "members-by-the-thousand",
)
"""What a reader of JSON can take: it shows in what becomes of it."""
LISTED = (*WITHIN, "nested-contained", "nested-extensions", "half-a-character")


@pytest.mark.parametrize("name", [one for one in BODIES if one not in WITHIN])
def test_a_body_like_this_does_not_pass(name, serve, told, as_the_page_says):
    def behave(peer: Peer, asked: Asked) -> bytes | None:
        return BODIES[name] if asked.path == "/Patient/p1" else server.world(peer, asked)

    server: RawServer = serve()
    server.behave = behave
    as_the_page_says(name, told(server.base))


@pytest.mark.parametrize("kind", ["synthetic", "live"])
@pytest.mark.parametrize("name", LISTED, ids="{}-listed".format)
def test_a_page_that_holds_it_is_not_valid(name, kind, serve, told, as_the_page_says):
    """What can be read goes on: into the validator and, of live data, into what takes out the people."""
    _, _, body = BODIES[name].partition(b"\r\n\r\n")

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        if asked.path != "/Patient":
            return server.world(peer, asked)
        whole = json.dumps(page(server.base, [patient("p2"), patient("p1", here=1)], total=2)).encode()
        return answer(200, whole.replace(json.dumps(patient("p1", here=1)).encode(), body))

    server: RawServer = serve()
    server.behave = behave
    as_the_page_says(f"{name}-listed", told(server.base, dataClass=kind))
