"""A handful of records for the tests of the reference supplier: enough patients that chance hits some."""

import base64
import hashlib
from typing import Any

NHS = "https://fhir.nhs.uk/Id/nhs-number"
VERIFIED = {"url": "https://verification.example", "valueCode": "01"}
CONTENT = b"Discharge letter: seen, treated, sent home with advice."


def patients() -> list[dict[str, Any]]:
    named = [
        ("p1", "Müller", "Ana", "female", "1980-02-29", "9434765919"),
        ("p2", "Muldoon", "Ben", "male", "1951-07-01", "9434765870"),
        ("p3", "O'Neil", "Cara", "female", "2001-12-31", "9434765838"),
        ("p4", "Smith", "Dov", "other", "1999", "9434765927"),
    ]
    found = [
        {
            "resourceType": "Patient",
            "id": identifier,
            "identifier": [
                {"system": NHS, "value": number, "extension": [VERIFIED]},
                {"system": "https://mrn.example", "value": number[:5]},
            ],
            "active": True,
            "name": [{"family": family, "given": [given]}],
            "telecom": [{"system": "phone", "value": f"0113{number[:6]}"}],
            "gender": gender,
            "birthDate": born,
        }
        for identifier, family, given, gender, born, number in named
    ]
    found[1]["deceasedDateTime"] = "2020-03-04T05:06:07Z"
    return found


def observations() -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Observation",
            "id": f"o{number:03}",
            "status": "final" if number % 3 else "amended",
            "code": {
                "coding": [{"system": "http://loinc.org", "code": "8302-2" if number % 2 else "29463-7"}]
            },
            "subject": {"reference": f"Patient/p{number % 4 + 1}"},
            "performer": [{"reference": "Practitioner/dr"}],
            "effectiveDateTime": f"2024-01-{number % 28 + 1:02}T10:00:00Z",
            "valueQuantity": {
                "value": 100 + number,
                "unit": "cm",
                "system": "http://unitsofmeasure.org",
                "code": "cm",
            },
            "note": [{"text": f"note {number} " + "long " * 60}],
        }
        for number in range(60)
    ]


def encounters() -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Encounter",
            "id": f"e{number}",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": {"reference": f"Patient/p{number}"},
            "period": {
                "start": f"2023-0{number}-01",
                **({"end": f"2023-0{number}-10"} if number < 4 else {}),
            },
        }
        for number in range(1, 5)
    ]


def others() -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Group",
            "id": "g1",
            "type": "person",
            "actual": True,
            "member": [
                {"entity": {"reference": "Patient/p1"}},
                {"entity": {"reference": "urn:uuid:p2"}},
                {"entity": {"reference": "Patient/p3"}, "inactive": True},
            ],
        },
        {"resourceType": "Practitioner", "id": "dr", "name": [{"family": "Adeyemi"}]},
        {"resourceType": "Organization", "id": "org", "name": "Harbour Hospital", "active": True},
        {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}},
        {
            "resourceType": "Binary",
            "id": "b1",
            "contentType": "text/plain",
            "data": base64.b64encode(CONTENT).decode(),
        },
        {
            "resourceType": "DocumentReference",
            "id": "d1",
            "status": "current",
            "subject": {"reference": "Patient/p1"},
            "content": [
                {
                    "attachment": {
                        "contentType": "text/plain",
                        "url": "Binary/b1",
                        "size": len(CONTENT),
                        "hash": base64.b64encode(
                            hashlib.sha1(CONTENT, usedforsecurity=False).digest()
                        ).decode(),
                    }
                }
            ],
        },
    ]


def records() -> list[dict[str, Any]]:
    return [*patients(), *observations(), *encounters(), *others()]


CODED_RECORDS = [
    *records(),
    {"resourceType": "Location", "id": "ward", "name": "Ward 7", "status": "active"},
    *(
        {
            "resourceType": "Provenance",
            "id": f"v{number}",
            "target": [{"reference": "Patient/p1"}],
            "recorded": f"2024-0{number}-01T00:00:00Z",
            "agent": [{"who": {"reference": "Practitioner/dr"}}],
        }
        for number in (1, 2)
    ),
    *(
        {
            "resourceType": "Condition",
            "id": f"coded{number}",
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003"}]},
            "subject": {"reference": "Patient/p1"},
        }
        for number in range(8)
    ),
    *(
        {
            "resourceType": "Organization",
            "id": f"ward{number}",
            "identifier": [
                {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": f"RX{number}"}
            ],
        }
        for number in range(8)
    ),
    *(
        {
            "resourceType": "MedicationRequest",
            "id": f"medicine{number}",
            "status": "active",
            "intent": "order",
            "subject": {"reference": "Patient/p1"},
            "medicationCodeableConcept": {
                "coding": [{"system": "http://snomed.info/sct", "code": "319775004"}]
            },
            "substitution": {"allowedBoolean": False},
        }
        for number in range(8)
    ),
]
