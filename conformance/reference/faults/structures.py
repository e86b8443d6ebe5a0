"""The faults of resources that are not what FHIR, their own claims or UK Core ask, and of references between them.

Elements that can be searched by are left as they are: what is shown then still agrees with what searches find.
"""

import uuid
from collections.abc import Callable
from typing import Any

from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, drawn, fault, rest
from conformance.reference.forms.jsontext import dump, parse

_SHARE = 0.5
_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
_SNOMED = "http://snomed.info/sct"
_R4 = "http://hl7.org/fhir/StructureDefinition"

Json = dict[str, Any]
Alter = Callable[[Json, Draw], None]


def _shown(resource_type: str, alter: Alter, share: float = _SHARE) -> Change:
    """Change a share of the resources of a type wherever they are shown."""

    def make(draw: Draw) -> Change:
        def shown(name: str, text: bytes) -> bytes:
            if not name.startswith(f"{resource_type}/") or not draw.hits(share, name):
                return text
            resource = parse(text)
            alter(resource, draw)
            return dump(resource)

        return rest(shown=shown)

    return drawn(make)


def _with(**elements: Any) -> Alter:
    """Put elements in, or in place of those that are there."""
    return lambda resource, _: resource.update(elements)


def _telecom(**members: Any) -> Alter:
    """One more telephone number, with these members."""

    def alter(resource: Json, _: Draw) -> None:
        number = {"system": "phone", "value": "01632 960999", "use": "work", **members}
        resource["telecom"] = [*resource.get("telecom", ()), number]

    return alter


def _recorder(make: Callable[[Json, Draw], Json]) -> Alter:
    """Another recorder, made of the resource."""
    return lambda resource, draw: resource.update(recorder=make(resource, draw))


def _nowhere(resource: Json, draw: Draw) -> Json:
    identity = uuid.UUID(int=draw.among(resource["id"]).getrandbits(128), version=4)
    return {"reference": f"Practitioner/{identity}"}


def _without_unit(observation: Json, _: Draw) -> None:
    observation.get("valueQuantity", {}).pop("unit", None)


_UNKNOWN = {"extension": [{"url": f"{_R4}/data-absent-reason", "valueCode": "unknown"}]}


def _of_nhs_number(change: Callable[[Json], None]) -> Alter:
    def alter(patient: Json, _: Draw) -> None:
        for identifier in patient.get("identifier", ()):
            if identifier.get("system") == _NHS_NUMBER:
                change(identifier)

    return alter


def _twice(system: str) -> Alter:
    """The identifier of this system, and the same once more."""

    def alter(resource: Json, _: Draw) -> None:
        resource["identifier"] += [one for one in resource["identifier"] if one.get("system") == system]

    return alter


def _unverified(identifier: Json) -> None:
    identifier.pop("extension", None)


def _other_digit(identifier: Json) -> None:
    identifier["value"] = _next_digit(identifier["value"])


def _next_digit(text: str) -> str:
    return f"{text[:-1]}{(int(text[-1]) + 1) % 10}"


def _without_ods_code(organisation: Json, _: Draw) -> None:
    for identifier in organisation.get("identifier", ()):
        if identifier.get("system") == _ODS:
            identifier["system"] = "urn:oid:2.16.840.1.113883.2.1.3.2.4.18.999"


def _snomed_codes(change: Callable[[Json], None]) -> Alter:
    def alter(resource: Json, _: Draw) -> None:
        for element in ("code", "medicationCodeableConcept"):
            for coding in resource.get(element, {}).get("coding", ()):
                if coding.get("system") == _SNOMED:
                    change(coding)

    return alter


def _wrong_check_digit(coding: Json) -> None:
    coding["code"] = _next_digit(coding["code"])


def _unknown_system(coding: Json) -> None:
    coding["system"] = "https://harbour-epr.example/medicines"


def _without_identifier_search(statement: Json) -> Json:
    (served,) = statement["rest"]
    kinds = [
        {**kind, "searchParam": [one for one in kind["searchParam"] if one["name"] != "identifier"]}
        if kind["type"] == "Patient"
        else kind
        for kind in served["resource"]
    ]
    return {**statement, "rest": [{**served, "resource": kinds}]}


STRUCTURE_FAULTS: tuple[Fault, ...] = (
    fault(
        "resources-with-unknown-elements",
        "FHIR-STRUCT-01",
        "Some organisations have an element that FHIR does not know.",
        _shown("Organization", _with(legacyCode="QS")),
    ),
    fault(
        "resources-lack-mandatory-elements",
        "FHIR-STRUCT-01",
        "Some conditions have a note without its text.",
        _shown("Condition", _with(note=[{"authorString": "Clerk"}])),
        also=("FHIR-CREATE-05",),
    ),
    fault(
        "choice-of-wrong-type",
        "FHIR-STRUCT-01",
        "The author of some notes is a boolean.",
        _shown("Condition", _with(note=[{"authorBoolean": True, "text": "Seen in clinic."}])),
        also=("FHIR-CREATE-05",),
    ),
    fault(
        "primitive-out-of-form",
        "FHIR-STRUCT-02",
        "Some telephone numbers have the rank 0, which is no positive integer.",
        _shown("Organization", _telecom(rank=0)),
    ),
    fault(
        "code-outside-required-value-set",
        "FHIR-STRUCT-03",
        "Some telephone numbers have a use that FHIR does not know.",
        _shown("Organization", _telecom(use="depot")),
    ),
    fault(
        "extension-in-wrong-place",
        "FHIR-STRUCT-04",
        "Some observations carry the extension for a mother's maiden name.",
        _shown(
            "Observation",
            _with(extension=[{"url": f"{_R4}/patient-mothersMaidenName", "valueString": "Quayle"}]),
        ),
        also=("FHIR-CREATE-05",),
    ),
    fault(
        "invariant-broken",
        "FHIR-STRUCT-05",
        "Some organisations have a telephone number at home.",
        _shown("Organization", _telecom(use="home")),
    ),
    fault(
        "vital-signs-without-unit",
        "FHIR-STRUCT-06",
        "Some vital signs have no unit to read.",
        _shown("Observation", _without_unit),
        also=("FHIR-CREATE-05",),
    ),
    fault(
        "structure-claimed-and-not-met",
        "FHIR-STRUCT-07",
        "A group that claims to be one of people has a characteristic by which they would be chosen.",
        _shown(
            "Group",
            _with(characteristic=[{"code": _UNKNOWN, "valueBoolean": True, "exclude": False}]),
            share=1.0,
        ),
        "SHOULD",
    ),
    fault(
        "reference-to-nowhere",
        "FHIR-REF-01",
        "The recorder of some conditions is not there.",
        _shown("Condition", _recorder(_nowhere)),
        "SHOULD",
        also=("FHIR-CREATE-05",),
        ends=0,
    ),
    fault(
        "reference-to-wrong-type",
        "FHIR-REF-02",
        "Some conditions are their own recorder.",
        _shown("Condition", _recorder(lambda resource, _: {"reference": f"Condition/{resource['id']}"})),
        also=("FHIR-CREATE-05",),
    ),
    fault(
        "reference-states-wrong-type",
        "FHIR-REF-02",
        "The recorder of some conditions is the patient, said to be a practitioner.",
        _shown("Condition", _recorder(lambda resource, _: {**resource["subject"], "type": "Practitioner"})),
    ),
    fault(
        "contained-resource-missing",
        "FHIR-REF-03",
        "Some conditions refer to a contained resource that they do not contain.",
        _shown("Condition", _recorder(lambda *_: {"reference": "#recorder"})),
        also=("FHIR-CREATE-05",),
    ),
    fault(
        "contained-resource-unused",
        "FHIR-REF-03",
        "Some conditions contain a practitioner to whom nothing refers.",
        _shown(
            "Condition", _with(contained=[{"resourceType": "Practitioner", "id": "unused", "active": True}])
        ),
    ),
    fault(
        "patients-with-two-nhs-numbers",
        "UKC-STR-01",
        "Some patients have two NHS numbers.",
        _shown("Patient", _twice(_NHS_NUMBER)),
    ),
    fault(
        "organisations-with-two-ods-codes",
        "UKC-STR-02",
        "Some organisations have two ODS codes.",
        _shown("Organization", _twice(_ODS)),
    ),
    fault(
        "prescriptions-silent-on-substitution",
        "UKC-STR-03",
        "Some prescriptions do not say whether another product may be given.",
        _shown("MedicationRequest", lambda resource, _: resource.pop("substitution", None)),
    ),
    fault(
        "nhs-numbers-with-wrong-check-digit",
        "UKC-NHS-01",
        "Some NHS numbers have another check digit.",
        _shown("Patient", _of_nhs_number(_other_digit)),
    ),
    fault(
        "nhs-numbers-without-verification-status",
        "UKC-NHS-02",
        "Some NHS numbers lack their verification status.",
        _shown("Patient", _of_nhs_number(_unverified)),
        "SHOULD",
    ),
    fault(
        "organisations-without-ods-code",
        "UKC-ODS-01",
        "Some organisations have a code of another register only.",
        _shown("Organization", _without_ods_code),
        "SHOULD",
    ),
    fault(
        "snomed-codes-with-wrong-check-digit",
        "UKC-SCT-01",
        "Some codes of SNOMED CT have another check digit.",
        _shown("Condition", _snomed_codes(_wrong_check_digit)),
        also=("UKC-STR-03",),
    ),
    fault(
        "medicines-under-unknown-system",
        "UKC-DMD-01",
        "Some medicines have their dm+d code under a system of the supplier's own.",
        _shown("MedicationRequest", _snomed_codes(_unknown_system)),
        "SHOULD",
    ),
    fault(
        "patients-cannot-be-found-by-identifier",
        "UKC-ACC-01",
        "The capability statement does not name the search parameter identifier of patients.",
        rest(capability=_without_identifier_search),
        "SHOULD",
    ),
    fault(
        "claims-other-version-in-uk",
        "UKC-ACC-02",
        "fhirVersion is 4.3.0, not 4.0.1.",
        rest(capability=lambda statement: {**statement, "fhirVersion": "4.3.0"}),
    ),
)
