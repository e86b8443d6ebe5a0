"""Searches, followed to their last page."""

from typing import Literal
from urllib.parse import quote, urlencode

from conformance.fhir.dates import Prefix
from conformance.fhir.strings import swap_case
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.following import MOST_PAGES, follow
from conformance.probes.request import with_query

Kind = Literal["token", "string", "date", "reference", "id"]
FORM = "application/x-www-form-urlencoded"
PAGE = 50


@probe("paging")
def paging(
    wire: Wire,
    *,
    path: str,
    params: dict[str, str | list[str]] | None = None,
    count: int = 0,
    max_pages: int = MOST_PAGES,
    label: str = "page",
) -> None:
    """Search and follow the links to the next page until there is none; `count` asks for that page size."""
    asked = dict(params or {}) | ({"_count": str(count)} if count else {})
    follow(
        wire, lambda: wire.send("GET", with_query(path, asked), label=label, shared=True), label, max_pages
    )


@probe("search")
def search(  # noqa: PLR0913 - a search has this many independent aspects
    wire: Wire,
    *,
    resource: str,
    by: str,
    value: str,
    kind: Kind = "token",
    prefix: Prefix = "",
    swapped: bool = False,
    count: int = PAGE,
    label: str = "page",
) -> None:
    """Search a type by one parameter, the value escaped as FHIR asks, and follow the pages to the end.

    `swapped` searches for the value in the other case.
    """
    text = prefix + escaped(swap_case(value) if swapped else value, kind)
    follow(wire, lambda: wire.send("GET", _get(resource, by, text, count), label=label, shared=True), label)


@probe("search-both-ways")
def search_both_ways(wire: Wire, *, resource: str, by: str, value: str, kind: Kind = "token") -> None:
    """The same search by GET (label `get`) and by POST to `_search` (label `post`), each to its last page."""
    text = escaped(value, kind)
    form = urlencode({by: text, "_count": PAGE}, quote_via=quote).encode()

    def post() -> Exchange:
        return wire.send("POST", f"/{resource}/_search", label="post", body=form, media_type=FORM)

    follow(wire, lambda: wire.send("GET", _get(resource, by, text, PAGE), label="get", shared=True), "get")
    follow(wire, post, "post")


def escaped(value: str, kind: Kind) -> str:
    """A search value with the characters that separate values escaped (search.html#escaping).

    The bar between the system and the code of a token separates them and stays. A reference is searched for without
    the version that it may name, since a search is for the resource.
    """
    if kind == "token" and "|" in value:
        system, code = value.split("|", 1)
        return f"{_escaped(system)}|{_escaped(code)}"
    if kind == "reference":
        return _escaped(value.partition("/_history/")[0])
    return _escaped(value.strip() if kind == "string" else value)


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\$,|" else char for char in text)


def _get(resource: str, by: str, text: str, count: int) -> str:
    return with_query(f"/{resource}", {by: text, "_count": str(count)})
