"""Following links to see whether they lead anywhere, and whether the place in the page is there."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urldefrag

import httpx

from conformance import __version__

__all__ = ["follow"]

SECONDS = 20.0
LARGEST = 16 * 2**20
AT_ONCE = 4
GONE = frozenset({404, 410})
_ANCHOR = re.compile(rb"""\b(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)


def follow(links: Iterable[str]) -> dict[str, tuple[bool, str]]:
    """The links that lead nowhere: whether that is certain, and why. Each page is asked for once.

    A page that says 404 or 410, or lacks the place behind the `#`, is certain. What does not answer, or answers
    otherwise, may be there for others.
    """
    pages: dict[str, list[str]] = {}
    for link in links:
        pages.setdefault(urldefrag(link).url, []).append(link)
    headers = {"User-Agent": f"conformance-harness/{__version__}"}
    with (
        httpx.Client(timeout=SECONDS, follow_redirects=True, headers=headers) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        looked = list(pool.map(lambda page: _look(client, page), pages))
    found: dict[str, tuple[bool, str]] = {}
    for (dead, anchors), linked in zip(looked, pages.values(), strict=True):
        for link in linked:
            place = unquote(urldefrag(link).fragment)
            if dead is not None:
                found[link] = dead
            elif place and anchors is not None and place not in anchors:
                found[link] = (True, f"has no place named {place!r}")
    return found


def _look(client: httpx.Client, page: str) -> tuple[tuple[bool, str] | None, frozenset[str] | None]:
    """Why a page is not there, None where it is; and the places in it, None where they cannot be told."""
    try:
        with client.stream("GET", page) as answer:
            if not answer.is_success:
                return (answer.status_code in GONE, f"answers {answer.status_code}"), None
            if "html" not in answer.headers.get("Content-Type", ""):
                return None, None
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    return None, None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return (False, f"could not be asked for: {type(error).__name__}"), None
    anchors = (b"".join(groups) for groups in _ANCHOR.findall(bytes(body)))
    return None, frozenset(anchor.decode("utf-8", "replace") for anchor in anchors)
