"""How much of resources stands in parts that only one supplier understands, and what bytes are."""

import base64
import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.openness import Openness, gather
from conformance.analysis.sniffing import is_cipher_text, kind_of
from conformance.fhir.published import extension_standing, system_standing

OWN = "https://vendor.example/x"
NOISE = random.Random(7).randbytes(4096)
CORE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"


def patient(**members):
    return {"resourceType": "Patient", "id": "p", **members}


def parts(resource):
    return gather([resource]).types[resource["resourceType"]]


@pytest.mark.parametrize(
    ("url", "standing"),
    [
        (CORE, "standard"),
        ("http://hl7.org/fhir/StructureDefinition/made-up", "claimed"),
        ("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory", "standard"),
        ("https://fhir.hl7.org.uk/StructureDefinition/Extension-Vendor-Secret", "claimed"),
        (OWN, "own"),
        ("http://hl7.org.vendor.example/x", "own"),
    ],
)
def test_whose_an_extension_is(url, standing):
    assert extension_standing(url) == standing


@pytest.mark.parametrize(
    ("system", "standing"),
    [
        ("http://snomed.info/sct", "standard"),
        ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "standard"),
        ("http://terminology.hl7.org/CodeSystem/newer-than-r4", "claimed"),
        ("https://vendor.example/codes", "own"),
        ("urn:oid:1.2.3", "own"),
    ],
)
def test_whose_a_code_system_is(system, standing):
    assert system_standing(system) == standing


def test_elements_in_own_extensions_are_counted_and_those_of_a_standard_are_not():
    own = parts(patient(gender="male", extension=[{"url": OWN, "valueString": "a"}]))
    core = parts(patient(gender="male", extension=[{"url": CORE, "valueString": "a"}]))
    assert (own.elements, own.in_extensions) == (4, 2)
    assert (core.elements, core.in_extensions, core.extension_bytes) == (4, 0, 0)
    assert own.extension_bytes == len(f'{{"url":"{OWN}","valueString":"a"}}')


def test_the_parts_of_a_complex_extension_go_with_the_whole():
    inner = {
        "url": OWN,
        "extension": [{"url": "part", "valueString": "a"}, {"url": OWN + "2", "valueString": "b"}],
    }
    found = gather([patient(extension=[inner])])
    assert found.types["Patient"].in_extensions == 5
    assert dict(found.extensions) == {OWN: 1, OWN + "2": 1}
    assert found.types["Patient"].extension_bytes < found.types["Patient"].size


@pytest.mark.parametrize(
    ("resource", "hidden"),
    [
        (patient(_birthDate={"extension": [{"url": OWN, "valueString": "1970"}]}), 1),
        (patient(birthDate="1970", _birthDate={"extension": [{"url": OWN, "valueString": "x"}]}), 0),
        (patient(_birthDate={"extension": [{"url": CORE, "valueString": "1970"}]}), 0),
        (patient(name=[{"given": ["A", None], "_given": [None, {"extension": [{"url": OWN}]}]}]), 1),
        (patient(name=[{"given": ["A", "B"], "_given": [None, {"extension": [{"url": OWN}]}]}]), 0),
        (patient(maritalStatus={"extension": [{"url": OWN, "valueCode": "m"}]}), 1),
        (patient(maritalStatus={"text": "m", "extension": [{"url": OWN, "valueCode": "m"}]}), 0),
        (patient(extension=[{"url": OWN, "valueString": "a"}]), 0),
    ],
)
def test_elements_with_a_value_in_an_own_extension_alone(resource, hidden):
    assert parts(resource).hidden == hidden


def test_a_stated_reason_for_absence_hides_nothing():
    absent = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert parts(patient(_birthDate={"extension": [absent, {"url": OWN, "valueString": "x"}]})).hidden == 0


def test_local_codes_are_kept_and_identifiers_and_quantities_are_none():
    found = gather(
        [
            {
                "resourceType": "Observation",
                "id": "o",
                "code": {"coding": [{"system": OWN, "code": "a", "display": "A"}, {"code": "b"}]},
                "valueQuantity": {"value": 1, "system": OWN, "code": "x"},
                "identifier": [{"system": OWN, "value": "1"}],
            }
        ]
    )
    assert (found.codes, found.without_system) == ({OWN: {"a"}}, 1)
    assert found.types["Observation"].in_local_codes == 3


def encrypted_zip():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a", b"x" * 100)
    data = bytearray(made.getvalue())
    data[6] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"plain words", "open"),
        ("Zoë, naïve".encode("latin-1") * 20, "open"),
        ("Łódź".encode("utf-16"), "open"),
        (b"%PDF-1.4\ntrailer\n<< /Root 1 0 R >>", "open"),
        (b"%PDF-1.4\ntrailer\n<< /Encrypt 9 0 R /Root 1 0 R >>", "encrypted"),
        (encrypted_zip(), "encrypted"),
        (encrypted_zip()[:6] + b"\0" + encrypted_zip()[7:], "open"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"-----BEGIN PGP MESSAGE-----\n\nabc", "encrypted"),
        (b"age-encryption.org/v1\n", "encrypted"),
        (NOISE, "opaque"),
        (NOISE[:100], "unknown"),
        (b"\x89PNG\r\n\x1a\n" + NOISE, "open"),
        (b"\0" * 128 + b"DICM" + NOISE, "open"),
        (b"\x01\x02" * 600, "unknown"),
        (b"", "open"),
    ],
)
def test_what_bytes_are(data, kind):
    assert kind_of(data)[0] == kind


def test_sealed_texts_are_told_from_long_words_and_numbers():
    base = base64.b64encode(NOISE[:300]).decode()
    assert is_cipher_text(base)
    assert is_cipher_text("gAAAAAB" + "k" * 90 + "==")
    assert not is_cipher_text(base64.b64encode(b"a letter in plain words, long enough " * 8).decode())
    assert not is_cipher_text("A" * 200)
    assert not is_cipher_text("word " * 60)
    assert not is_cipher_text("https://ehr.example.org/fhir/" + "a" * 160)


ODD = (
    patient(gender=7, extension=[None, {}, {"url": 3}, {"url": OWN}, {"url": OWN, "extension": "x"}]),
    patient(_birthDate=[None], name=[[["x"]], None, {"_given": 3}]),
    patient(_birthDate={"extension": "x"}, contact={"coding": [{"code": "a"}, {"code": 1}, "x"]}),
    {"resourceType": "Binary", "data": base64.b64encode(NOISE).decode()},
    {"resourceType": "CodeSystem", "url": OWN, "concept": [{"code": "a"}]},
)
RESOURCES = st.lists(st.sampled_from(ODD), max_size=6)


@given(RESOURCES, st.integers(0, 6))
def test_files_can_be_gathered_apart(several, cut):
    joined = Openness()
    joined.merge(gather(several[:cut]))
    joined.merge(gather(several[cut:]))
    assert joined == gather(several)


def test_extensions_are_found_wherever_they_stand():
    resource = patient(name="n")
    resource["contained"] = [{"b": 1}]
    resource["x"] = {"a": [[[{"extension": [{"url": OWN}]}]]]}
    assert gather([resource]).extensions[OWN] == 1
