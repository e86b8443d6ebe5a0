"""Searches as enumerators word them: a ready query, followed as far as is worth while, and asked again in small."""

from conformance.plugin import Wire, probe
from conformance.probes.following import COMPLETE, LIMIT, Followed, follow

PAGE = 100
MOST_PAGES = 2
MOST_FOUND = 150
CONFINED, AGAIN = "confined", "again"


@probe("search-query")
def search_query(  # noqa: PLR0913 - what is asked, and what is known about the answer
    wire: Wire,
    *,
    resource: str,
    query: str,
    matching: list[str] | None = None,
    other: str = "",
    control: str = "",
    label: str = "page",
) -> None:
    """Search a type with a query (`code=a&status:not=b`, percent-encoded) and follow the pages to the end.

    Where more is found than can be followed, the same search goes out once more, confined by `_id` to resources that
    are known: those named in `matching` and the `other` (label `LABEL-confined`). What should have been found and
    was not is then read, in case it has changed meanwhile (label `LABEL-again`). `control` is a second query, sent
    first, whose pages have the label `LABEL-control`.
    """
    if control:
        _followed(wire, resource, control, f"{label}-control", shared=True)
    known = [*(matching or ()), *([other] if other else ())]
    found = _followed(wire, resource, query, label, shared=True)
    if found.ended == LIMIT and known:
        confined = f"{query}&_id={','.join(name.partition('/')[2] for name in known)}"
        found = _followed(wire, resource, confined, f"{label}-{CONFINED}")
    if found.ended == COMPLETE:
        for name in matching or ():
            if name not in found.references:
                wire.send("GET", f"/{name}", label=f"{label}-{AGAIN}")


@probe("search-set")
def search_set(
    wire: Wire, *, resource: str, queries: dict[str, str], count: bool = False, again: str = "one"
) -> None:
    """Several searches of one type, each under its own label, and one of them at the end again (`LABEL-again`).

    With `count`, only their numbers of matches are asked for.
    """
    for label, query in [*sorted(queries.items()), (f"{again}-{AGAIN}", queries[again])]:
        if count:
            wire.send("GET", f"/{resource}?{query}{'&' if query else ''}_summary=count", label=label)
        else:
            _followed(wire, resource, query, label)


def _followed(wire: Wire, resource: str, query: str, label: str, *, shared: bool = False) -> Followed:
    url = f"/{resource}?{query}{'&' if query else ''}_count={PAGE}"
    return follow(
        wire, lambda: wire.send("GET", url, label=label, shared=shared), label, MOST_PAGES, MOST_FOUND
    )


@probe("search-across")
def search_across(
    wire: Wire,
    *,
    resource: str,
    query: str,
    other_type: str,
    inner: str,
    matching: list[str] | None = None,
) -> None:
    """A search across references (label `across`) after the search of the other type that it rests on (`inner`).

    What should have been found and was not is read at the end (label `across-again`).
    """
    _followed(wire, other_type, inner, "inner", shared=True)
    search_query(wire, resource=resource, query=query, matching=matching, label="across")
