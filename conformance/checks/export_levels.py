"""Checks of what an export of a level holds: groups, the Patient compartment, documents, scopes.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-kick-off-request
"""

from collections.abc import Iterator
from typing import Any

from conformance.analysis.export import (
    CLIENT_ERROR,
    export_steps,
    exported,
    is_whole,
    level_of,
    manifest,
    output_files,
    without_parameters,
)
from conformance.analysis.facts import facts_of
from conformance.analysis.instants import instant
from conformance.analysis.samples import samples
from conformance.checks.export_parameters import full_export
from conformance.checks.export_reading import accepted, job, kick_off_of, manifest_of, output_of
from conformance.checks.export_selection import all_exported, last_updated, name_of
from conformance.checks.picking import listed
from conformance.fhir.compartments import COMPARTMENT_TYPES, owners
from conformance.fhir.references import named
from conformance.plugin import (
    Evidence,
    Findings,
    NoData,
    NotApplicable,
    NotJudgeable,
    Remark,
    StepEvidence,
    check,
)


@check("export-group-found")
def group_is_found(evidence: Evidence, *, label: str) -> Findings:
    """Where a group can be exported, a Group can be read or searched for, as the request with this label did."""
    step = next((each for each in export_steps(evidence) if level_of(each) == "group"), None)
    if step is None:
        raise NoData("no group was exported")
    accepted(step, "the export of a group")
    answer = next(iter(evidence.labelled(label)), None)
    if answer is None:
        raise NoData("no Group was asked for")
    resource = answer.resource() if answer.ok else None
    if resource is None or resource["resourceType"] not in {"Group", "Bundle"}:
        yield answer.finding(f"answered {answer.status} and no Group, though groups can be exported")


@check("export-compartment-complete")
def compartment_is_complete(evidence: Evidence) -> Findings:
    """An export of all patients holds what is in their compartments, of the types that are exported at all."""
    step, full = _of_level(evidence, "patient"), full_export(evidence)
    answer, listing = manifest_of(step)
    if not is_whole(step):
        raise NoData("some of the export could not be fetched or read, so nothing can be missed in it")
    part, until = exported(step), instant(listing.get("transactionTime"))
    missing, due = [], 0
    for resource in all_exported(full, COMPARTMENT_TYPES):
        updated = last_updated(resource)
        if not owners(resource).patients:
            continue
        if until is not None and updated is not None and updated > until:
            continue
        due += 1
        if not part.has(name_of(resource)):
            missing.append(name_of(resource))
    if not due:
        raise NoData("the export of the whole system holds nothing that is in the compartment of a patient")
    if missing:
        yield answer.finding(
            f"led to an export without {len(missing)} of {due} resources of the Patient compartment: {listed(missing)}"
        )


@check("export-holds-patients")
def holds_patients(evidence: Evidence) -> Findings:
    """An export of patients holds the Patient resources, where the system has any."""
    step, full = _of_level(evidence, "patient"), full_export(evidence)
    answer, _ = manifest_of(step)
    if not exported(full).counts.get("Patient"):
        raise NoData("the export of the whole system holds no Patient")
    if not exported(step).counts.get("Patient"):
        yield answer.finding("led to an export of all patients without any Patient")


@check("export-binaries-described")
def binaries_are_described(evidence: Evidence) -> Findings:
    """Binary content about a patient is told of by a DocumentReference whose attachment leads to it, or holds it."""
    found = False
    for step in export_steps(evidence):
        if manifest(step) is None or not is_whole(step) or "Binary" not in exported(step).counts:
            continue
        answer, _ = manifest_of(step)
        described = {name for one in _document_attachments(step) if (name := named(one))}
        about = [b for b in all_exported(step, {"Binary"}) if _is_about_patient(b)]
        found = found or bool(about)
        bare = [name_of(binary) for binary in about if name_of(binary) not in described]
        if bare:
            yield answer.finding(
                f"led to {len(bare)} Binary about patients that no DocumentReference names: {listed(bare)}"
            )
    if not found:
        raise NotApplicable("no Binary is exported that is known to be about a patient")


@check("export-within-scope")
def within_scope(evidence: Evidence) -> Findings:
    """A token that is good for one type brings nothing of another, whatever the export asks for."""
    token = next((token for token in evidence.labelled("token-narrow") if token.ok), None)
    told: Any = token.json_or_none() if token is not None else None
    if not isinstance(told, dict):
        raise NoData("no token for one type could be had")
    step = job(evidence)
    granted = str(told.get("scope", step.notes.get("asked", "")))
    types = {
        word.removeprefix("system/").partition(".")[0]
        for word in granted.split()
        if word.startswith("system/")
    }
    if "*" in types or not types:
        raise NotJudgeable(f"the token that was asked for one type has the scope {granted[:80]!r}")
    request = kick_off_of(step)
    if request.status >= CLIENT_ERROR:
        raise NotApplicable(f"the target refuses such an export ({request.status}), as it may")
    output_of(step)
    for kind, number in sorted(exported(step).counts.items()):
        if kind not in types | {"OperationOutcome"}:
            yield request.finding(
                f"led to {number} resources of type {kind!r}, with a token for {', '.join(sorted(types))}"
            )


@check("export-not-lagging")
def is_not_lagging(evidence: Evidence) -> Findings:
    """What a search showed before the export, in a state no later than its transactionTime, is in the export.

    Which types, and which of their resources, are exported at all, is for the server to say. But where just the
    latest changes are missing, the export is older than it says.
    """
    step = full_export(evidence)
    answer, listing = manifest_of(step)
    until, facts = instant(listing.get("transactionTime")), exported(step)
    if until is None or not is_whole(step):
        raise NoData("there is no transactionTime, or some of the export could not be fetched or read")
    newest = {
        kind: max((at for i in ids if (at := instant(facts.updated.get(f"{kind}/{i}")))), default=None)
        for kind, ids in facts.ids.items()
    }
    late: list[str] = []
    others: list[str] = []
    compared = 0
    seen = samples(evidence.discovery)
    for kind in seen.types:
        limit = newest.get(kind)
        for resource in seen.of(kind) if limit is not None else ():
            updated = last_updated(resource)
            if updated is None or updated > until:
                continue
            compared += 1
            if not facts.has(name_of(resource)):
                (late if limit is not None and updated > limit else others).append(name_of(resource))
    if not compared:
        raise NoData("no resource that a search showed has a time of its last update")
    if late:
        yield answer.finding(
            f"has transactionTime {listing['transactionTime']!r}, and is without {len(late)} resources that a search"
            f" had shown, each newer than all of its type that were exported: {listed(late)}"
        )
    if others:
        yield Remark(
            f"the export is without {len(others)} of {compared} resources that a search showed: {listed(others)}"
        )


def _document_attachments(step: StepEvidence) -> Iterator[str]:
    for file in output_files(step):
        for attachment in facts_of(file).attachments:
            if attachment.source.startswith("DocumentReference/"):
                yield attachment.url


def _is_about_patient(binary: dict[str, Any]) -> bool:
    context = binary.get("securityContext")
    target = named(context.get("reference")) if isinstance(context, dict) else None
    return target is not None and target.startswith("Patient/")


def _of_level(evidence: Evidence, level: str) -> StepEvidence:
    step = next((each for each in export_steps(evidence) if level_of(each) == level), None)
    if step is None or without_parameters(evidence) is step:
        raise NoData(f"no export at {level} level was made")
    accepted(step, f"the export at {level} level")
    manifest_of(step)
    return step
