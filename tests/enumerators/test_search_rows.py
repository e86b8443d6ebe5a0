"""Searches made of what a target declares and holds: each is known to find its source, or to leave it out."""

import pytest
from evidence_builder import AS_OF, exchange, step
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.enumerators.search import COMBINED, NO_VALUE, OWN_MEANING, UNKNOWN, search_parameters
from conformance.enumerators.search_laws import (
    chained_searches,
    search_combinations,
    search_complements,
    searches_by_all,
)
from conformance.enumerators.search_odd import searches_without_match
from conformance.errors import NoData, NotApplicable
from conformance.fhir.capability import COMBINATION
from conformance.fhir.search.judge import Around, satisfies
from conformance.model.evidence import Evidence
from conformance.model.target import TargetCard

BASE = "https://ehr.example.org"
KINDS = {
    "Patient": {
        "family": "string",
        "gender": "token",
        "birthdate": "date",
        "identifier": "token",
        "_id": "token",
    },
    "Observation": {
        "code": "token",
        "subject": "reference",
        "value-quantity": "quantity",
        "date": "date",
        "component-code-value-quantity": "composite",
        "acme": "token",
    },
}
NAMES = ("Müller", "Smith", "Okafor", "Llŷr", "de la Haye")


def patients():
    return [
        {
            "resourceType": "Patient",
            "id": f"p{n}",
            "name": [{"family": name}],
            "gender": "female" if n % 2 else "male",
            "birthDate": f"19{50 + n}-0{n + 1}-01",
            "identifier": [{"system": "urn:i", "value": str(n)}],
        }
        for n, name in enumerate(NAMES)
    ]


def quantity(value):
    return {"value": value, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"}


def observations():
    return [
        {
            "resourceType": "Observation",
            "id": f"o{n}",
            "code": {"coding": [{"system": "urn:c", "code": f"c{n}", "display": f"Thing {n}"}]},
            "subject": {"reference": f"Patient/p{n}"},
            "effectiveDateTime": f"2024-05-0{n + 1}T10:00:00+01:00",
            "valueQuantity": quantity(n + 0.25),
            "component": [
                {
                    "code": {"coding": [{"system": "urn:c", "code": part}]},
                    "valueQuantity": quantity(n + 100 + add),
                }
                for add, part in enumerate(("a", "b"))
            ],
        }
        for n in range(4)
    ]


def seen(held, kinds=None):
    declared = KINDS if kinds is None else kinds
    statement = {
        "resourceType": "CapabilityStatement",
        "rest": [
            {
                "resource": [
                    {
                        "type": kind,
                        "interaction": [{"code": "search-type"}],
                        "searchParam": [{"name": name, "type": of} for name, of in names.items()],
                    }
                    for kind, names in declared.items()
                ]
            }
        ],
    }
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in held]}
    discovery = step(
        exchange(url="/metadata", body=statement, label="metadata"),
        exchange(url="/x", body=bundle, label="sample"),
        name="discovery",
    )
    return Evidence((), discovery, TargetCard(endpoint=BASE), AS_OF)


HELD = [*patients(), *observations()]
BY_NAME = {f"{one['resourceType']}/{one['id']}": one for one in HELD}
TARGET = seen(HELD)
FORMS = [
    *("plain", "code", "system", "other-system", "no-system", "not", "text", "missing", "present", "start"),
    *(
        "swapped",
        "unaccented",
        "exact",
        "exact-swapped",
        "exact-start",
        "contains",
        "day",
        "month",
        "year",
        "zone",
    ),
    *(
        "ge",
        "gt",
        "le",
        "lt",
        "ne",
        "sa",
        "eb",
        "unit",
        "system-unit",
        "other-unit",
        "rounded",
        "id",
        "absolute",
    ),
    *("typed", "typed-other", "other-type", "crossed", "wildcard-one", "wildcard-many"),
]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(FORMS))
def test_every_row_keeps_its_word(choice, form):
    for row in search_parameters(TARGET, choice, forms=[form]):
        if row.lacking:
            continue
        around = Around(BASE)
        assert row.resource in row.source
        assert all(satisfies(BY_NAME[name], row.query, around) is True for name in row.matching)
        assert not row.other or satisfies(BY_NAME[row.other], row.query, around) is False
        if row.control:
            assert satisfies(BY_NAME[row.source], row.control, around) is True
        assert row.matching or row.control


def test_each_declared_parameter_is_a_row():
    rows = {row.key: row for row in search_parameters(TARGET, 0)}
    assert set(rows) == {f"{kind}.{name}" for kind, names in KINDS.items() for name in names}
    assert rows["Observation.acme"].lacking == UNKNOWN
    assert rows["Patient.family"].query.startswith("family=")
    assert len(rows["Observation.component-code-value-quantity"].matching) == 1


def test_rows_are_of_those_asked_for():
    keys = [row.key for row in search_parameters(TARGET, 0, kinds=["token"], without=["_id", "acme"])]
    assert sorted(keys) == ["Observation.code", "Patient.gender", "Patient.identifier"]
    assert [row.key for row in search_parameters(TARGET, 0, names=["family"], forms=["exact", "start"])] == [
        "Patient.family:exact",
        "Patient.family:start",
    ]
    with pytest.raises(NotApplicable):
        list(search_parameters(TARGET, 0, kinds=["uri"]))


def test_a_standard_parameter_cannot_be_given_another_meaning_by_a_definition_of_its_own():
    evidence = seen(HELD)
    statement = evidence.capability_statement
    statement["rest"][0]["resource"][0]["searchParam"][0]["definition"] = "http://acme.example/family"
    (row,) = search_parameters(evidence, 0, kinds=["string"])
    assert row.query.startswith("family=")


@pytest.mark.parametrize("stated", ["token", "special", "", None])
def test_nobody_is_excused_by_the_kind_that_they_declare(stated):
    evidence = seen(HELD)
    parameter = evidence.capability_statement["rest"][0]["resource"][0]["searchParam"][0]
    parameter["definition"] = "http://hl7.org/fhir/SearchParameter/Patient-family"
    parameter["type"] = stated
    rows = {row.key: row for row in search_parameters(evidence, 0, kinds=["string"])}
    assert rows["Patient.family"].query.startswith("family=")


def combined(*required, optional=()):
    parts = [{"url": "required", "valueString": name} for name in required]
    parts += [{"url": "optional", "valueString": name} for name in optional]
    return {"url": COMBINATION, "extension": parts}


def together_only(*patient, observation=()):
    evidence = seen(HELD)
    resources = evidence.capability_statement["rest"][0]["resource"]
    for entry, extensions in zip(resources, (patient, observation), strict=True):
        entry["extension"] = list(extensions)
    return evidence


def lacking(rows):
    return {row.key: row.lacking for row in rows}


def test_nobody_is_excused_by_saying_that_parameters_go_together():
    evidence = together_only(combined("birthdate", "family"), observation=[combined("subject", "code")])
    assert lacking(search_parameters(evidence, 0, kinds=["string"])) == {"Patient.family": COMBINED}
    assert lacking(searches_without_match(evidence, 0, kinds=["string"])) == {"Patient.family": COMBINED}
    with pytest.raises(NoData, match="together with others only"):
        list(chained_searches(evidence, 0))
    with pytest.raises(NotApplicable):
        list(search_parameters(evidence, 0, kinds=["uri"]))
    rows = {row.key: row for row in search_combinations(evidence, 0, how="together")}
    row = rows["Patient.birthdate+family"]
    assert {part.partition("=")[0] for part in row.both.split("&")} == {"birthdate", "family"}
    assert all(satisfies(BY_NAME[name], row.both, Around(BASE)) is True for name in row.matching)
    assert row.matching


@pytest.mark.parametrize(
    ("declared", "alone"),
    [
        ([], True),
        ([combined()], True),
        ([combined("family")], True),
        ([combined("birthdate")], False),
        ([combined("birthdate", "family")], False),
        ([combined("birthdate", "family"), combined("family", optional=["gender"])], True),
        ([combined(optional=["family", "gender"])], True),
        ([combined("birthdate", optional=["family"])], False),
    ],
)
def test_who_may_be_searched_alone_is_what_the_combinations_say(declared, alone):
    (found,) = search_parameters(together_only(*declared), 0, kinds=["string"])
    assert (found.lacking == "") is alone


def test_combinations_of_what_is_not_known_are_told():
    evidence = together_only(combined("family", "ac/me x"))
    (row,) = search_combinations(evidence, 0, how="together")
    assert row.key == "Patient.ac%2Fme%20x+family"
    assert "cannot be" in row.lacking or UNKNOWN in row.lacking
    with pytest.raises(NotApplicable, match="together only"):
        list(search_combinations(seen(HELD), 0, how="together"))


def test_what_no_resource_shows_is_lacking():
    rows = list(search_parameters(seen([{"resourceType": "Patient", "id": "x"}]), 0, kinds=["string"]))
    assert [row.lacking for row in rows] == [NO_VALUE]
    without = Evidence((), step(name="discovery"), TargetCard(endpoint=BASE), AS_OF)
    with pytest.raises(NoData):
        list(search_parameters(without, 0))


@pytest.mark.parametrize("how", ["or", "and"])
def test_a_parameter_whose_values_mean_something_particular_is_no_search(how):
    places = [
        {
            "resourceType": "Location",
            "id": f"l{n}",
            "name": name,
            "position": {"longitude": n, "latitude": n},
        }
        for n, name in enumerate(NAMES)
    ]
    target = seen(places, {"Location": {"near": "special", "name": "string"}})
    rows = {row.key: row for row in search_parameters(target, 0)}
    assert rows["Location.near"].lacking == OWN_MEANING
    assert rows["Location.name"].query.startswith("name=")
    assert "near" not in {row.by for row in search_combinations(target, 3, how=how)}


@pytest.mark.parametrize("how", ["or", "and"])
def test_combinations_are_told_from_their_parts(how):
    rows = [row for row in search_combinations(TARGET, 3, how=how) if not row.lacking]
    assert rows
    for row in rows:
        assert all(satisfies(BY_NAME[name], row.both, Around(BASE)) is True for name in row.matching)
        assert row.one != row.two
        if row.other:
            assert satisfies(BY_NAME[row.other], row.both, Around(BASE)) is False


def test_a_search_by_all_of_several_parameters():
    (row,) = searches_by_all(TARGET, 7, resource="Patient", names=["family", "birthdate"])
    assert row.query.startswith("family=")
    assert "&birthdate=" in row.query
    assert all(satisfies(BY_NAME[name], row.query, Around(BASE)) is True for name in row.matching)
    assert satisfies(BY_NAME[row.other], row.query, Around(BASE)) is False
    (lacking,) = searches_by_all(seen([]), 0, resource="Patient", names=["family", "gender"])
    assert lacking.lacking == NO_VALUE
    with pytest.raises(NotApplicable, match="by telecom"):
        list(searches_by_all(TARGET, 0, resource="Patient", names=["family", "telecom"]))


@pytest.mark.parametrize(("how", "whole"), [("missing", ""), ("not", ""), ("date", ":missing=false")])
def test_complements(how, whole):
    rows = [row for row in search_complements(TARGET, 3, how=how) if not row.lacking]
    assert rows
    for row in rows:
        assert row.whole.endswith(whole)
        of_type = [one for one in HELD if one["resourceType"] == row.resource]
        one, two = ([satisfies(each, q, Around(BASE)) for each in of_type] for q in (row.one, row.two))
        both = [left and right for left, right in zip(one, two, strict=True)]
        assert sum(map(bool, one)) + sum(map(bool, two)) - sum(map(bool, both)) == len(of_type)


def test_chains_lead_to_what_is_sampled():
    (row,) = [row for row in chained_searches(TARGET, 2) if not row.lacking]
    assert row.query == f"subject:Patient.{row.inner}"
    assert all(
        satisfies(BY_NAME[name], row.query, Around(BASE, resolve=BY_NAME.get)) is True
        for name in row.matching
    )
    (back,) = [row for row in chained_searches(TARGET, 2, reverse=True) if not row.lacking]
    assert (back.resource, back.other_type) == ("Patient", "Observation")
    assert back.query == f"_has:Observation:subject:{back.inner}"
    assert {name.partition("/")[0] for name in back.matching} == {"Patient"}


def test_values_that_nothing_has():
    rows = {row.key: row for row in searches_without_match(TARGET, 0)}
    assert "Patient._id" not in rows
    for row in rows.values():
        assert not any(
            satisfies(one, row.query, Around(BASE)) for one in HELD if one["resourceType"] == row.resource
        )
    invalid = list(searches_without_match(TARGET, 0, how="invalid"))
    assert {row.kind for row in invalid} == {"date", "quantity"}
    assert all(row.query == "" for row in searches_without_match(TARGET, 0, how="any"))
    with pytest.raises(NotApplicable):
        list(searches_without_match(seen([], {"Patient": {"gender": "token"}}), 0, how="invalid"))


@pytest.mark.parametrize("form", ["wildcard-one", "wildcard-many"])
def test_a_search_with_wildcards_has_a_control_that_finds_the_value_itself(form):
    rows = list(search_parameters(TARGET, 0, kinds=["string", "token"], forms=[form]))
    sent = [row for row in rows if not row.lacking]
    assert {row.kind for row in sent} == {"string", "token"}
    assert all(row.control and not row.matching and row.other == row.source for row in sent)
