"""Checks that an export holds everything: by count, by patient, by reference, and by its own list of errors."""

from collections.abc import Set as AbstractSet
from typing import Literal

from conformance.analysis.bracket import Bracket, brackets
from conformance.analysis.export import error_files, exported, level_of, listed, output_files
from conformance.analysis.facts import FileFacts, facts_of
from conformance.checks.export_reading import job, manifest_of
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed as some
from conformance.fhir.bundles import matches
from conformance.fhir.compartments import COMPARTMENT_TYPES
from conformance.fhir.references import named
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

DEFINITIONS = frozenset(
    {
        "CapabilityStatement",
        "CodeSystem",
        "CompartmentDefinition",
        "ConceptMap",
        "GraphDefinition",
        "ImplementationGuide",
        "MessageDefinition",
        "NamingSystem",
        "OperationDefinition",
        "SearchParameter",
        "StructureDefinition",
        "StructureMap",
        "TerminologyCapabilities",
        "ValueSet",
    }
)
"""Types that describe the server or the standard, and are no data of a buyer."""

COMPARED_BY_PATIENT = COMPARTMENT_TYPES - {"AuditEvent", "Group", "Person", "Provenance", "Schedule"}
"""Types that are about patients altogether: the others of the compartment may hold what is about nobody's record."""

REFUSED_COUNT = frozenset({400, 401, 403, 404, 405, 413, 422, 501})
"""With these a server refuses to count all resources of a type, as it may: a search can be bound to a patient."""


@check("export-counts-match")
def export_counts_match(
    evidence: Evidence, *, tolerance: int = 0, of: Literal["declared", "exported"] = "declared"
) -> Findings:
    """Of each resource type that the target declares, the export holds as many as a search counts.

    The search counts before and after the export, and the number exported lies between the two. Types that describe
    the standard and not the buyer's data are left out. Where the export is one of patients or of a group, only types of
    the patient compartment are compared, and a group has to hold all patients. A type of which an unfiltered search is
    refused leaves it untested whether all of it was exported. `of: exported` compares only types of which the export
    of a whole system holds something.
    """
    facts, answer = _facts(evidence)
    totals, without = brackets(evidence)
    level = level_of(job(evidence))
    left_out = _not_compared(level, totals.keys(), facts.counts.keys() if of == "exported" else None)
    totals = {kind: bracket for kind, bracket in totals.items() if kind not in left_out}
    _require_everybody(level, facts, totals)
    if not facts.resources and not any(bracket.highest for bracket in totals.values()):
        raise NoData("the target holds no resources, or shows none, so there is nothing to count")
    changed: list[str] = []
    for kind, bracket in sorted(totals.items()):
        number = facts.counts.get(kind, 0)
        if bracket.holds(number, tolerance):
            continue
        if bracket.unchanged:
            yield answer.finding(
                f"led to an export with {number} resources of type {kind}, but a search counts {bracket.highest}"
            )
        else:
            changed.append(kind)
    if changed:
        raise NotJudgeable(f"the target changed while it was exported: {some(changed)}")
    uncounted = {e.about.get("type", ""): e.status in REFUSED_COUNT for e in without}
    for kind in left_out & uncounted.keys():
        del uncounted[kind]
    if silent := sorted(kind for kind, refused in uncounted.items() if not refused):
        raise NotJudgeable(f"the target states no total for {some(silent)}")
    if uncounted:
        raise NoData(f"the target refuses to count {some(sorted(uncounted))} without a filter, as it may")
    if not totals:
        raise NoData("no type was counted before and after the export")


def _not_compared(level: str, counted: AbstractSet[str], exported: AbstractSet[str] | None) -> set[str]:
    """Types that say nothing of whether all was exported; of those `exported` alone, where they are given."""
    if exported is None:
        return {*DEFINITIONS, *(() if level == "system" else counted - COMPARED_BY_PATIENT)}
    if level != "system":
        raise NotApplicable("the target declares no export of the whole system")
    return {*DEFINITIONS, *(counted - exported)}


@check("export-has-patients")
def export_has_patients(evidence: Evidence) -> Findings:
    """Each patient that a search lists is in the export."""
    facts, answer = _facts(evidence)
    pages = evidence.labelled("patient-page")
    known = [
        resource["id"]
        for page in pages
        for resource in matches((page.resource("Bundle") if page.ok else None) or {})
        if resource.get("resourceType") == "Patient" and isinstance(resource.get("id"), str)
    ]
    if not known:
        raise NoData("a search listed no patients")
    missing = sorted(set(known) - facts.ids.get("Patient", set()))
    if missing and _changed(evidence, "Patient"):
        raise NotJudgeable("patients were added or removed while the target was exported")
    if missing:
        yield answer.finding(
            f"led to an export without {len(missing)} of the {len(set(known))} patients that a search lists: "
            f"{some(missing)}"
        )
    if any(not page.ok for page in pages) or any(
        step.notes.get("patients-incomplete") for step in evidence.steps
    ):
        raise NotJudgeable("not all pages of the search for patients could be read")


@check("export-references-resolve")
def export_references_resolve(evidence: Evidence, *, tolerance: int = 0) -> Findings:
    """Each reference in the export to a resource of this target leads to a resource of the export."""
    facts, answer = _facts(evidence)
    base = evidence.target.endpoint.rstrip("/") + "/"
    own = [(source, target) for source, raw in facts.references if (target := _own(raw, base)) is not None]
    if level_of(job(evidence)) != "system":
        own = [(source, target) for source, target in own if target.split("/")[0] in COMPARED_BY_PATIENT]
    if not own:
        raise NoData("the export holds no reference to a resource of this target")
    dangling = [(source, target) for source, target in own if not facts.has(target)]
    certain = [
        (source, target) for source, target in dangling if not _changed(evidence, target.split("/")[0])
    ]
    if len(certain) > tolerance:
        shown = some(f"{source} refers to {target}" for source, target in sorted(set(certain)))
        yield answer.finding(
            f"led to an export in which {len(certain)} of {len(own)} references lead to nothing: {shown}"
        )
    elif len(dangling) > tolerance:
        raise NotJudgeable("references lead to resources of types that changed while the target was exported")


@check("export-reports-errors")
def export_reports_errors(evidence: Evidence) -> Findings:
    """The manifest has a list of error files, empty if nothing went wrong; those listed hold OperationOutcomes."""
    step = job(evidence)
    answer, listing = manifest_of(step)
    if not isinstance(listing.get("error"), list):
        yield answer.finding("has no list of error files (error), so that nobody can tell what was left out")
        return
    fetched = {file.about.get("index"): file for file in error_files(step)}
    for index, _ in listed(listing, "error"):
        file = fetched.get(str(index))
        if file is None:
            yield answer.finding(f"lists the error file error[{index}], which could not be fetched")
    for file in fetched.values():
        facts = facts_of(file)
        others = sorted(set(facts.counts) - {"OperationOutcome"})
        if others or facts.invalid_count:
            what = some(others) if others else "lines that hold no resource"
            yield file.finding(f"is a file of errors that holds {what}, not only OperationOutcomes")


@check("export-completes")
def export_completes(evidence: Evidence) -> Findings:
    """An export of everything was accepted and followed to a manifest, and every file in it was fetched."""
    step = job(evidence)
    request = step.labelled("kick-off")[-1]
    if not request.ok:
        yield request.finding(f"answered {request.status}, so that no export was begun")
        return
    if any(poll.status >= 400 for poll in step.labelled("status")[-1:]):  # noqa: PLR2004 - errors of HTTP
        last = step.labelled("status")[-1]
        yield last.finding(f"ended the export with {last.status}, not with a manifest")
        return
    whole_export(evidence)
    answer, listing = manifest_of(step)
    fetched = {file.about.get("index") for file in output_files(step)}
    for index, item in listed(listing, "output"):
        if str(index) not in fetched:
            yield answer.finding(
                f"lists output[{index}] ({item.get('type', 'no type')}), which could not be fetched"
            )
    if not exported(step).resources:
        raise NoData("the export holds no resources, which shows nothing")


def _require_everybody(level: str, facts: FileFacts, totals: dict[str, Bracket]) -> None:
    """Raises NoData where the export is one of a group that does not hold all patients."""
    patients = totals.get("Patient")
    if level == "group" and (patients is None or facts.counts.get("Patient", 0) < patients.lowest):
        raise NoData("a group was exported that does not hold all patients, so that nothing can be counted")


def _facts(evidence: Evidence) -> tuple[FileFacts, Exchange]:
    """What the first export holds, and the answer that carries its manifest. Raises NoData."""
    step, answer = whole_export(evidence)
    return exported(step), answer


def _changed(evidence: Evidence, kind: str) -> bool:
    bracket: Bracket | None = brackets(evidence)[0].get(kind)
    return bracket is not None and not bracket.unchanged


def _own(reference: str, base: str) -> str | None:
    """`Type/id` where a reference is relative or to this target; None for whatever lies elsewhere."""
    relative = reference.removeprefix(base)
    return named(relative) if "://" not in relative and not relative.startswith("urn:") else None
