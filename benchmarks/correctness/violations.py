"""Constraint mutation: every rule of a structure is broken once in an otherwise valid instance, and must be refused.

For each element the kinds are: min, max, fixed, pattern, required binding, closed slicing and invariant. A rule is
*refused* when the validator finds an error that names it, *missed* when it finds none for that reason, and *not
constructible* when no valid instance, or no instance that breaks only this, could be made; those are listed.
"""

from collections.abc import Iterator

from benchmarks.correctness.broken_invariants import Breaker
from benchmarks.correctness.instances import (
    HOLLOW,
    OMIT,
    OTHER_CODE,
    OTHER_VALUE,
    STRAY,
    TOO_MANY,
    Maker,
    Spoil,
    walk,
)
from benchmarks.correctness.places import bare
from benchmarks.correctness.results import MISSED, NOT_CONSTRUCTIBLE, REFUSED, Job, Result, told
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.table import Element, Structure
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Issue, Outcome
from conformance.fhir.validation.validator import Validator


class Mutation:
    """Breaks the rules of structures, one after another."""

    def __init__(self, definitions: Definitions, terminology: Terminology) -> None:
        self._definitions = definitions
        self._terminology = terminology
        self._maker = Maker(definitions, terminology)
        self._breaker = Breaker(definitions, self._maker)

    def of(self, structure: Structure) -> Iterator[Result]:
        """The result of every rule of one structure."""
        applied = () if structure.type == "Extension" else (structure.url,)
        validator = Validator(self._definitions, self._terminology, structures=applied)
        job = Job(structure, validator, self._maker)
        for chain, element in walk(structure.root):
            kinds = tuple(self._kinds(chain, element))
            if not kinds and not element.constraints:
                continue
            for kind, how in kinds:
                yield self._broken(job, chain, element, kind, how)
            for constraint in element.constraints:
                if constraint.severity == "error" and constraint.key != EMPTY:
                    yield self._breaker.broken(job, chain, element, constraint)
        for constraint in structure.root.constraints:
            if constraint.severity == "error":
                yield self._breaker.broken(job, (), structure.root, constraint)

    def _kinds(self, chain: tuple[Element, ...], element: Element) -> Iterator[tuple[str, str]]:
        if any(above.max == 0 for above in chain[:-1]):
            return
        if element.min > 0:
            yield ("slice min" if element.slice_name else "min"), OMIT
        if element.max is not None:
            yield ("slice max" if element.slice_name else "max"), TOO_MANY
        if element.max == 0:
            return
        if any(constraint.key == EMPTY for constraint in element.constraints):
            yield EMPTY, HOLLOW
        if element.fixed is not None:
            yield "fixed", OTHER_VALUE
        if element.pattern is not None:
            yield "pattern", OTHER_VALUE
        if element.binding is not None and element.binding.strength == "required":
            yield "required binding", OTHER_CODE
        if (
            element.slicing is not None
            and element.slicing.rules == "closed"
            and element.slices
            and not element.is_choice
        ):
            yield "closed slicing", STRAY

    def _broken(self, job: Job, chain: tuple[Element, ...], element: Element, kind: str, how: str) -> Result:
        said = Result(job.structure.url, element.id, kind, NOT_CONSTRUCTIBLE)
        if how == OTHER_CODE and not self._decidable(element):
            return said.because("the value set cannot be expanded without a terminology server")
        around = chain[:-1] if how in {OMIT, TOO_MANY} else chain
        valid = job.valid(around)
        if valid is None:
            return said.because(job.trouble(around))
        spoilt = self._maker.make(job.structure, around if how == OMIT else chain, Spoil(element, how), valid)
        if spoilt == self._maker.make(job.structure, around, None, valid):
            return said.because("breaking it changes nothing")
        outcome = job.judge(spoilt)
        errors = [issue for issue in outcome.issues if issue.is_error]
        if any(_names(issue, element, kind) for issue in errors):
            return said.ending(REFUSED)
        lawful = _lawful(chain, element, kind, outcome, errors)
        if lawful:
            return said.because(lawful)
        unjudged = [f"not evaluated: {rule.kind} {rule.subject}" for rule in outcome.not_evaluated]
        return said.ending(
            MISSED, "; ".join(([told(issue) for issue in errors] or unjudged or ["accepted"])[:3])
        )

    def _decidable(self, element: Element) -> bool:
        assert element.binding is not None
        value_set = element.binding.value_set
        return bool(self._terminology.expansion(value_set) or self._terminology.codes(value_set))


def _names(issue: Issue, element: Element, kind: str) -> bool:
    path = element.path.replace("[x]", "")
    place = bare(issue.expression)
    near = place == path or place == path.rsplit(".", 1)[0] or place.startswith(path + ".")
    near = near or (issue.message_id.startswith("slice-") and path.startswith(place + "."))
    return near and issue.message_id in REASONS[kind]


def _lawful(
    chain: tuple[Element, ...], element: Element, kind: str, outcome: Outcome, errors: list[Issue]
) -> str:
    """Why breaking a rule breaks nothing after all, or why nobody here can tell; empty where neither is so."""
    if _tells_apart(chain, element, kind):
        return "it tells an extension or a slice of an open slicing apart: without it the item is another one"
    slices = [rule.subject for rule in outcome.not_evaluated if rule.kind == "slice"]
    if not errors and any(subject.endswith(f"#{above.id}") for subject in slices for above in chain):
        return "the slice that it belongs to cannot be told without a terminology server"
    if errors and {issue.message_id for issue in errors} == {"object-empty"}:
        return "its parent can hold nothing else, and is refused for being empty"
    return ""


def _tells_apart(chain: tuple[Element, ...], element: Element, kind: str) -> bool:
    """Whether the element is what tells an extension, or an optional slice of an open slicing, from other items."""
    if element.path == "Extension.url" and ":" not in element.id:
        return True
    if kind not in {"fixed", "pattern", "min", "required binding"}:
        return False
    return any(slice_.slice_name and slice_.min == 0 and element.id.startswith(slice_.id) for slice_ in chain)


EMPTY = "ele-1"
REASONS: dict[str, frozenset[str]] = {
    "min": frozenset({"too-few", "missing", "value-missing", "slice-missing", "slice-closed"}),
    "slice min": frozenset({"slice-missing", "too-few", "missing"}),
    "max": frozenset({"too-many", "not-allowed-here", "array-not-allowed", "choice-repeated"}),
    "slice max": frozenset({"slice-too-many", "too-many", "not-allowed-here", "array-not-allowed"}),
    "fixed": frozenset({"fixed-value", "slice-missing", "slice-closed", "extension-unknown"}),
    "pattern": frozenset({"pattern", "slice-missing", "slice-closed"}),
    "required binding": frozenset({"code-not-in-required", "code-missing-for-required", "slice-missing"}),
    EMPTY: frozenset(
        {"extension-content", "element-without-content", "object-empty", "null-not-allowed", "value-missing"}
    ),
    "closed slicing": frozenset({"slice-closed", "type-not-allowed", "choice-type-not-allowed"}),
}
