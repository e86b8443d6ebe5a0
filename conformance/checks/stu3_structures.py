"""Checks of resources of FHIR STU3 against structures that come from the tester's packages."""

from conformance.analysis.structures import examined
from conformance.checks.structures import Judged, type_of
from conformance.plugin import Evidence, Findings, NoData, check

STU3 = "3.0"


@check("stu3-structure", definitions=True)
def stu3_structure(evidence: Evidence, *, structure: str, label: str) -> Findings:
    """Each resource of the type meets this structure of FHIR STU3.

    It is judged by the packages that the tester gives, with STU3's own among them (hl7.fhir.r3.core); the harness
    ships definitions of R4 only, and does not judge by these.
    """
    definitions = evidence.definitions
    if definitions is None or not definitions.fhir_version.startswith(STU3):
        lacking = f" ({'; '.join(evidence.lacking)})" if evidence.lacking else ""
        raise NoData(
            f"no definitions of FHIR STU3 were at hand{lacking}: give hl7.fhir.r3.core with --package"
        )
    kind = type_of(structure, definitions, evidence)
    judged = Judged.of(
        evidence,
        label,
        lambda exchange: examined(exchange, definitions, (structure,), kind, lambda _: True, "all"),
    )
    if not judged.resources:
        raise NoData(f"no {kind} was given")
    yield from judged.findings(lambda _: True)
    yield from judged.remarks(None)
