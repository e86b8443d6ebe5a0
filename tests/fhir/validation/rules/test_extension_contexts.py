"""Contexts that name a profile, an element of one, or an extension in another."""

import pytest
from test_extensions import PLACE, definition, with_extension

NAMED = "http://test.invalid/StructureDefinition/named"


def named(url: str = NAMED) -> dict:
    """A profile of Patient that wants names with a family."""
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "name": "Named",
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "derivation": "constraint",
        "differential": {
            "element": [
                {"id": "Patient", "path": "Patient"},
                {"id": "Patient.name", "path": "Patient.name", "min": 1},
            ]
        },
    }


@pytest.mark.parametrize(
    ("context", "stands_on", "has_name", "found"),
    [
        (NAMED, "Patient", True, []),
        (NAMED, "Patient", False, ["extension-context"]),
        (f"{NAMED}#Patient.name", "Patient.name", True, []),
        (f"{NAMED}#Patient.contact", "Patient.contact", True, []),
        (f"{NAMED}#Patient.contact", "Patient.contact", False, ["extension-context"]),
        (f"{NAMED}#Patient.name", "Patient.contact", True, ["extension-context"]),
        (f"{NAMED}#Patient.contact:one", "Patient.contact", True, None),
        (f"{NAMED}#Patient.name:one", "Patient.contact", True, ["extension-context"]),
        ("Patient.contact:one", "Patient.contact", True, None),
        ("Patient.name:one", "Patient.contact", True, ["extension-context"]),
        ("http://test.invalid/StructureDefinition/unknown", "Patient", True, None),
        ("http://test.invalid/StructureDefinition/unknown#Patient.name", "Patient.name", True, None),
        (
            "http://test.invalid/StructureDefinition/unknown#Patient.name",
            "Patient",
            True,
            ["extension-context"],
        ),
    ],
)
def test_a_context_may_name_a_profile_or_an_element_of_one(judged, context, stands_on, has_name, found):
    """None where nobody can tell: a slice by its name alone, a profile that is not loaded."""
    patient = with_extension(stands_on)
    if not has_name:
        del patient["name"]
    outcome = judged(patient, definition(("element", context)), named())
    told = [issue.message_id for issue in outcome.issues if issue.message_id.startswith("extension-context")]
    unsure = ("extension", PLACE) in [(row.kind, row.subject) for row in outcome.not_evaluated]
    assert (told, unsure) == (found or [], found is None)


@pytest.mark.parametrize(
    ("context", "urls", "allowed"),
    [
        ("http://test.invalid/outer", ["http://test.invalid/outer"], True),
        ("http://test.invalid/outer", ["http://test.invalid/other"], False),
        ("http://test.invalid/outer#inner", ["http://test.invalid/outer", "inner"], True),
        ("http://test.invalid/outer#inner", ["http://test.invalid/outer", "other"], False),
        ("http://test.invalid/outer#inner", ["http://test.invalid/other", "inner"], False),
        ("http://test.invalid/outer#inner", ["http://test.invalid/outer"], False),
        ("http://test.invalid/outer#Extension.extension:inner", ["http://test.invalid/outer", "inner"], True),
    ],
)
def test_a_context_may_be_an_extension_or_one_in_another(told, context, urls, allowed):
    held = {"extension": [{"url": PLACE, "valueBoolean": True}]}
    for url in reversed(urls):
        held = {"extension": [{"url": url, **held}]}
    patient = {"resourceType": "Patient", "active": True, **held}
    found = told("extension-context", patient, definition(("extension", context)))
    assert bool(found) is not allowed


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("Patient.name", False),
        ("Patient.contact", True),
        ("Patient.contact | Patient.name", True),
        ("Patient.link", False),
        ("Patient.contact.where(", None),
    ],
)
def test_a_context_may_be_an_expression(judged, expression, allowed):
    outcome = judged(with_extension("Patient.contact"), definition(("fhirpath", expression)))
    told = [issue for issue in outcome.issues if issue.message_id == "extension-context"]
    unsure = ("extension", PLACE) in [(row.kind, row.subject) for row in outcome.not_evaluated]
    assert (told == [], unsure) == (allowed is not False, allowed is None)
