"""How the GP system says no: one exception with the HTTP status, the type of issue and the Spine error code."""

from typing import Any

from conformance.reference.gp_connect.terms import OUTCOME, SPINE_CODES

_DISPLAYS = {
    "INVALID_IDENTIFIER_SYSTEM": "Invalid identifier system",
    "INVALID_NHS_NUMBER": "NHS number invalid",
    "PATIENT_NOT_FOUND": "Patient record not found",
    "NO_RECORD_FOUND": "No record found",
    "NO_PATIENT_CONSENT": "Patient has not provided consent to share data",
    "DUPLICATE_REJECTED": "Create would lead to creation of a duplicate resource",
    "INVALID_RESOURCE": "Submitted resource is not valid.",
    "INVALID_PARAMETER": "Submitted parameter is not valid.",
    "REFERENCE_NOT_FOUND": "Referenced resource not found.",
    "BAD_REQUEST": "Submitted request is malformed/invalid.",
    "NOT_IMPLEMENTED": "FHIR resource or operation not implemented at server",
    "INTERNAL_SERVER_ERROR": "Unexpected internal server error.",
}


class Refusal(Exception):
    """A request that the GP system refuses."""

    def __init__(self, status: int, issue: str, code: str, diagnostics: str) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.issue = issue
        self.code = code
        self.diagnostics = diagnostics

    def outcome(self) -> dict[str, Any]:
        """The OperationOutcome that goes out for it."""
        coding = {"system": SPINE_CODES, "code": self.code, "display": _DISPLAYS[self.code]}
        return {
            "resourceType": "OperationOutcome",
            "meta": {"profile": [OUTCOME]},
            "issue": [
                {
                    "severity": "error",
                    "code": self.issue,
                    "details": {"coding": [coding]},
                    "diagnostics": self.diagnostics,
                }
            ],
        }


def bad_request(diagnostics: str) -> Refusal:
    """The request is malformed, or a header or claim of it is missing or wrong."""
    return Refusal(400, "invalid", "BAD_REQUEST", diagnostics)


def wrong_parameter(diagnostics: str) -> Refusal:
    """A parameter has a value that it cannot have, or is missing."""
    return Refusal(422, "invalid", "INVALID_PARAMETER", diagnostics)


def wrong_resource(diagnostics: str) -> Refusal:
    """The resource that was sent breaks a rule."""
    return Refusal(422, "invalid", "INVALID_RESOURCE", diagnostics)


def no_patient(diagnostics: str) -> Refusal:
    """There is no such patient, or none that may be spoken of."""
    return Refusal(404, "not-found", "PATIENT_NOT_FOUND", diagnostics)


def no_record(diagnostics: str) -> Refusal:
    """There is nothing at this address."""
    return Refusal(404, "not-found", "NO_RECORD_FOUND", diagnostics)


def not_implemented(diagnostics: str) -> Refusal:
    """The resource or operation is none of this system's."""
    return Refusal(501, "not-supported", "NOT_IMPLEMENTED", diagnostics)
