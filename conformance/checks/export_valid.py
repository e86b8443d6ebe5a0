"""Whether the resources of an export are valid (https://hl7.org/fhir/R4/validation.html)."""

from typing import Literal

from conformance.analysis.export import output_files
from conformance.analysis.facts import resources
from conformance.analysis.structures import Examination, examiner
from conformance.checks.export_whole import whole_export
from conformance.checks.structures import Judged, definitions_of
from conformance.plugin import Evidence, Exchange, Findings, NoData, check


@check("exported-resources-valid", definitions=True)
def exported_resources_valid(evidence: Evidence, *, against: Literal["r4", "claims"] = "r4") -> Findings:
    """Each exported resource is valid against FHIR R4, or against the structures that it claims in meta.profile.

    Structures that no package at hand defines are told as not judged. `r4` covers all rules of the base standard,
    those for vital signs included; `claims` those of structures that a resource says that it meets.
    """
    step, _ = whole_export(evidence)
    definitions = definitions_of(evidence)
    judged = Judged()
    for file in output_files(step):
        examination = _examined(file, evidence)
        judged.doubts.append(examination)
        judged.resources += [(resource, file) for resource in examination.resources]
    if not judged.resources:
        raise NoData("the export holds no resource, so there is none to judge")
    claims = against == "claims"
    yield from judged.findings(lambda kind: (kind == "claims") is claims)
    yield from judged.remarks({"claims"} if claims else None)
    if claims:
        judged.refuse_without_claims(definitions)


def _examined(file: Exchange, evidence: Evidence) -> Examination:
    """What is wrong with the resources of a file, found once for both kinds of rule."""
    definitions = definitions_of(evidence)
    return file.memo(
        f"examined lines {definitions.digest}", lambda: examiner(definitions).examine(resources(file))
    )
