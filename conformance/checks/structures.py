"""Checks of resources against the structures that they must meet (https://hl7.org/fhir/R4/validation.html)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from conformance.analysis.structures import (
    Aspect,
    Examination,
    Examined,
    Resource,
    claimed,
    examined,
    examiner,
    known,
)
from conformance.checks.picking import listed, permitted, picked
from conformance.fhir.definitions import r4
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.summary import Summary
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotApplicable,
    NotJudgeable,
    Remark,
    check,
)

SAMPLED = "sampled"
MOST_PLACES = 3
MOST_NOT_JUDGED = 8


@check("valid-resources", definitions=True)
def valid_resources(
    evidence: Evidence,
    *,
    aspect: list[Aspect] | Aspect,
    kind: str = "",
    label: str = SAMPLED,
) -> Findings:
    """Each resource in the answers breaks no rule of this kind, by FHIR R4 and the packages that the suite pins.

    The kinds are: `content` (elements, their number and types), `values` (the form of primitive values), `codes`
    (required value sets), `extensions`, `references` (their form and the types that they may lead to), `contained`
    resources, `invariants`, `claims` (structures in meta.profile), and `vital-signs` (the structures that R4 asks of
    an Observation by its code). Every error is of exactly one kind; equal ones are told once, with their number.
    """
    definitions = definitions_of(evidence)
    judged = Judged.of(evidence, label, lambda exchange: examined(exchange, definitions, kind=kind))
    wanted: set[Aspect] = {aspect} if isinstance(aspect, str) else set(aspect)
    if not judged.resources:
        raise NoData(f"no {kind or 'resource'} was given, so there is none to judge")
    yield from judged.findings(lambda kind: kind in wanted)
    yield from judged.remarks(wanted)
    if "claims" in wanted:
        judged.refuse_without_claims(definitions)
    if "vital-signs" in wanted and not any(resource.vital_sign for resource, _ in judged.resources):
        raise NotApplicable("no Observation that was given has the code of a vital sign")


@check("meets-structure", definitions=True)
def meets_structure(
    evidence: Evidence,
    *,
    structure: str,
    applies: Literal["all", "claimed"] = "all",
    label: str = SAMPLED,
) -> Findings:
    """Each resource in the answers (or each that claims it in meta.profile) meets this structure.

    Source: https://hl7.org/fhir/R4/profiling.html#resources. The structure comes from a FHIR package that the suite
    pins. Rules of other structures that a resource claims are left to `valid-resources`.
    """
    definitions = definitions_of(evidence)
    kind = type_of(structure, definitions, evidence)
    wanted: Callable[[Resource], bool] = lambda resource: applies == "all" or claims(resource, structure)  # noqa: E731
    judged = Judged.of(
        evidence, label, lambda exchange: examined(exchange, definitions, (structure,), kind, wanted, applies)
    )
    if not judged.resources:
        claiming = " that claims the structure in meta.profile" if applies == "claimed" else ""
        raise NoData(f"no {kind}{claiming} was given: load some that meet it")
    made = examiner(definitions, (structure,))
    line = set(made.line(structure))
    yield from judged.findings(
        lambda _: True, lambda issue: not made.line(issue.structure) or _in(line, issue)
    )
    yield from judged.remarks(None)


def definitions_of(evidence: Evidence) -> Definitions:
    """The definitions by which the evidence is judged: FHIR R4, and the packages that the suite pins."""
    return evidence.definitions or r4()


def type_of(structure: str, definitions: Definitions, evidence: Evidence) -> str:
    """The type that a structure constrains. Raises NoData where no package that is at hand defines it."""
    found = known(structure, definitions)
    if found is not None:
        return found.type
    lacking = f" ({'; '.join(evidence.lacking)})" if evidence.lacking else ""
    raise NoData(
        f"no FHIR package that was at hand defines the structure{lacking}: give the package with --package"
        " (NAME@VERSION, a .tgz or a folder), or install it in ~/.fhir/packages"
    )


def claims(resource: Resource, structure: str) -> bool:
    """Whether a resource claims a structure in meta.profile, of whatever version."""
    return structure.partition("|")[0] in {each.partition("|")[0] for each in claimed(resource)}


def _in(line: set[str], issue: Issue) -> bool:
    return issue.structure.partition("|")[0] in line


@dataclass
class Judged:
    """The resources of all answers with what is wrong with them, and the answer that shows each."""

    resources: list[tuple[Examined, Exchange]] = field(default_factory=list)
    doubts: list[Examination] = field(default_factory=list)

    @classmethod
    def of(cls, evidence: Evidence, label: str, examine: Callable[[Exchange], Examination]) -> "Judged":
        """What is wrong with the resources of the answers with this label, each name once."""
        judged, seen = cls(), set[str]()
        for exchange in picked(evidence, label):
            examination = examine(permitted(exchange))
            judged.doubts.append(examination)
            for resource in examination.resources:
                if resource.name not in seen:
                    seen.add(resource.name)
                    judged.resources.append((resource, exchange))
        return judged

    def findings(
        self, of_kind: Callable[[Aspect], bool], wanted: Callable[[Issue], bool] = lambda _: True
    ) -> Iterator[str]:
        """One sentence for each distinct problem, with how many resources have it and the first of them."""
        summary, shown_by = Summary(), dict[str, Exchange]()
        for resource, exchange in self.resources:
            issues = [issue for kind, issue in resource.errors if of_kind(kind) and wanted(issue)]
            summary.add("", 0, resource.name, issues)
            shown_by[resource.name] = exchange
        for group in summary.groups:
            names = list(dict.fromkeys(place.resource for place in group.places))
            number = f", {group.count} times in {len(self.resources)} resources" if group.count > 1 else ""
            text = group.issue.text.rstrip(".")
            example = "for example " if group.varies else ""
            yield shown_by[names[0]].finding(
                f"gave {listed(names, MOST_PLACES)} at fault: {group.expression}: {example}{text}{number}"
            )

    def remarks(self, kinds: set[Aspect] | None) -> Iterator[Remark]:
        """How much was judged, and what could not be."""
        names = {resource.name for resource, _ in self.resources}
        yield Remark(f"{len(names)} resources were judged")
        not_judged = sum((doubt.not_judged for doubt in self.doubts), start=type(self.doubts[0].not_judged)())
        told = [
            (sentence, number)
            for (kind, sentence), number in sorted(not_judged.items())
            if kinds is None or kind in kinds
        ]
        for sentence, number in told[:MOST_NOT_JUDGED]:
            yield Remark(f"not judged, {number} times: {sentence}")
        if len(told) > MOST_NOT_JUDGED:
            yield Remark(f"not judged: {len(told) - MOST_NOT_JUDGED} more rules")

    def refuse_without_claims(self, definitions: Definitions) -> None:
        """Raise NotApplicable where nothing claims a structure, NotJudgeable where none that is claimed is known."""
        made = {claim for resource, _ in self.resources for claim in resource.claims}
        if not made:
            raise NotApplicable("no resource that was given claims in meta.profile that it meets a structure")
        if not any(known(claim, definitions) for claim in made):
            raise NotJudgeable(
                f"no FHIR package that was at hand defines what is claimed ({listed(sorted(made))}):"
                " give the package with --package"
            )
