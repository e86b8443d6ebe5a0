"""Operations that are declared and only read: what shows that they are there, and what that they are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from saw import evidence, exchange, step

from conformance.checks.operations_called import reading_operation_works
from conformance.enumerators.operations import reading_operations
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.fhir.reading_operations import READING, query_of

NAMED = {"resourceType": "Parameters", "parameter": [{"name": "name"}, {"name": "display"}]}
URL = "/CodeSystem/$lookup"


def outcome(code, text=""):
    return {"resourceType": "OperationOutcome", "issue": [{"code": code, "diagnostics": text}]}


def refused(status, code="invalid", text="", path=URL, label="call"):
    return exchange(path, status=status, body=outcome(code, text), label=label)


def judged(*calls, bare, unknown=None):
    other = unknown or refused(404, text="no htest-no-such-operation here")
    seen = step(
        *calls,
        exchange(bare.url, status=bare.status, body=bare.content(), label="bare"),
        exchange(other.url, status=other.status, body=other.content(), label="unknown"),
    )
    return list(
        reading_operation_works(evidence(seen), name="lookup", gives="Parameters", holds=["name", "display"])
    )


def test_a_result_with_all_its_parts_is_right_however_it_was_got():
    answers = [refused(405), exchange(URL, method="POST", body=NAMED, label="call")]
    seen = evidence(step(*answers))
    assert not list(reading_operation_works(seen, name="lookup", gives="Parameters", holds=["display"]))


def judged_once(status, body=None):
    seen = evidence(exchange("/Patient/$match", method="POST", status=status, body=body, label="call"))
    return list(reading_operation_works(seen, name="match", gives="Bundle"))


@pytest.mark.parametrize(
    ("status", "body", "findings"),
    [
        (200, {"resourceType": "Bundle", "type": "searchset"}, 0),
        (200, outcome("informational"), 1),
        (404, None, 1),
        (405, None, 1),
        (501, None, 1),
        (500, None, 1),
        (400, outcome("not-supported"), 1),
    ],
)
def test_one_call_shows_whether_an_operation_is_there_at_all(status, body, findings):
    assert len(judged_once(status, body)) == findings


@pytest.mark.parametrize("status", [400, 422])
def test_an_operation_that_refuses_what_was_made_up_was_not_seen_to_work(status):
    with pytest.raises(NoData):
        judged_once(status)


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_do_not_permit_the_one_call_show_nothing(status):
    with pytest.raises(NotJudgeable):
        judged_once(status)


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Parameters"},
        {"resourceType": "Parameters", "parameter": [{"name": "name"}]},
        {"resourceType": "Parameters", "parameter": "display"},
    ],
)
def test_a_result_that_lacks_what_its_definition_promises_is_none(body):
    seen = evidence(step(exchange(URL, body=body, label="call")))
    (finding,) = reading_operation_works(seen, name="lookup", gives="Parameters", holds=["name", "display"])
    assert "display" in finding


def test_a_success_without_the_resource_is_no_result():
    answer = exchange(URL, body=outcome("informational"), label="call")
    assert judged(answer, answer, bare=answer)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_who_knows_of_no_such_operation_contradicts_the_declaration(status):
    answer = refused(status)
    assert judged(answer, answer, bare=answer)


def test_who_says_that_it_is_not_supported_contradicts_the_declaration():
    answer = refused(400, "not-supported")
    assert judged(answer, answer, bare=answer)


def test_who_refuses_it_in_the_words_for_what_there_is_not_contradicts_the_declaration():
    answer = refused(400, text="I do not know LOOKUP".replace("LOOKUP", "lookup"))
    unknown = refused(400, text="I do not know htest-no-such-operation")
    assert judged(answer, answer, bare=answer, unknown=unknown)


def test_who_breaks_does_not_carry_it_out():
    assert judged(refused(404), refused(500), bare=refused(404))


@pytest.mark.parametrize("bare", [refused(400, "required", "code is missing"), refused(500)])
def test_a_code_that_is_not_known_shows_nothing_about_the_operation(bare):
    with pytest.raises(NoData):
        judged(refused(404), refused(404), bare=bare)


def test_credentials_that_do_not_permit_it_show_nothing():
    with pytest.raises(NotJudgeable):
        judged(refused(403), refused(403), bare=refused(403))


def statement(**operations):
    resources = [
        {"type": kind, "operation": [{"name": name, "definition": f"http://x/{name}"} for name in names]}
        for kind, names in operations.items()
        if kind != "system"
    ]
    system = [{"name": name} for name in operations.get("system", ())]
    return {
        "resourceType": "CapabilityStatement",
        "rest": [{"mode": "server", "resource": resources, "operation": system}],
    }


def rows(declared, *held, choice=0):
    found = [exchange("/metadata", body=declared, label="metadata")]
    entries = [{"resource": one, "search": {"mode": "match"}} for one in held]
    found.append(exchange("/x", body={"resourceType": "Bundle", "entry": entries}, label="sample"))
    return {row.key: row for row in reading_operations(evidence(discovery=tuple(found)), choice)}


def test_what_is_declared_is_called_with_what_the_target_holds():
    codes = {"resourceType": "CodeSystem", "id": "c", "url": "urn:c", "concept": [{"code": "a"}]}
    (row,) = rows(statement(CodeSystem=["lookup"]), codes).values()
    assert (row.at, query_of(row.arguments)) == ("/CodeSystem", {"system": "urn:c", "code": "a"})


def test_a_code_of_the_standard_serves_where_none_is_held():
    held = {"resourceType": "CodeSystem", "id": "c", "url": "urn:c", "concept": [{"display": "no code"}]}
    (row,) = rows(statement(CodeSystem=["$lookup"]), held).values()
    assert query_of(row.arguments)["code"] == "male"


def test_an_operation_on_an_instance_needs_one():
    assert rows(statement(Composition=["document"]))["Composition.document"].lacking
    document = {"resourceType": "Composition", "id": "d"}
    assert rows(statement(Composition=["document"]), document)["Composition.document"].at == "/Composition/d"


def test_an_operation_of_the_system_may_be_declared_there():
    found = rows(statement(system=["versions", "CodeSystem-lookup"]))
    assert found["system.versions"].at == ""
    assert found["CodeSystem.lookup"].at == "/CodeSystem"


def test_nobody_is_asked_for_what_nobody_declares():
    with pytest.raises(NotApplicable):
        rows(statement(Patient=["match", "export"]))


@given(st.integers(0, 2**31), st.permutations(["Encounter", "Observation", "Patient"]))
def test_an_operation_of_all_types_is_called_on_one_that_the_target_holds(choice, kinds):
    declared = statement(**{kind: ["meta"] for kind in kinds})
    held = {"resourceType": "Patient", "id": "p"}
    assert rows(declared, held, choice=choice)["Patient.meta"].at == "/Patient/p"


def test_each_operation_of_the_list_promises_something():
    assert all(one.gives and one.holds for one in READING)
    assert len({(one.type, one.name) for one in READING}) == len(READING)
