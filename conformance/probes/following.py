"""Following the pages of a search to the end (https://hl7.org/fhir/R4/http.html#paging)."""

from collections.abc import Callable
from urllib.parse import urljoin

from conformance.fhir.bundles import link, matches, reference
from conformance.plugin import Exchange, Wire

MOST_PAGES = 1000
COMPLETE = "complete"
STANDSTILL = 3
"""So many pages in a row with nothing but what was there before are no way to an end."""


def _nothing(_: Exchange) -> None:
    """Look away."""


def follow(
    wire: Wire,
    first: Callable[[], Exchange],
    label: str,
    max_pages: int = MOST_PAGES,
    look: Callable[[Exchange], None] = _nothing,
) -> None:
    """Send the first request, then follow `next` until there is none, and note under the label how it ended.

    The note `ended-LABEL` says `complete`, or why the pages are not known to be all: `failed` (a page did not
    come), `loop` (a link that was followed already), `standstill` (several pages with nothing new), `limit` (more
    pages than `max_pages`). `look` is shown each page.
    """
    answer, seen, ended = first(), set[str](), ""
    found, still = set[str](), 0
    while not ended:
        look(answer)
        bundle = answer.resource("Bundle") if answer.ok else None
        target = link(bundle, "next") if bundle is not None else None
        held = {reference(resource) for resource in matches(bundle or {})}
        still = still + 1 if held and held <= found else 0
        found |= held
        if bundle is None:
            ended = "failed"
        elif target is None:
            ended = COMPLETE
        elif target in seen:
            ended = "loop"
        elif still >= STANDSTILL:
            ended = "standstill"
        elif len(seen) + 1 >= max_pages:
            ended = "limit"
        else:
            seen.add(target)
            answer = wire.send("GET", urljoin(f"{wire.base}/", target), label=label, shared=True)
    wire.note(f"ended-{label}", ended)
