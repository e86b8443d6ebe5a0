"""The faults of a GP system at its door, in its answers and in the records that it gives."""

from typing import Any

from conformance.reference.behaviour.gp_connect import CLAIMS, SSP_HEADERS
from conformance.reference.faults.fault import Fault, fault
from conformance.reference.faults.gp_changes import answer, door, record

Json = dict[str, Any]


def _without_operation(statement: Json) -> Json:
    rest = [{name: value for name, value in one.items() if name != "operation"} for one in statement["rest"]]
    return {**statement, "rest": rest}


def _as_r4(statement: Json) -> Json:
    return {**statement, "fhirVersion": "4.0.1"}


def _issue(**changed: Any) -> Any:
    return lambda outcome: {**outcome, "issue": [{**one, **changed} for one in outcome["issue"]]}


def _without_display(outcome: Json) -> Json:
    coding = [{"code": outcome["issue"][0]["details"]["coding"][0]["code"]}]
    return {**outcome, "issue": [{**outcome["issue"][0], "details": {"coding": coding}}]}


def _silent(outcome: Json) -> Json:
    kept = {name: value for name, value in outcome["issue"][0].items() if name != "diagnostics"}
    return {**outcome, "issue": [kept]}


def _recoded(old: str, new: str) -> Any:
    def recoded(outcome: Json) -> Json:
        coding = outcome["issue"][0]["details"]["coding"][0]
        if coding["code"] != old:
            return outcome
        details = {"coding": [{**coding, "code": new}]}
        return {**outcome, "issue": [{**outcome["issue"][0], "details": details}]}

    return recoded


def _of(bundle: Json, kind: str) -> list[Json]:
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


def _of_somebody_else(bundle: Json) -> Json:
    """One allergy is another patient's."""
    for one in _of(bundle, "AllergyIntolerance")[:1]:
        one["patient"] = {"reference": "Patient/pat-9"}
    return bundle


def _of_nobody(bundle: Json) -> Json:
    """No allergy says whose it is."""
    for one in _of(bundle, "AllergyIntolerance"):
        del one["patient"]
    return bundle


def _without(kind: str) -> Any:
    return lambda bundle: {
        **bundle,
        "entry": [one for one in bundle["entry"] if one["resource"]["resourceType"] != kind],
    }


def _without_claims(*names: str) -> tuple[str, ...]:
    return tuple(name for name in CLAIMS if name not in names)


GP_CONNECT_FAULTS: tuple[Fault, ...] = (
    fault("gp-says-r4", "GPC-CAP-01", "The capability statement says FHIR R4.", answer(capability=_as_r4)),
    fault(
        "gp-operation-undeclared",
        "GPC-CAP-02",
        "The operation for the structured record is not declared.",
        answer(capability=_without_operation),
    ),
    fault(
        "gp-headers-ignored",
        "GPC-HDR-01",
        "The headers of the Spine Secure Proxy are not asked for.",
        door(headers_required=()),
        also=("GPC-HDR-02",),
    ),
    fault(
        "gp-trace-id-ignored",
        "GPC-HDR-01",
        "A request without Ssp-TraceID is answered.",
        door(headers_required=tuple(name for name in SSP_HEADERS if name != "Ssp-TraceID")),
    ),
    fault(
        "gp-interaction-ignored",
        "GPC-HDR-02",
        "Any interaction id will do for any request.",
        door(interaction_matched=False),
    ),
    fault(
        "gp-answers-for-others",
        "GPC-HDR-03",
        "Requests to another system are answered.",
        door(receiver_checked=False),
    ),
    fault(
        "gp-needs-no-token",
        "GPC-JWT-01",
        "A request without a token is answered.",
        door(token_required=False),
    ),
    fault(
        "gp-token-unread",
        "GPC-JWT-01",
        "Any bearer token will do, since nobody reads it.",
        door(token_read=False),
        also=("GPC-JWT-02", "GPC-JWT-03", "GPC-JWT-04"),
    ),
    fault(
        "gp-token-without-claims-accepted",
        "GPC-JWT-02",
        "No claim is missed in a token.",
        door(claims_required=()),
        also=("GPC-JWT-01",),
    ),
    fault(
        "gp-token-without-practitioner-accepted",
        "GPC-JWT-02",
        "A token that does not say which practitioner asks is accepted.",
        door(claims_required=_without_claims("requesting_practitioner")),
    ),
    fault(
        "gp-records-given-without-token",
        "GPC-JWT-01",
        "Structured records are given to whoever asks.",
        door(records_guarded=False),
        also=("GPC-HDR-01", "GPC-HDR-02", "GPC-HDR-03", "GPC-JWT-02", "GPC-JWT-03", "GPC-JWT-04"),
    ),
    fault(
        "gp-any-reason-will-do",
        "GPC-JWT-03",
        "Records are given for reasons other than direct care.",
        door(reason_checked=False),
    ),
    fault(
        "gp-claimed-resources-unchecked",
        "GPC-JWT-03",
        "A token may say that a patient is the practitioner.",
        door(claimed_resources_checked=False),
    ),
    fault("gp-expired-token-accepted", "GPC-JWT-04", "A token never expires.", door(expiry_checked=False)),
    fault("gp-answers-cached", "GPC-ANS-01", "Answers may be cached.", answer(not_cached=False)),
    fault(
        "gp-answers-without-charset",
        "GPC-ANS-01",
        "Answers do not say that they are UTF-8.",
        answer(media_type="application/fhir+json"),
    ),
    fault(
        "gp-etag-is-strong",
        "GPC-ANS-02",
        "The ETag of an appointment is not weak.",
        answer(etag=lambda tag: tag.removeprefix("W/")),
    ),
    fault(
        "gp-error-without-outcome",
        "GPC-ERR-01",
        "Errors are told as a plain sentence.",
        answer(error_body=lambda _: b'{"message": "no"}'),
        also=(
            "GPC-HDR-01",
            "GPC-HDR-02",
            "GPC-JWT-02",
            "GPC-JWT-03",
            "GPC-ERR-02",
            "GPC-ERR-04",
            "GPC-ERR-05",
            "GPC-ERR-06",
            "GPC-REC-08",
            "GPC-REC-09",
            "GPC-REC-10",
            "GPC-REC-11",
            "GPC-REC-12",
            "GPC-BKG-03",
            "GPC-BKG-06",
            "GPC-AMD-02",
        ),
    ),
    fault(
        "gp-error-of-no-severity",
        "GPC-ERR-01",
        "Errors are told as warnings.",
        answer(error=_issue(severity="warning")),
    ),
    fault(
        "gp-error-without-display",
        "GPC-ERR-01",
        "Errors have a code of no system.",
        answer(error=_without_display),
        also=(
            "GPC-HDR-01",
            "GPC-HDR-02",
            "GPC-JWT-02",
            "GPC-JWT-03",
            "GPC-ERR-04",
            "GPC-ERR-05",
            "GPC-ERR-06",
            "GPC-REC-08",
            "GPC-REC-09",
            "GPC-REC-10",
            "GPC-REC-11",
            "GPC-REC-12",
            "GPC-BKG-03",
            "GPC-BKG-06",
            "GPC-AMD-02",
        ),
    ),
    fault("gp-error-unexplained", "GPC-ERR-02", "Errors do not say what was wrong.", answer(error=_silent)),
    fault(
        "gp-unknown-appointment-is-an-error",
        "GPC-ERR-03",
        "A read of an appointment that there is not is an error of the server.",
        answer(unknown_id_status=500),
    ),
    fault(
        "gp-unknown-type-answered",
        "GPC-ERR-05",
        "What is not implemented is answered with an empty bundle.",
        answer(unknown_is_implemented=True),
    ),
    fault(
        "gp-wrong-number-code",
        "GPC-ERR-04",
        "A wrong NHS number is told as one that is not known.",
        answer(error=_recoded("INVALID_NHS_NUMBER", "PATIENT_NOT_FOUND")),
        also=("GPC-REC-08",),
    ),
    fault(
        "gp-malformed-told-as-invalid",
        "GPC-ERR-06",
        "A malformed request is told as an invalid resource.",
        answer(error=_recoded("BAD_REQUEST", "INVALID_RESOURCE")),
        also=("GPC-HDR-01", "GPC-HDR-02", "GPC-JWT-02", "GPC-JWT-03"),
    ),
    fault(
        "gp-record-of-another-patient",
        "GPC-REC-01",
        "The structured record is that of another patient.",
        record(of_another=True),
    ),
    fault(
        "gp-record-without-practice",
        "GPC-REC-01",
        "The structured record does not hold the practice.",
        record(bundle=_without("Organization")),
        also=("GPC-REC-03",),
    ),
    fault(
        "gp-record-mixed",
        "GPC-REC-02",
        "An allergy in the structured record is another patient's.",
        record(bundle=_of_somebody_else),
        "SHALL NOT",
    ),
    fault(
        "gp-allergies-of-nobody",
        "GPC-STR-01",
        "Allergies do not say whose they are.",
        record(bundle=_of_nobody),
        also=("GPC-REC-02",),
    ),
    fault(
        "gp-record-without-medicines",
        "GPC-REC-03",
        "The structured record lacks the medicines that it refers to.",
        record(bundle=_without("Medication")),
    ),
    fault(
        "gp-ended-allergies-given",
        "GPC-REC-04",
        "Allergies that ended are given unasked.",
        record(resolved_left_out=False),
    ),
    fault(
        "gp-allergies-without-list",
        "GPC-REC-04",
        "Allergies come without a list.",
        record(bundle=_without("List")),
        also=("GPC-REC-05",),
    ),
    fault(
        "gp-issues-given",
        "GPC-REC-05",
        "Issues of prescriptions are given unasked.",
        record(issues_left_out=False),
    ),
    fault(
        "gp-allergies-given-unasked",
        "GPC-REC-06",
        "Allergies are given unasked.",
        record(unasked_left_out=False),
        "SHALL NOT",
    ),
    fault(
        "gp-search-date-ignored",
        "GPC-REC-07",
        "Medication is given whatever the search date.",
        record(search_date_heeded=False),
    ),
    fault(
        "gp-any-number-will-do",
        "GPC-REC-08",
        "An NHS number with a wrong check digit is looked for.",
        record(number_checked=False),
    ),
    fault(
        "gp-dissent-ignored",
        "GPC-REC-10",
        "The record of a patient who dissents is given.",
        record(dissent_heeded=False),
    ),
    fault(
        "gp-sensitive-record-given",
        "GPC-REC-11",
        "The record of a sensitive patient is given.",
        record(sensitivity_heeded=False),
    ),
    fault(
        "gp-search-date-unchecked",
        "GPC-REC-12",
        "A search date in the future is taken as none.",
        record(search_date_checked=False),
    ),
    fault(
        "gp-number-guessed",
        "GPC-REC-12",
        "Without an NHS number the record of the first patient is given.",
        record(number_required=False),
    ),
    fault(
        "gp-unknown-told-as-unauthorised",
        "GPC-REC-09",
        "A patient who is not known is told of as not consenting.",
        answer(error=_recoded("PATIENT_NOT_FOUND", "NO_PATIENT_CONSENT")),
        also=("GPC-REC-11",),
    ),
)
