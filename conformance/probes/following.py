"""Following the pages of a search to the end (https://hl7.org/fhir/R4/http.html#paging)."""

from collections.abc import Callable
from dataclasses import dataclass

from conformance.fhir.addresses import led_to
from conformance.fhir.bundles import link, matches, reference, total
from conformance.plugin import Exchange, Wire

MOST_PAGES = 1000
COMPLETE, LIMIT = "complete", "limit"
STANDSTILL = 3
"""So many pages in a row with nothing but what was there before are no way to an end."""


@dataclass(frozen=True)
class Followed:
    """The answers to a search, page after page, and how following them ended."""

    answers: tuple[Exchange, ...]
    ended: str

    @property
    def references(self) -> set[str]:
        """`Type/id` of what was found."""
        return {reference for answer in self.answers for reference in _found(answer)}


def _found(answer: Exchange) -> set[str]:
    bundle = answer.resource("Bundle") if answer.ok else None
    return {reference(match) for match in matches(bundle or {})}


def follow(
    wire: Wire,
    first: Callable[[], Exchange],
    label: str,
    max_pages: int = MOST_PAGES,
    most_found: int | None = None,
) -> Followed:
    """Send the first request, then follow `next` until there is none, and note under the label how it ended.

    The note `ended-LABEL` says `complete`, or why the pages are not known to be all: `failed` (a page did not
    come), `loop` (a link that was followed already), `standstill` (several pages with nothing new), `limit` (more
    pages than `max_pages`, or a total of more than `most_found`).
    """
    answers, seen, ended = [first()], set[str](), ""
    found, still = set[str](), 0
    while not ended:
        answer = answers[-1]
        bundle = answer.resource("Bundle") if answer.ok else None
        target = link(bundle, "next") if bundle is not None else None
        held = _found(answer)
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
        elif len(seen) + 1 >= max_pages or (most_found is not None and (total(bundle) or 0) > most_found):
            ended = LIMIT
        else:
            seen.add(target)
            answers.append(wire.send("GET", led_to(f"{wire.base}/", target), label=label, shared=True))
    wire.note(f"ended-{label}", ended)
    return Followed(tuple(answers), ended)
