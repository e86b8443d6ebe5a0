"""The check that one patient can be exported alone, with all that the export of everything has about them."""

from conformance.analysis.export import export_steps, exported, is_whole, manifest, output_files
from conformance.analysis.facts import resources
from conformance.checks.completeness import COMPARED_BY_PATIENT
from conformance.checks.export_reading import kick_off_of, manifest_of
from conformance.checks.picking import listed
from conformance.fhir.bundles import entries
from conformance.fhir.compartments import owners
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, StepEvidence, check


@check("single-patient-exported")
def single_patient_exported(evidence: Evidence) -> Findings:
    """A single patient's export, in a way that is declared, gives the patient and what an export of all has about them.

    What is compared are types that are about patients, as they stand in the export of everything; a record that changed
    between the two is no loss. Not declaring any way is a fault.
    """
    step = next((each for each in evidence.steps if "way" in each.notes), None)
    if step is None:
        raise NoData("no patient was exported alone")
    name = str(step.notes.get("patient"))
    if not step.notes["way"]:
        yield "the target declares no operation for the export of a single patient ($everything, or $export on Patient)"
        return
    answer, held = _by_bundle(step) if step.labelled("everything") else _by_files(step)
    if not answer.ok:
        yield answer.finding(f"answered {answer.status}, so that {name} is not exported alone")
        return
    if name not in held:
        yield answer.finding(f"gave an export of {name} that does not hold the patient")
        return
    if step.notes.get("everything-incomplete"):
        raise NotJudgeable("not all pages of the patient's export could be fetched")
    due = _about(evidence, name)
    missing = sorted(due - held)
    if missing:
        yield answer.finding(
            f"gave an export of {name} without {len(missing)} of the {len(due)} resources about them that the export of"
            f" everything holds: {listed(missing)}"
        )
    if due <= {name}:
        raise NoData(f"the export of everything holds nothing about {name} but the patient itself")


def _by_bundle(step: StepEvidence) -> tuple[Exchange, set[str]]:
    pages = step.labelled("everything")
    for page in pages:
        if page.ok and page.resource("Bundle") is None:
            raise NotJudgeable(f"{page} answered no Bundle that could be read")
    bundles = [page.resource("Bundle") or {} for page in pages if page.ok]
    return pages[-1], {
        f"{one['resourceType']}/{one.get('id')}"
        for bundle in bundles
        for entry in entries(bundle)
        if isinstance(one := entry.get("resource"), dict) and isinstance(one.get("resourceType"), str)
    }


def _by_files(step: StepEvidence) -> tuple[Exchange, set[str]]:
    request = kick_off_of(step)
    if not request.ok:
        return request, set()
    answer, _ = manifest_of(step)
    facts = exported(step)
    return answer, {f"{kind}/{identity}" for kind, ids in facts.ids.items() for identity in ids}


def _about(evidence: Evidence, patient: str) -> set[str]:
    """What the export of everything has about the patient. Raises NoData where there is no such export."""
    whole = next(
        (s for s in export_steps(evidence) if "way" not in s.notes and manifest(s) is not None), None
    )
    if whole is None or not is_whole(whole):
        raise NoData("there is no whole export of everything to compare the patient's own with")
    identity = patient.partition("/")[2]
    found: set[str] = set()
    for file in output_files(whole):
        for resource in resources(file):
            if resource["resourceType"] in COMPARED_BY_PATIENT and identity in owners(resource).patients:
                found.add(f"{resource['resourceType']}/{resource.get('id')}")
    # A patient is in the compartment of who was merged with them, but is not part of that record.
    return {name for name in found if not name.startswith("Patient/") or name == patient}
