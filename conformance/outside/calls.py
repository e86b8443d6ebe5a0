"""A call and its answer: how it is put together, what may not be sent, and where a redirect takes it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

import httpx

from conformance.model.evidence import Body

TOKEN_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""What names of methods and headers are made of (RFC 9110 section 5.6.2)."""
SAME_METHOD = frozenset({307, 308})


@dataclass(frozen=True)
class Call:
    """A request ready to be sent.

    `raw` asks for the unredacted bytes too: of tokens, in memory only. `waits` takes 429 and 503 as answers, since
    whoever asks does the waiting. `sink` takes the bytes of a 200 or 206 as they come, as they lie, in place of the
    store; such a call is tried once, since only whoever asks knows what is still wanted. `renewed` gives the same
    call with the credentials as they are by now, None where they were refused and there are no others.
    """

    method: str
    url: httpx.URL
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""
    file: bool = False
    raw: bool = False
    waits: bool = False
    sink: "Sink | None" = None
    renewed: "Renewed" = lambda _refused: None


@dataclass(frozen=True)
class Answer:
    """What came back. `failure` says why it is no answer that could be judged.

    `continued` are the places, in bytes as they were sent, at which it broke off and went on over another connection.
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: Body | None = None
    failure: str = ""
    tls: str = ""
    tls_key: str = ""
    at: str = ""
    elapsed_ms: int = 0
    attempts: int = 1
    continued: tuple[int, ...] = ()
    raw: bytes = field(default=b"", repr=False)
    again: bool = False
    """Whether the same call may be tried again."""

    def header(self, name: str) -> str:
        """The first value of a header; empty where absent."""
        return next((value for key, value in self.headers if key == name), "")


Sink = Callable[[Answer, Iterator[bytes]], None]
"""Takes an answer's bytes. Raises OSError."""
Renewed = Callable[[bool], "Call | None"]
"""Told whether the credentials were refused. Raises TargetError."""


def merged(usual: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The usual headers, but for those that the probe gives; an empty Accept is not sent."""
    names = {name.lower() for name in given}
    return {name: value for name, value in usual.items() if name.lower() not in names and value} | dict(given)


def splittable(url: str) -> str:
    """The URL, its brackets escaped where they are no IPv6 address: readers of evidence split it."""
    try:
        urlsplit(url)
    except ValueError:
        return url.replace("[", "%5B").replace("]", "%5D")
    return url


def straying(url: str, base: str) -> str:
    """Why a URL below the base is not what whoever asks believes to ask for; empty where it is.

    An id that is none (`../Organization/1`, or the same with `%2e`) takes a path elsewhere than it seems to lead.
    """
    path = url.removeprefix(f"{base}/").partition("?")[0].partition("#")[0]
    below = url.startswith(f"{base}/") and {".", ".."} & set(unquote(path).split("/"))
    return "an id in its path leads elsewhere" if below else ""


def problem(method: str, headers: Mapping[str, str]) -> str:
    """Why these cannot be sent over HTTP; empty where they can."""
    if not method or not set(method) <= TOKEN_CHARACTERS:
        return "the method is no HTTP method"
    for name, value in headers.items():
        if not name or not set(name) <= TOKEN_CHARACTERS:
            return f"the header name {name!r} is not allowed in HTTP"
        if any(character in value for character in "\r\n\0"):
            return f"the header {name} holds a line break or NUL"
    return ""


def redirected(call: Call, url: httpx.URL, status: int) -> Call:
    """The call that a redirect asks for (RFC 9110 section 15.4)."""
    if status in SAME_METHOD or call.method in {"GET", "HEAD"}:
        return replace(call, url=url)
    headers = tuple(pair for pair in call.headers if pair[0].lower() != "content-type")
    return replace(call, method="GET", url=url, headers=headers, content=b"")
