"""What came of breaking one rule, and the job of breaking those of one structure."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.correctness.instances import BOOKKEEPING, Maker, walk
from benchmarks.correctness.places import bare
from conformance.fhir.definitions.table import Element, Structure
from conformance.fhir.validation.issues import Issue, Outcome
from conformance.fhir.validation.validator import Validator

REFUSED, MISSED, NOT_CONSTRUCTIBLE = "refused", "missed", "not constructible"
TRIES, MOST_CODES, MOST_PAIRS = 40, 12, 200
HOST: dict[str, Any] = {"resourceType": "Basic", "code": {"text": "sample"}}
IN_HOST = "Basic.extension[0]"
MISPLACED = frozenset({"extension-context"})


@dataclass(frozen=True)
class Result:
    """What came of breaking one rule of one element."""

    structure: str
    element: str
    kind: str
    outcome: str
    detail: str = ""

    def because(self, detail: str) -> "Result":
        """The same with a reason."""
        return replace(self, detail=detail)

    def ending(self, outcome: str, detail: str = "") -> "Result":
        """The same with another end."""
        return replace(self, outcome=outcome, detail=detail)


class Job:
    """One structure with its validator, and the elements that its valid instances need beyond the least."""

    def __init__(self, structure: Structure, validator: Validator, maker: Maker) -> None:
        self.structure = structure
        self.validator = validator
        self.maker = maker
        self._needed: frozenset[str] | None = None
        self._known: dict[tuple[int, ...], frozenset[str] | None] = {}

    def valid(self, chain: tuple[Element, ...]) -> frozenset[str] | None:
        """Ids of elements that make an instance with this chain valid; None where none were found."""
        if self._needed is None:
            self._needed = self._repaired((), frozenset()) or frozenset()
        key = tuple(id(element) for element in chain)
        if key not in self._known:
            self._known[key] = self._repaired(chain, self._needed)
        return self._known[key]

    def trouble(self, chain: tuple[Element, ...]) -> str:
        """Why no valid instance with this chain was found."""
        left = self.errors(chain, self._needed or frozenset())
        return "no valid instance was found: " + "; ".join(map(told, left[:3]))

    def errors(self, chain: tuple[Element, ...], forced: frozenset[str]) -> list[Issue]:
        """The errors of the instance that is made so."""
        made = self.maker.make(self.structure, chain, None, forced)
        return [issue for issue in self.judge(made).issues if issue.is_error]

    def judge(self, made: dict[str, Any]) -> Outcome:
        """What the validator says of an instance; places in an extension are told from the extension down."""
        if self.structure.type != "Extension":
            return self.validator.explain_resource(made)
        outcome = self.validator.explain_resource({**HOST, "extension": [made]})
        inside = [
            replace(issue, expression=issue.expression.replace(IN_HOST, "Extension", 1))
            for issue in outcome.issues
            if issue.message_id not in MISPLACED
        ]
        return replace(outcome, issues=tuple(inside))

    def _repaired(self, chain: tuple[Element, ...], forced: frozenset[str]) -> frozenset[str] | None:
        errors = self.errors(chain, forced)
        for _ in range(6):
            if not errors:
                return forced
            better = next(
                (
                    (tried, left)
                    for tried in self._candidates(errors, forced)
                    if len(left := self.errors(chain, tried)) < len(errors)
                ),
                None,
            )
            if better is None:
                return None
            forced, errors = better
        return forced if not errors else None

    def _candidates(self, errors: list[Issue], forced: frozenset[str]) -> Iterator[frozenset[str]]:
        """Further elements to fill, one or two, and other codes, at the places of the errors."""
        places = {bare(issue.expression) for issue in errors}
        single: list[frozenset[str]] = []
        for chain, element in walk(self.structure.root):
            above = element.path.rsplit(".", 1)[0].replace("[x]", "")
            if above not in places or element.max == 0 or element.name in BOOKKEEPING:
                continue
            single.append(frozenset({element.id, *(e.id for e in chain)}))
            for code in self.maker.codes(element)[:MOST_CODES]:
                yield self._without(forced, element) | {f"{element.id}={code}"}
        yield from (forced | more for more in single[:TRIES])
        for one, other in itertools.islice(itertools.combinations(single, 2), MOST_PAIRS):
            yield forced | one | other

    def _without(self, forced: frozenset[str], element: Element) -> frozenset[str]:
        return frozenset(mark for mark in forced if not mark.startswith(f"{element.id}="))


def told(issue: Issue) -> str:
    """An issue in a few words."""
    return f"{issue.message_id} {issue.rule} at {issue.expression}"
