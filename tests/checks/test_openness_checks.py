"""What an export is made of: extensions, codes and content that others can understand, by evidence made by hand."""

import base64
import gzip
import io
import json
import random
import tarfile

import pytest
from evidence_builder import exchange, ndjson
from export_evidence import done, export, file, saw
from plan_builder import changed, document

from conformance.checks.openness import export_bytes_open, export_codes_defined, export_extensions_defined
from conformance.checks.openness import export_facts_in_standard_parts as facts_in_standard_parts
from conformance.errors import NoData, NotJudgeable
from conformance.plugin import Measured

OWN = "https://vendor.example/x"
HELD = {
    "resourceType": "Patient",
    "id": "p",
    "gender": "male",
    "extension": [{"url": OWN, "valueString": "a"}],
}
CODED = {"resourceType": "Condition", "id": "c", "code": {"coding": [{"system": OWN, "code": "a"}]}}
DEFINITION = {
    "resourceType": "StructureDefinition",
    "url": OWN,
    "type": "Extension",
    "differential": {"element": [{"path": "Extension.value[x]", "type": [{"code": "string"}]}]},
}
CODES = {"resourceType": "CodeSystem", "url": OWN, "concept": [{"code": "a", "display": "Asthma"}]}
PLAN = document(changed("export", "definitions", to={"origins": ["https://vendor.example/"]}))


def published(body, **others):
    return exchange(
        "GET", OWN, label="definition", body=body, headers={"Content-Type": "application/json"}, **others
    )


def package(*resources):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for number, resource in enumerate(resources):
            data = json.dumps(resource).encode()
            member = tarfile.TarInfo(f"package/{number}.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(made.getvalue())


def exported(*resources, more=(), plan=PLAN):
    step = export(file(0, resources), end=done(), more=more)
    return saw(step.model_copy(update={"documents": (plan,) if plan else ()}))


def found(check, evidence, **arguments):
    return [each for each in check(evidence, **arguments) if not isinstance(each, Measured)]


@pytest.mark.parametrize(
    "more",
    [
        (published(DEFINITION),),
        (published(package(DEFINITION)),),
        (published({"resourceType": "Bundle", "entry": [{"resource": DEFINITION}]}),),
        (published([CODES, DEFINITION]),),
    ],
)
def test_an_extension_that_the_supplier_defines_is_no_fault(more):
    assert found(export_extensions_defined, exported(HELD, more=more)) == []


def test_a_definition_in_the_export_will_do():
    assert found(export_extensions_defined, exported(HELD, DEFINITION)) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ((), "neither a standard"),
        ((published(b"", status=404),), "neither a standard"),
        ((published(b"<html>Log in</html>"),), "neither a standard"),
        ((published({**DEFINITION, "url": OWN + "y"}),), "neither a standard"),
        ((published({**DEFINITION, "differential": {"element": [{"path": "Extension"}]}}),), "says nothing"),
        ((published({**DEFINITION, "type": "Patient"}),), "says nothing"),
        ((published(package(DEFINITION)[:-30]),), "neither a standard"),
    ],
)
def test_what_is_not_defined_is_told(more, why):
    (finding,) = found(export_extensions_defined, exported(HELD, more=more))
    assert OWN in finding
    assert why in finding
    assert "Patient/p" in finding


@pytest.mark.parametrize(
    "more", [(published(b"", status=503),), (published(b"", status=0, failure="timed out"),)]
)
def test_where_the_suppliers_site_fails_nothing_is_judged(more):
    with pytest.raises(NotJudgeable):
        found(export_extensions_defined, exported(HELD, more=more))


def test_without_a_plan_nobody_knows_where_definitions_are_published():
    with pytest.raises(NoData):
        found(export_extensions_defined, exported(HELD, plan=None))


def test_what_stands_under_a_bodys_address_takes_its_package():
    claimed = {
        **HELD,
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/made-up", "valueCode": "a"}],
    }
    with pytest.raises(NotJudgeable, match="--package"):
        found(export_extensions_defined, exported(claimed))


def test_extensions_of_fhir_itself_need_no_definition():
    core = {**HELD, "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"}]}
    assert found(export_extensions_defined, exported(core, plan=None)) == []


@pytest.mark.parametrize(
    ("codes", "right"),
    [
        (CODES, True),
        ({**CODES, "concept": [{"code": "z", "display": "Z", "concept": CODES["concept"]}]}, True),
        ({**CODES, "concept": [{"code": "a"}]}, False),
        ({**CODES, "concept": [{"code": "a", "display": "a"}]}, False),
        ({**CODES, "concept": [{"code": "b", "display": "Bee"}]}, False),
        ({**CODES, "concept": None, "content": "not-present"}, False),
    ],
)
def test_local_codes_need_a_code_system_that_says_what_they_mean(codes, right):
    assert (found(export_codes_defined, exported(CODED, codes)) == []) is right


def test_a_code_without_its_system_is_no_code():
    bare = {"resourceType": "Condition", "id": "c", "code": {"coding": [{"code": "a"}]}}
    (finding,) = found(export_codes_defined, exported(bare))
    assert "name no code system" in finding


def test_a_value_in_an_extension_alone_and_too_large_a_share_are_told():
    hidden = {**HELD, "_birthDate": {"extension": [{"url": OWN, "valueString": "1970"}]}}
    findings = found(facts_in_standard_parts, exported(hidden), share_max="10")
    assert len(findings) == 2
    assert found(facts_in_standard_parts, exported(HELD), share_max="90") == []


def binary(data):
    return {
        "resourceType": "Binary",
        "id": "b",
        "contentType": "application/x-own",
        "data": base64.b64encode(data).decode(),
    }


def test_bytes_that_are_encrypted_are_told_whatever_the_plan_calls_them():
    (finding,) = found(export_bytes_open, exported(binary(b"-----BEGIN PGP MESSAGE-----\nabc")))
    assert "Binary/b" in finding


def test_what_cannot_be_opened_is_counted_by_what_it_is():
    mail = b"-----BEGIN PGP MESSAGE-----\nabc"
    closed = [binary(mail) | {"id": str(number)} for number in range(3)]
    numbers = {
        each.measurement.id: each.measurement
        for each in export_bytes_open(exported(*closed, binary(b"%PDF-1.7 open") | {"id": "o"}))
        if isinstance(each, Measured)
    }
    given = numbers["content-closed"]
    assert (given.value, given.unit) == ("3", "of 4 pieces of content looked at")
    assert [part.value for part in given.parts] == ["3"]


def test_bytes_of_a_declared_open_format_have_to_be_looked_at_by_somebody():
    noise = random.Random(3).randbytes(4096)
    assert found(export_bytes_open, exported(binary(noise)))
    row = {
        "id": "own",
        "mediaType": "application/x-own",
        "specUrl": "https://vendor.example/",
        "royaltyFree": True,
    }
    with pytest.raises(NotJudgeable):
        found(
            export_bytes_open, exported(binary(noise), plan=document(changed("export", "formats", to=[row])))
        )


@pytest.mark.parametrize("check", [export_extensions_defined, export_codes_defined, export_bytes_open])
def test_an_empty_export_proves_nothing(check):
    with pytest.raises(NoData):
        found(check, saw(export(file(0, ndjson()))))


def test_what_nobody_can_look_up_is_counted_of_what_is_the_suppliers_own():
    core = {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueString": "b"}
    held = HELD | {"extension": [*HELD["extension"], core, {"url": OWN + "y", "valueString": "a"}]}
    (given,) = [
        each.measurement
        for each in export_extensions_defined(exported(held, more=(published(DEFINITION),)))
        if isinstance(each, Measured)
    ]
    assert (given.value, given.unit) == ("1", "of 2 own extension URLs")
    assert [(part.label, part.value) for part in given.parts] == [(OWN + "y", "1")]


def test_numbers_are_given_even_where_something_is_wrong():
    given = [each for each in export_extensions_defined(exported(HELD)) if isinstance(each, Measured)]
    assert [(each.measurement.id, each.measurement.value) for each in given] == [
        ("extensions-unpublished", "1")
    ]
