"""Binding: slots filled from what discovery found, by choices that the suite recorded."""

import datetime as dt
import random

import pytest
from evidence_builder import exchange, step
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.catalog import built_in
from conformance.model.profile import Call, Phase, Profile
from conformance.model.suite import BoundSuite, Slot, Suite, Template
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome
from conformance.stages.bind import Circumstances, bind

PATIENTS = [
    {"resourceType": "Patient", "id": f"p{n}", "birthDate": f"19{50 + n}-01-0{n % 9 + 1}", "active": True}
    for n in range(7)
]
PROFILE = Profile.model_validate(
    {
        "profile": "p",
        "version": "0.1.0",
        "title": "P",
        "parameters": {"limit": {"default": 3}},
        "requirements": [
            {
                "id": "R",
                "level": "SHALL",
                "text": "R.",
                "source": "https://example.org",
                "untested": "sample",
            },
            {"id": "X", "level": "SHALL", "text": "X.", "source": "x", "untested": "sample", "phase": "exit"},
        ],
    }
)
READ = Call(
    name="request", arguments={"path": "/Patient/{p.id}?of={p.source}&born={p}", "label": "n${limit}"}
)
CREATE = Call(name="create", arguments={"family": "HTEST-A", "birth_date": "1970-01-01"})


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources]}


HALF_A_CHARACTER = (
    rb'{"resourceType":"Bundle","entry":[{"resource":'
    rb'{"resourceType":"Patient","id":"p","birthDate":"\ud800"}}]}'
)


def discovered(*bundles, status: int = 200):
    samples = (exchange(url="/Patient", body=b, label="sample", status=status) for b in bundles)
    return step(*samples, name="discovery")


def template(probe: Call = READ, choice: int = 0, path: str = "Patient.birthDate", **more) -> Template:
    slots = {"p": Slot(path=path, choice=choice)} if probe is READ else {}
    expect = (Call(name="status", arguments={"code": "${limit}"}),)
    return Template(
        **{"id": "R/1", "requirement": "R", "probes": (probe,), "slots": slots, "expect": expect} | more
    )


def bound(
    *templates, discovery=None, may_write=False, phase=Phase.TENDER, gate=lambda _calls: None, **overrides
) -> BoundSuite:
    around = Circumstances(
        run_id="run",
        as_of=dt.date(2026, 11, 22),
        target=TargetCard(endpoint="https://ehr.example.org", may_write=may_write, phase=phase),
        overrides=overrides,
        plugins={},
    )
    suite = Suite(profile=PROFILE, seed=1, templates=templates)
    return bind(suite, discovery or discovered(bundle(*PATIENTS)), around, gate, built_in())


@pytest.mark.parametrize(("choice", "patient"), [(0, 0), (3, 3), (6, 6), (7, 0), (100, 2)])
def test_a_slot_is_filled_by_the_choice_among_the_sorted_values(choice, patient):
    case = bound(template(choice=choice)).cases[0]
    taken = PATIENTS[patient]
    source = f"Patient/{taken['id']}"
    assert case.values == {"p": taken["birthDate"], "p.source": source, "p.id": taken["id"]}


def test_choices_that_follow_on_each_other_come_to_different_values_before_the_same_one_is_taken_twice():
    twins = [patient | {"birthDate": "1950-01-01"} for patient in PATIENTS[:5]] + PATIENTS[5:]
    taken = [
        bound(template(choice=choice), discovery=discovered(bundle(*twins))).cases[0].values
        for choice in range(6)
    ]
    assert [values["p"] for values in taken] == ["1950-01-01", "1955-01-06", "1956-01-07"] * 2
    assert [values["p.id"] for values in taken] == ["p0", "p5", "p6", "p1", "p5", "p6"]


def test_probe_and_checks_get_slots_and_parameters_filled_in():
    suite = bound(template())
    (only,) = suite.steps
    assert only.probe.arguments == {"path": "/Patient/p0?of=Patient/p0&born=1950-01-01", "label": "n3"}
    assert suite.cases[0].steps == (only.id,)
    assert suite.cases[0].expect[0].arguments == {"code": 3}


def test_a_buyers_own_limit_takes_the_place_of_the_default_and_is_recorded():
    suite = bound(template(), limit=9)
    assert suite.cases[0].expect[0].arguments == {"code": 9}
    assert (suite.parameters, suite.overrides) == ({"limit": 9}, ("limit",))


@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(0, 50))
@settings(max_examples=40, deadline=None)
def test_the_order_in_which_things_were_discovered_makes_no_difference(rnd: random.Random, parts, choice):
    mixed = [*PATIENTS, PATIENTS[0] | {"birthDate": "2001-01-01"}]
    rnd.shuffle(mixed)
    bundles = [bundle(*mixed[part::parts]) for part in range(parts)]
    plain = discovered(bundle(*PATIENTS, PATIENTS[0] | {"birthDate": "2001-01-01"}))
    assert bound(template(choice=choice), discovery=discovered(*bundles)) == bound(
        template(choice=choice), discovery=plain
    )


@pytest.mark.parametrize(
    "discovery",
    [
        discovered(),
        discovered(bundle()),
        discovered(bundle(*PATIENTS), status=500),
        discovered({"resourceType": "Bundle", "entry": "none"}, [1], "text"),
        discovered(bundle({"resourceType": "Patient"}, {"id": "x"}, {"resourceType": "Patient", "id": 3})),
        discovered(HALF_A_CHARACTER),
    ],
    ids=["nothing", "empty", "failed", "odd", "nameless", "half-a-character"],
)
def test_without_data_a_case_cannot_be_tried(discovery):
    suite = bound(template(), discovery=discovery)
    assert "showed no Patient.birthDate" in suite.cases[0].untestable
    assert suite.steps == ()
    assert suite.canonical()


def test_a_shut_gate_makes_a_case_inapplicable_and_sends_nothing():
    suite = bound(template(), gate=lambda _calls: (Outcome.INAPPLICABLE, "not declared"))
    assert (suite.cases[0].inapplicable, suite.cases[0].untestable, suite.steps) == ("not declared", "", ())


def test_a_gate_that_cannot_tell_lets_nobody_off():
    suite = bound(template(), gate=lambda _calls: (Outcome.UNTESTED, "who knows"))
    assert (suite.cases[0].inapplicable, suite.cases[0].untestable, suite.steps) == ("", "who knows", ())


def test_gates_get_parameters_filled_in():
    asked = []
    when = (Call(name="declares", arguments={"resource": "R${limit}"}),)
    bound(template(when=when), gate=asked.append)
    assert asked == [(Call(name="declares", arguments={"resource": "R3"}),)]


@pytest.mark.parametrize("may_write", [True, False])
def test_what_writes_needs_permission(may_write):
    suite = bound(template(CREATE), may_write=may_write)
    assert [step.writes for step in suite.steps] == ([True] if may_write else [])
    assert ("gives no permission" in suite.cases[0].untestable) is not may_write


def test_cases_that_need_the_same_evidence_share_a_step():
    other = template(id="R/2", choice=7)
    suite = bound(template(), other, template(id="R/3", choice=1))
    assert len(suite.steps) == 2
    assert suite.cases[0].steps == suite.cases[1].steps != suite.cases[2].steps


@pytest.mark.parametrize(
    ("phase", "cases"), [(Phase.TENDER, []), (Phase.CONTRACT, []), (Phase.EXIT, ["X/1"])]
)
def test_what_applies_later_is_not_tried_yet(phase, cases):
    assert [case.id for case in bound(template(id="X/1", requirement="X"), phase=phase).cases] == cases


def test_the_same_suite_and_discovery_give_the_same_bytes():
    assert bound(template()).canonical() == bound(template()).canonical()
