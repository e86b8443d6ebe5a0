"""Following the pages of a search to the end (https://hl7.org/fhir/R4/http.html#paging)."""

from collections.abc import Callable
from urllib.parse import urljoin

from conformance.fhir.bundles import link
from conformance.plugin import Exchange, Wire

MOST_PAGES = 1000
COMPLETE = "complete"


def follow(wire: Wire, first: Callable[[], Exchange], label: str, max_pages: int = MOST_PAGES) -> None:
    """Send the first request, then follow `next` until there is none, and note under the label how it ended.

    The note `ended-LABEL` says `complete`, or why the pages are not known to be all: `failed` (a page did not
    come), `loop` (a link that was followed already), `limit` (more pages than `max_pages`).
    """
    answer, seen, ended = first(), set[str](), ""
    while not ended:
        bundle = answer.resource("Bundle") if answer.ok else None
        target = link(bundle, "next") if bundle is not None else None
        if bundle is None:
            ended = "failed"
        elif target is None:
            ended = COMPLETE
        elif target in seen:
            ended = "loop"
        elif len(seen) + 1 >= max_pages:
            ended = "limit"
        else:
            seen.add(target)
            answer = wire.send("GET", urljoin(f"{wire.base}/", target), label=label, shared=True)
    wire.note(f"ended-{label}", ended)
