"""The demo population: valid R4, whole, varied, and the same everywhere."""

import base64
import hashlib
import importlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.reference.population.draw import Draw
from conformance.reference.population.making import PATIENTS, SEED, population
from conformance.reference.population.people import nhs_check_digit, standings

BASE = "https://epr.example/fhir"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
SNOMED = "http://snomed.info/sct"

# The permutation of Verhoeff's scheme (SNOMED CT release file specification, 6.3), and its powers.
SHIFT = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
while len(SHIFT) < 8:
    SHIFT.append([SHIFT[-1][SHIFT[1][digit]] for digit in range(10)])


def times(a: int, b: int) -> int:
    """Multiplication in the dihedral group of the pentagon: 0 to 4 turn, 5 to 9 flip."""
    turned = (a - b if a >= 5 else a + b) % 5
    return turned + 5 * ((a >= 5) != (b >= 5))


def verhoeff(number: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = times(check, SHIFT[place % 8][int(digit)])
    return check == 0


def each(value: Any) -> Iterator[Any]:
    """Every object, list and scalar in a resource."""
    yield value
    if isinstance(value, dict):
        for member in value.values():
            yield from each(member)
    elif isinstance(value, list):
        for member in value:
            yield from each(member)


@pytest.fixture(scope="module")
def resources() -> list[dict[str, Any]]:
    return list(population(7, 50, BASE))


def of(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in resources if one["resourceType"] == kind]


def test_every_resource_is_valid_r4(resources):
    for one in resources:
        kind = one["resourceType"]
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        model.model_validate(one)


def test_nothing_is_empty_or_null(resources):
    for one in resources:
        for value in each(one):
            assert value is not None, one
            assert value not in ([], {}, ""), one
            assert not isinstance(value, str) or value == value.strip(), value


def test_every_reference_and_attachment_leads_somewhere(resources):
    there = {f"{one['resourceType']}/{one['id']}" for one in resources}
    asked = [
        value[name]
        for one in resources
        for value in each(one)
        if isinstance(value, dict)
        for name in ("reference", "url")
        if isinstance(value.get(name), str) and not value[name].startswith("https://")
    ]
    assert len(asked) > 1_000
    assert {name.partition("/_history/")[0] for name in asked} <= there


def test_ids_are_unique_and_well_formed(resources):
    ids = [one["id"] for one in resources]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", identity) for identity in ids)


def test_meta(resources):
    moments = {one["meta"]["lastUpdated"] for one in resources}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment) for moment in moments)
    assert min(moments) >= "2024-10-01"
    assert max(moments) < "2026-10-01"
    assert len({moment[:7] for moment in moments}) >= 20, "spread over the two years"
    for one in resources:
        assert one["meta"]["versionId"] == "1"
        assert [tag["code"] for tag in one["meta"]["tag"]] == ["HTEST"]


def test_nhs_numbers_are_of_the_test_range_with_their_check_digit(resources):
    numbers = [
        name["value"]
        for one in of(resources, "Patient")
        for name in one["identifier"]
        if name["system"] == NHS
    ]
    assert len(set(numbers)) == 50
    for number in numbers:
        assert re.fullmatch(r"999\d{7}", number)
        total = sum(int(digit) * (10 - place) for place, digit in enumerate(number[:9]))
        assert (total + int(number[9])) % 11 == 0


@pytest.mark.parametrize(("body", "digit"), [("943476591", "9"), ("999000003", "4"), ("000000000", "0")])
def test_nhs_check_digit(body, digit):
    assert nhs_check_digit(body) == digit


def test_some_nhs_numbers_may_not_be_issued():
    assert None in {nhs_check_digit(f"999{n:06d}") for n in range(20)}


def test_every_snomed_identifier_has_its_check_digit(resources):
    codes = {
        value["code"]
        for one in resources
        for value in each(one)
        if isinstance(value, dict) and value.get("system") == SNOMED
    }
    assert len(codes) > 25
    assert [code for code in codes if not verhoeff(code)] == []


def test_verhoeff_notices_a_wrong_digit():
    assert verhoeff("38341003")
    assert not verhoeff("38341004")
    assert not verhoeff("38314003")


@pytest.mark.parametrize("patients", [6, 11, 50, 120])
def test_every_awkward_standing_is_there(patients):
    kinds = Counter[str]()
    people = of(list(population(3, patients, BASE)), "Patient")
    by_id = {f"Patient/{one['id']}": one for one in people}
    for one in people:
        kinds["inactive"] += not one["active"]
        kinds["deceased"] += one.get("deceasedBoolean", False)
        kinds["died"] += "deceasedDateTime" in one
        kinds["restricted"] += "security" in one["meta"]
        for link in one.get("link", []):
            kinds[link["type"]] += 1
            back = by_id[link["other"]["reference"]]["link"][0]
            assert back["other"]["reference"] == f"Patient/{one['id']}"
            assert {back["type"], link["type"]} == {"replaces", "replaced-by"}
    assert all(kinds[kind] >= 1 for kind in ("deceased", "died", "restricted", "replaces", "replaced-by"))
    assert kinds["inactive"] >= 2, "merged records are inactive, and so are others"


def test_a_few_patients_stand_normally():
    assert {(one.inactive, one.into) for one in standings(Draw(1), 5)} == {(False, None)}


def test_nothing_happens_to_the_dead(resources):
    died = {
        f"Patient/{one['id']}": one["deceasedDateTime"][:19]
        for one in of(resources, "Patient")
        if "deceasedDateTime" in one
    }
    assert died
    for visit in of(resources, "Encounter"):
        assert visit["period"]["start"][:19] < died.get(visit["subject"]["reference"], "9999")


def test_names_and_dates_are_varied(resources):
    people = of(resources, "Patient")
    names = ["".join([one["name"][0]["family"], *one["name"][0]["given"]]) for one in people]
    assert any(not re.search("[a-zA-Z]", name) for name in names), "a name without Latin letters"
    assert any(re.search("[à-žÀ-Ž]", name) for name in names), "a name with accents"
    assert any(len(name) > 70 for name in names), "a long name"
    assert {len(one["birthDate"]) for one in people} == {4, 7, 10}


def test_contact_details_are_nobodys(resources):
    phones = [
        contact["value"]
        for one in resources
        for contact in one.get("telecom", [])
        if contact["system"] == "phone"
    ]
    assert phones
    assert all(re.fullmatch(r"01632 960\d{3}|07700 900\d{3}", phone) for phone in phones)
    assert all(home["postalCode"].startswith("ZZ99 ") for one in resources for home in one.get("address", []))


def test_attachments_describe_their_bytes(resources):
    binaries = {f"Binary/{one['id']}": one for one in of(resources, "Binary")}
    kinds = set()
    for document in of(resources, "DocumentReference"):
        attachment = document["content"][0]["attachment"]
        content = base64.b64decode(binaries[attachment["url"]]["data"], validate=True)
        kinds.add(attachment["contentType"])
        assert attachment["contentType"] == binaries[attachment["url"]]["contentType"]
        assert attachment["size"] == len(content)
        assert base64.b64decode(attachment["hash"]) == hashlib.sha1(content, usedforsecurity=False).digest()
        if attachment["contentType"] == "application/pdf":
            assert content.startswith(b"%PDF-1.4\n")
            start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
            assert content[start : start + 5] == b"xref\n"
            offsets = [int(line[:10]) for line in content[start:].split(b"\n")[3:8]]
            assert all(
                content[offset:].startswith(b"%d 0 obj" % number) for number, offset in enumerate(offsets, 1)
            )
        else:
            assert not content.decode().isascii()
    assert kinds == {"application/pdf", "text/plain;charset=utf-8"}


def test_long_notes_are_there(resources):
    notes = [note["text"] for one in of(resources, "Condition") for note in one.get("note", [])]
    described = [one["description"] for one in of(resources, "DocumentReference") if "description" in one]
    for long in (notes, described):
        assert any(len(text) > 1_000 and "\n" in text and not text.isascii() for text in long)


def test_the_cohort_is_about_a_third(resources):
    (cohort,) = of(resources, "Group")
    members = {member["entity"]["reference"] for member in cohort["member"]}
    assert len(members) == len(cohort["member"]) == cohort["quantity"] == 50 // 3


def test_the_demo_population_has_about_the_right_size():
    demo = Counter(one["resourceType"] for one in population(SEED, PATIENTS, BASE))
    assert demo["Patient"] == PATIENTS
    assert len(demo) == 17
    assert 12 <= (demo.total() / PATIENTS) <= 20


def digest(seed: int) -> str:
    text = json.dumps(list(population(seed, 30, BASE)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def test_same_arguments_same_resources_in_another_process():
    script = (
        "import hashlib, json\n"
        "from conformance.reference.population.making import population\n"
        f"text = json.dumps(list(population(11, 30, {BASE!r})), sort_keys=True)\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    other = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert other.stdout.strip() == digest(11)
    assert digest(12) != digest(11)


def test_the_resources_do_not_depend_on_the_python_version():
    """This digest was the same on all supported versions; a change of it changes everybody's demo data."""
    assert digest(11) == "db9cc53d15a5d8274dba9fe8abcbee31267dfaa9eb06a72ae7670ec4af451f5b"


def test_draws_use_the_promised_stream_only():
    draw = Draw(1, "x")
    assert [draw.below(100) for _ in range(4)] == [85, 8, 18, 8]
