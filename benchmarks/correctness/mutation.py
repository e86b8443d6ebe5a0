"""The rows of constraint mutation: every rule of every structure of a guide broken once, and counted by kind."""

from collections import Counter

from benchmarks.correctness.data import Data
from benchmarks.correctness.examples import own
from benchmarks.correctness.figures import Deviation, Figure, Measured
from benchmarks.correctness.results import MISSED, NOT_CONSTRUCTIBLE, REFUSED, Result
from benchmarks.correctness.violations import REASONS, Mutation
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.terminology.facade import Terminology

BY_KIND = "by kind: refused, missed, not constructible"
KINDS = frozenset(REASONS)
WHY_NOT = "not constructible, and why"


def measure_uk_core(data: Data, day: str) -> Measured:
    """Every rule of every UK Core structure."""
    return _measured("uk-core-mutation", data.uk_core, day)


def measure_us_core(data: Data, day: str) -> Measured:
    """Every rule of every US Core structure."""
    return _measured("us-core-mutation", data.us_core, day)


def figure(row: str, results: list[Result]) -> Figure:
    """The share refused of those that could be constructed; each one missed is a deviation."""
    missed = [result for result in results if result.outcome == MISSED]
    refused = sum(result.outcome == REFUSED for result in results)
    deviations = tuple(
        Deviation(f"{_name(one.structure)} {one.element} {one.kind}", (one.detail,)) for one in missed
    )
    other = sum(result.outcome == NOT_CONSTRUCTIBLE for result in results)
    return Figure(row, refused, refused + len(missed), deviations, f"{other:,} more are not constructible")


def lists(results: list[Result]) -> dict[str, tuple[str, ...]]:
    """Counts by kind, and the reasons why rules could not be broken, most frequent first."""
    by_kind = Counter((_kind(result), result.outcome) for result in results)
    kinds = sorted({kind for kind, _ in by_kind})
    rows = [
        f"{kind}: {', '.join(str(by_kind[kind, end]) for end in (REFUSED, MISSED, NOT_CONSTRUCTIBLE))}"
        for kind in kinds
    ]
    why = Counter(_reason(result) for result in results if result.outcome == NOT_CONSTRUCTIBLE)
    return {
        BY_KIND: tuple(rows),
        WHY_NOT: tuple(f"{count} times {reason}" for reason, count in why.most_common()),
    }


def _measured(suite: str, definitions: Definitions, day: str) -> Measured:
    mutation = Mutation(definitions, Terminology(definitions))
    results = [result for structure in own(definitions) for result in mutation.of(structure)]
    return Measured(suite, day, (figure(suite, results),), {}, lists(results))


def _reason(result: Result) -> str:
    """Why nothing could be made: of what stood in the way, the first."""
    return result.detail.partition(";")[0].strip()


def _kind(result: Result) -> str:
    """The kind of rule; every invariant is of one kind, whatever its key."""
    return result.kind if result.kind in KINDS else "invariant"


def _name(canonical: str) -> str:
    return canonical.rsplit("/", 1)[-1]
