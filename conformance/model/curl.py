"""An exchange as a command line that repeats its request.

The line is shown to people who paste it into a shell, and parts of it were written by the target (a learned
URL may hold anything). So every part is quoted for a POSIX shell, the line is visible ASCII throughout, and
secrets stand as placeholders.
"""

import shlex
from urllib.parse import quote

from conformance.model.evidence import Exchange

_OWN_BUSINESS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "host",
        "user-agent",
        "accept-encoding",
        "content-length",
    }
)
_URL_CHARACTERS = "".join(chr(code) for code in range(0x21, 0x7F))


def curl(exchange: Exchange) -> str:
    """Repeat the request as a curl command; empty where the request went to no http or https URL.

    `$TOKEN` stands for the access token where the tester's own credentials were sent, and `@body.json` (for a
    body that is no JSON `@body.txt`) for a request body. Characters that no URL may hold (RFC 3986 section 2)
    are percent-encoded.
    """
    url = quote(exchange.url, safe=_URL_CHARACTERS, errors="replace")
    if not url.lower().startswith(("http://", "https://")):
        return ""
    words = ["curl", "--include", "--globoff", *_method(exchange)]
    for name, value in exchange.request_headers.items():
        if name.lower() not in _OWN_BUSINESS and "[redacted:" not in value:
            words += ["-H", shlex.quote(_header(name, value))]
    if exchange.credentials == "own":
        words += ["-H", '"Authorization: Bearer $TOKEN"']
    if exchange.request_body is not None:
        words += ["--data-binary", _body_file(exchange)]
    return " ".join([*words, shlex.quote(url)])


def _method(exchange: Exchange) -> list[str]:
    method = _visible(exchange.method)
    if method == "GET" and exchange.request_body is None:
        return []
    # Told to use the method HEAD by name, curl would wait for a body that never comes.
    return ["--head"] if method == "HEAD" else ["-X", shlex.quote(method)]


def _header(name: str, value: str) -> str:
    # With nothing behind the colon, curl would leave the header out; a semicolon sends it empty.
    name, value = _visible(name), _visible(value).strip()
    return f"{name}: {value}" if value else f"{name};"


def _body_file(exchange: Exchange) -> str:
    stated = next((v for k, v in exchange.request_headers.items() if k.lower() == "content-type"), "")
    media_type = stated or (exchange.request_body.media_type if exchange.request_body else "")
    return "@body.txt" if media_type and "json" not in media_type.lower() else "@body.json"


def _visible(text: str) -> str:
    return "".join(character for character in text if " " <= character <= "~")
