"""What releases other than R4 say otherwise, and what is left unjudged in them, always told."""

from decimal import Decimal

import pytest

from conformance.fhir.definitions import Definitions, r4
from conformance.fhir.packages.package import Package
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept import Acceptor
from conformance.fhir.validation.guides import global_profiles
from conformance.fhir.validation.issues import Severity
from conformance.fhir.validation.validator import Validator

CORE = "http://hl7.org/fhir/StructureDefinition/"


def by(version):
    """R4's table as if another release had published it."""
    return Definitions(r4().layers, fhir_version=version)


@pytest.mark.parametrize(
    ("value", "message_id", "in_r4", "in_r5"),
    [
        ({"valueString": "a\x0bb"}, "primitive-control", "error", "warning"),
        ({"valueBase64Binary": "QUJD REVG"}, "primitive-base64-whitespace", "warning", "error"),
        ({"valueDecimal": Decimal("0.1234567890123456789")}, "primitive-decimal-digits", "warning", "error"),
    ],
)
def test_r5_has_lexical_rules_of_its_own(value, message_id, in_r4, in_r5):
    resource = {"resourceType": "Parameters", "parameter": [{"name": "a", **value}]}
    for version, severity in (("4.0.1", in_r4), ("5.0.0", in_r5)):
        definitions = by(version)
        outcome = Validator(definitions, Terminology(definitions)).explain_resource(resource)
        found = {issue.message_id: issue.severity for issue in outcome.issues}
        assert found[message_id] == Severity(severity), version


@pytest.mark.parametrize(("version", "accepted"), [("4.0.1", True), ("5.0.0", False)])
def test_the_quick_path_is_not_certain_of_digits_that_a_float_does_not_keep(version, accepted):
    definitions = by(version)
    text = (
        b'{"resourceType": "Parameters", "parameter": [{"name": "a", "valueDecimal": 0.1234567890123456789}]}'
    )
    assert Acceptor(definitions, Terminology(definitions)).accepts_bytes(text) is accepted


def test_a_guide_in_a_core_package_is_an_example():
    guide = {
        "resourceType": "ImplementationGuide",
        "url": "http://example.org/ig",
        "global": [{"type": "Patient", "profile": "http://example.org/p"}],
    }
    for name, asked in (("hl7.fhir.r5.core", {}), ("hl7.fhir.uk", {"Patient": ("http://example.org/p",)})):
        package = Package.of_resources([guide], name=name)
        assert global_profiles(Definitions((package, *r4().layers))) == asked


def test_a_response_of_stu3_is_not_compared_with_its_form_and_this_is_told():
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": {"reference": "Questionnaire/q"},
    }
    definitions = by("3.0.2")
    skipped = Validator(definitions, Terminology(definitions)).explain_resource(response).not_evaluated
    assert ("structure", "Questionnaire/q") in {(row.kind, row.subject) for row in skipped}


def test_an_extension_on_a_value_that_a_definition_gives_belongs_elsewhere():
    street = {"url": f"{CORE}iso21090-ADXP-streetName", "valueString": "Street"}
    element = {
        "id": "Patient.x",
        "path": "Patient.x",
        "fixedString": "Street 1",
        "_fixedString": {"extension": [street]},
    }
    structure = {
        "resourceType": "StructureDefinition",
        "url": "http://test.invalid/s",
        "name": "S",
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "differential": {"element": [element]},
    }
    patient = {"resourceType": "Patient", "_birthDate": {"extension": [street]}}
    validator = Validator(r4(), Terminology(r4()))
    for resource, misplaced in ((structure, False), (patient, True)):
        found = {issue.message_id for issue in validator.explain_resource(resource).issues}
        assert ("extension-context" in found) is misplaced
