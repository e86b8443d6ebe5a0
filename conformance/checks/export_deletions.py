"""Checks of what an export tells of deleted resources.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest
"""

from collections.abc import Iterator
from typing import Any, Literal

from conformance.analysis.export import (
    deleted_files,
    export_steps,
    exported,
    is_whole,
    manifest,
    output_files,
)
from conformance.analysis.export import listed as items
from conformance.analysis.facts import facts_of, resources
from conformance.analysis.instants import instant
from conformance.checks.export_reading import accepted, job, manifest_of, named, quoted
from conformance.checks.picking import listed
from conformance.fhir.references import named as reference_to
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, StepEvidence, check

Aspect = Literal["bundle", "entries", "requests"]


@check("manifest-deleted-files")
def deleted_files_hold_deletions(evidence: Evidence, *, aspect: Aspect = "bundle") -> Findings:
    """Files of deleted resources are as the guide wants them.

    `bundle`: each line is a Bundle of type transaction. `entries`: each Bundle has entries. `requests`: each entry is
    a request with the method DELETE and a URL.
    """
    found = _files(evidence)
    for file in found:
        for number, resource in enumerate(resources(file), start=1):
            if problem := _problem(aspect, resource):
                yield file.finding(f"({named(file)}) has as its resource {number} {problem}")
                break


@check("export-deleted-told")
def deleted_is_told(evidence: Evidence) -> Findings:
    """What was deleted after `_since` is named in a file of deleted resources.

    A server may have reasons of its own not to tell, so that this is advice and no more.
    """
    step = _changes(evidence)
    answer, listing = manifest_of(step)
    gone = str(step.notes.get("gone"))
    told = deleted_files(step)
    if len(told) < len(items(listing, "deleted")) or any(facts_of(file).invalid_count for file in told):
        raise NoData("a file of deletions could not be fetched or read")
    if gone not in deletions(step):
        yield answer.finding(f"does not tell of {gone}, which was deleted after _since")


@check("export-deleted-apart")
def deleted_is_apart(evidence: Evidence) -> Findings:
    """What is told of as deleted is not exported as well."""
    judged = False
    for step in export_steps(evidence):
        if manifest(step) is None:
            continue
        told = deletions(step)
        gone = step.notes.get("gone")
        everything = told | ({gone} if isinstance(gone, str) else set())
        judged = judged or bool(everything)
        both = sorted(name for name in everything if exported(step).has(name))
        if both:
            answer, _ = manifest_of(step)
            yield answer.finding(f"led to an export of {listed(both)}, which was deleted")
    if not judged:
        raise NotApplicable("nothing is told of as deleted")


@check("export-change-included")
def change_is_included(evidence: Evidence) -> Findings:
    """What was created just before an export is in it, if its transactionTime is not earlier."""
    step = _changes(evidence)
    answer, listing = manifest_of(step)
    kept = str(step.notes.get("kept"))
    until, created = instant(listing.get("transactionTime")), _created(step)
    if until is None or created is None:
        raise NoData("there is no transactionTime, or no time of the change, to compare")
    if created > until:
        raise NotApplicable(
            "the transactionTime is before the change: the export is that of an earlier moment"
        )
    if not exported(step).has(kept):
        if not is_whole(step):
            raise NoData("some of the export could not be fetched or read, so nothing can be missed in it")
        yield answer.finding(f"led to an export without {kept}, which changed before its transactionTime")


@check("export-altered-complete")
def altered_complete(evidence: Evidence) -> Findings:
    """Each record that was changed after `_since` is in the export, as it was changed. Others may be in it as well."""
    step = next(
        (each for each in export_steps(evidence) if isinstance(each.notes.get("altered"), dict)), None
    )
    if step is None:
        raise NoData("nothing was changed before an export")
    accepted(step, "_since")
    answer, _ = manifest_of(step)
    if not is_whole(step):
        raise NoData("some of the export could not be fetched or read, so nothing can be missed in it")
    altered = step.notes["altered"]
    shown = {
        f"{resource['resourceType']}/{resource.get('id')}": resource.get("birthDate")
        for file in output_files(step)
        for resource in resources(file)
    }
    missing = sorted(name for name in altered if name not in shown)
    if missing:
        yield answer.finding(f"led to an export without {listed(missing)}, which changed after _since")
    stale = sorted(name for name in altered if name in shown and shown[name] != altered[name])
    if stale:
        yield answer.finding(f"led to an export with {listed(stale)} as it was before it changed")


def deletions(step: StepEvidence) -> set[str]:
    """The resources that the manifest's `deleted` files name."""
    return {
        name
        for file in deleted_files(step)
        for bundle in resources(file)
        for entry in _entries(bundle)
        if (name := _url_of(entry))
    }


def _url_of(entry: dict[str, Any]) -> str:
    asked = entry.get("request")
    return reference_to(asked.get("url")) or "" if isinstance(asked, dict) else ""


def _files(evidence: Evidence) -> tuple[Exchange, ...]:
    steps = [step for step in export_steps(evidence) if manifest(step) is not None]
    if not steps:
        manifest_of(job(evidence))
    found = tuple(file for step in steps for file in deleted_files(step))
    if not found:
        raise NotApplicable("no manifest lists a file of deleted resources that could be fetched")
    return found


def _changes(evidence: Evidence) -> StepEvidence:
    step = next((each for each in export_steps(evidence) if each.notes.get("gone")), None)
    if step is None:
        raise NoData("nothing was changed before an export")
    accepted(step, "_since")
    return step


def _created(step: StepEvidence) -> Any:
    read = next(iter(step.labelled("read")), None)
    meta = (read.resource() or {}).get("meta") if read is not None else None
    return instant(meta.get("lastUpdated")) if isinstance(meta, dict) else None


def _entries(bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    entries = bundle.get("entry")
    return (entry for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else iter(())


def _problem(aspect: Aspect, resource: dict[str, Any]) -> str:
    if aspect == "bundle" and (resource["resourceType"] != "Bundle" or resource.get("type") != "transaction"):
        kind, use = quoted(resource["resourceType"]), quoted(resource.get("type"))
        return f"a {kind} of type {use}, no transaction Bundle"
    if resource["resourceType"] != "Bundle":
        return ""
    if aspect == "entries" and not any(True for _ in _entries(resource)):
        return "a Bundle without entries"
    for entry in _entries(resource) if aspect == "requests" else ():
        asked = entry.get("request")
        fits = (
            isinstance(asked, dict) and asked.get("method") == "DELETE" and isinstance(asked.get("url"), str)
        )
        if not fits:
            return f"a Bundle whose entry has the request {quoted(asked)}, not a DELETE of a URL"
    return ""
