"""Checks of the Provenance that comes with an export, asked for by includeAssociatedData or not.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters
"""

from typing import Literal

from conformance.analysis.export import export_steps, exported, is_whole, manifest, output_files, parameter
from conformance.analysis.facts import facts_of, resources
from conformance.analysis.instants import instant
from conformance.analysis.samples import samples
from conformance.checks.export_parameters import full_export, step_with, takes_anything
from conformance.checks.export_reading import accepted, manifest_of
from conformance.checks.export_selection import last_updated, name_of
from conformance.checks.picking import listed
from conformance.fhir.references import named
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, StepEvidence, check

LATEST, RELEVANT = "LatestProvenanceResources", "RelevantProvenanceResources"
NO_DATA = "NoSuchData"
Rule = Literal["latest", "relevant", "widest", "available"]


@check("export-provenance")
def provenance(evidence: Evidence, *, rule: Rule) -> Findings:
    """The Provenance in an export is that which was asked for.

    `relevant`: all of what else is exported. `latest`: of each resource the one recorded last, and no other.
    `widest`: where both were asked for, all. `available`: without a word about it, all that the system has.
    Who brings none, and takes any value of includeAssociatedData, does not support it, and is bound by the last only.
    """
    full = full_export(evidence)
    known = _by_target(full)
    if rule == "available":
        yield from _available(evidence, full)
        return
    step = _associated(evidence, rule)
    accepted(step, "includeAssociatedData")
    answer, _ = manifest_of(step)
    if not is_whole(step):
        raise NoData("some of the export could not be fetched or read, so nothing can be missed in it")
    part = exported(step)
    if not part.ids.get("Provenance") and takes_anything(evidence, "includeAssociatedData", NO_DATA):
        raise NotApplicable(
            "the target passes over includeAssociatedData, whatever its value, so that it does not support it; it"
            " should say so"
        )
    others = {
        name
        for kind, ids in part.ids.items()
        if kind != "Provenance"
        for name in (f"{kind}/{i}" for i in ids)
    }
    due: set[str] = set()
    telling = False
    for target in others & known.keys():
        records = known[target]
        newest = max(recorded for recorded, _ in records)
        telling = telling or rule == "relevant" or len({recorded for recorded, _ in records}) > 1
        due |= {name for recorded, name in records if rule != "latest" or recorded == newest}
    if not due or not telling:
        raise NotApplicable(
            "nothing that was exported has Provenance, or more than one, by which this could be seen"
        )
    if missing := sorted(name for name in due if not part.has(name)):
        yield answer.finding(
            f"led to an export without {len(missing)} of {len(due)} Provenance due: {listed(missing)}"
        )
    surplus = sorted(
        f"Provenance/{i}" for i in part.ids.get("Provenance", ()) if f"Provenance/{i}" not in due
    )
    known_names = {name for records in known.values() for _, name in records}
    if rule == "latest" and (older := [name for name in surplus if name in known_names]):
        yield answer.finding(
            f"led to {len(older)} Provenance that are not the latest of anything: {listed(older)}"
        )


def _available(evidence: Evidence, full: StepEvidence) -> Findings:
    answer, _ = manifest_of(full)
    if not is_whole(full):
        raise NoData("some of the export could not be fetched or read, so nothing can be missed in it")
    until = instant((manifest(full) or {}).get("transactionTime"))
    shown = [
        resource
        for resource in samples(evidence.discovery).of("Provenance")
        if until is None or (at := last_updated(resource)) is None or at <= until
    ]
    if not shown:
        raise NotApplicable("the target shows no Provenance by search, so that none is known to be available")
    missing = [name_of(resource) for resource in shown if not exported(full).has(name_of(resource))]
    if missing:
        yield answer.finding(
            f"led to an export without {len(missing)} of {len(shown)} Provenance that a search shows"
        )


def _associated(evidence: Evidence, rule: Rule) -> StepEvidence:
    asked = {"latest": {LATEST}, "relevant": {RELEVANT}, "widest": {LATEST, RELEVANT}}[rule]
    for step in export_steps(evidence):
        values = {word for value in parameter(step, "includeAssociatedData") for word in value.split(",")}
        if values == asked:
            return step
    return step_with(evidence, "includeAssociatedData")


def _by_target(step: StepEvidence) -> dict[str, list[tuple[str, str]]]:
    """For each resource its Provenance, as pairs of the moment when it was recorded and its name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file in output_files(step):
        if "Provenance" not in facts_of(file).counts:
            continue
        for resource in resources(file):
            if resource["resourceType"] == "Provenance" and isinstance(resource.get("target"), list):
                recorded = instant(resource.get("recorded"))
                moment = recorded.isoformat() if recorded is not None else ""
                for target in resource["target"]:
                    name = named(target.get("reference")) if isinstance(target, dict) else None
                    if name is not None:
                        found.setdefault(name, []).append((moment, name_of(resource)))
    return found
