"""The pages of a search as one: what was found, and whether that is known to be all."""

from dataclasses import dataclass
from functools import cached_property, partial

from conformance.checks.picking import listed, permitted
from conformance.fhir import bundles
from conformance.fhir.elements import Resource
from conformance.plugin import Evidence, Exchange, NoData, NotJudgeable

UNKNOWN = "unknown"
ENDLESS = ("loop", "standstill")


@dataclass(frozen=True)
class Pages:
    """All answers to one search, in order. `ended` says how the following of links ended."""

    exchanges: tuple[Exchange, ...]
    ended: str

    @property
    def first(self) -> Exchange:
        """The answer to the search itself."""
        return self.exchanges[0]

    @cached_property
    def bundles(self) -> list[tuple[Exchange, Resource]]:
        """The pages that are bundles."""
        answers = ((exchange, exchange.resource("Bundle")) for exchange in self.exchanges if exchange.ok)
        return [(exchange, bundle) for exchange, bundle in answers if bundle is not None]

    @cached_property
    def matches(self) -> list[Resource]:
        """What was found, page after page."""
        return [
            resource
            for exchange, bundle in self.bundles
            for resource in exchange.memo("matches", partial(bundles.matches, bundle))
        ]

    @cached_property
    def references(self) -> list[str]:
        """`Type/id` of what was found, page after page."""
        return [bundles.reference(resource) for resource in self.matches]

    @property
    def endless(self) -> bool:
        """Whether its pages come back to what was there before, so that they lead to no end."""
        return self.ended in ENDLESS

    @property
    def total(self) -> int | None:
        """The number of matches that is stated first. A page may state none: some servers count while they page."""
        return next((number for number in self.totals if number is not None), None)

    @property
    def totals(self) -> list[int | None]:
        """The number of matches that each page states, page after page."""
        return [bundles.total(bundle) for _, bundle in self.bundles]


def searched(evidence: Evidence, label: str) -> Pages:
    """The search with this label, as far as it came. Raises NoData where there was none."""
    for step in evidence.steps:
        exchanges = step.labelled(label)
        if exchanges:
            ended = step.notes.get(f"ended-{label}", UNKNOWN)
            return Pages(exchanges, ended if isinstance(ended, str) else UNKNOWN)
    raise NoData(f"no search was sent under the label {label!r}")


def complete(evidence: Evidence, label: str) -> Pages:
    """The search with this label, all its pages. Raises NotJudgeable where they are not known to be all."""
    pages = searched(evidence, label)
    for exchange in pages.exchanges:
        permitted(exchange)
        if not exchange.ok or exchange.resource("Bundle") is None:
            raise NotJudgeable(f"{exchange} answered {exchange.status} and no page that could be read")
    if pages.ended != "complete":
        raise NotJudgeable(f"the pages of {pages.first} did not come to an end ({pages.ended})")
    return pages


def found(evidence: Evidence, label: str) -> Pages:
    """The same, where the search found something. Raises NoData where it found nothing."""
    pages = complete(evidence, label)
    if not pages.matches:
        raise NoData(f"{pages.first} found nothing")
    return pages


def turning_back(pages: Pages) -> str:
    """The finding about a search whose pages lead to no end."""
    return pages.first.finding("has pages that come back to what was there before, and lead to no end")


def some(references: list[str]) -> str:
    """A few of these references, for a finding."""
    return listed(references)
