"""Several reports side by side: what counts, what cannot be compared, and what a decision changes."""

import datetime as dt

import pytest

from conformance.errors import UsageError
from conformance.model.attestation import SignerInfo, Statement, Subject, VerificationStep, Verified
from conformance.model.comparison import Decision, Equivalence, Turn, Weights
from conformance.model.predicate import predicate
from conformance.model.profile import Profile
from conformance.model.report import RunRecord, Tool
from conformance.model.suite import BoundSuite
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome, Verdict
from conformance.stages.compare import changes, compare
from conformance.stages.report import report

TEST = {"probe": {"request": {"path": "/"}}, "expect": [{"status": {"code": 200}}]}
LEVELS = {"A-1": "SHALL", "A-2": "SHALL", "B-1": "SHOULD", "B-2": "SHOULD"}
PASSED = {"A-1": "pass", "A-2": "pass", "B-1": "pass", "B-2": "pass"}
STEPS = ("signatures", "keys", "files", "recomputation", "binding")


def bid(product: str, outcomes: dict, levels: dict | None = None, **parameters) -> Verified:
    """A verified report on this product; `outcomes` by requirement."""
    known = levels or LEVELS
    profile = Profile.model_validate(
        {
            "profile": "p",
            "version": "0.1.0",
            "title": "What we ask",
            "parameters": {"limit": {"default": 5}},
            "requirements": [
                {"id": id_, "level": level, "text": f"It does {id_}.", "source": "s", "tests": [TEST]}
                for id_, level in known.items()
            ],
        }
    )
    bound = BoundSuite(
        run_id=f"run-{product}",
        as_of=dt.date(2026, 11, 22),
        profile=profile,
        profile_digest=f"{len(known):064x}",
        seed=1,
        parameters={"limit": 5} | parameters,
        overrides=tuple(parameters),
        target=TargetCard(endpoint="https://ehr.example.org", product=product, version="1"),
    )
    verdicts = [
        Verdict(case=f"{id_}/1", requirement=id_, outcome=Outcome(outcome), because=f"{id_} was {outcome}")
        for id_, outcome in outcomes.items()
        if id_ in known
    ]
    content = report(bound, verdicts)
    record = RunRecord(
        run_id=bound.run_id,
        started_at="2026-11-22T17:05:00.000Z",
        finished_at="2026-11-22T17:06:00.000Z",
        tool=Tool(name="conformance", version="0.1.0"),
    )
    stated = predicate(content, record)
    return Verified(
        statement=Statement(
            type_="t", subject=(Subject(name="x", digests={}),), predicate_type="p", predicate={}
        ),
        predicate=stated,
        report=content,
        record=record,
        signers=(SignerInfo(keyid="k", name="North Trust", roles=("buyer",)),),
        steps=tuple(VerificationStep(name=name, outcome="ok", detail="") for name in STEPS),
    )


def test_bids_stand_side_by_side_with_what_each_adds_up_to():
    found = compare(
        [
            bid("One", PASSED),
            bid("Two", PASSED | {"A-2": "fail", "B-1": "fail"}),
            bid("Three", PASSED | {"A-1": "untested"}),
        ],
        Weights(points={"B-1": "5", "B-*": "2.5"}),
    )
    assert found.comparable
    assert [(s.mandatory_met, s.mandatory, s.not_shown) for s in found.scores] == [
        (2, 2, 0),
        (1, 2, 0),
        (1, 2, 1),
    ]
    assert [(s.points, s.of) for s in found.scores] == [("7.5", "7.5"), ("2.5", "7.5"), ("7.5", "7.5")]
    assert [row.points for row in found.rows] == ["", "", "5", "2.5"]
    row = next(row for row in found.rows if row.id == "A-2")
    assert [cell.outcome for cell in row.cells] == ["pass", "fail", "pass"]
    assert row.cells[1].because == "A-2 was fail"


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"limit": 6}, "parameter limit"),
        ({"levels": LEVELS | {"C-1": "SHALL"}}, "profile (SHA-256)"),
    ],
)
def test_bids_that_were_measured_otherwise_are_not_comparable(other, what):
    found = compare([bid("One", PASSED), bid("Two", PASSED, **other)])
    assert not found.comparable
    assert what in {difference.what for difference in found.differences if difference.matters}


def test_a_requirement_that_one_report_does_not_have_is_not_met_there():
    found = compare([bid("One", PASSED | {"C-1": "pass"}, LEVELS | {"C-1": "SHALL"}), bid("Two", PASSED)])
    row = next(row for row in found.rows if row.id == "C-1")
    assert [cell.outcome for cell in row.cells] == ["pass", None]
    assert [s.mandatory_met for s in found.scores] == [3, 2]
    assert found.scores[1].not_shown == 1


def decision(**changed) -> Equivalence:
    made = {
        "requirement": "A-2",
        "product": "Two",
        "who": "Jo Bloggs",
        "accepted": "a certificate",
        "reason": "it shows the same",
        "on": "2026-11-20",
    }
    return Equivalence.model_validate(made | changed)


def test_a_decision_counts_and_leaves_the_outcome_as_it_is():
    found = compare(
        [bid("One", PASSED), bid("Two", PASSED | {"A-2": "fail"})], decisions=[Decision(what=decision())]
    )
    cell = next(row for row in found.rows if row.id == "A-2").cells[1]
    assert (cell.outcome, cell.met) == ("fail", True)
    assert [(s.mandatory_met, s.by_equivalence) for s in found.scores] == [(2, 0), (2, 1)]


@pytest.mark.parametrize(
    ("weights", "decisions", "told"),
    [
        (Weights(points={"Z-1": "1"}), (), "Z-1"),
        (Weights(points={"B-1": "much"}), (), "much"),
        (None, (Decision(what=decision(requirement="Z-1")),), "Z-1"),
        (None, (Decision(what=decision(product="Tow")),), "did you mean 'Two'?"),
    ],
)
def test_weights_and_decisions_that_fit_nothing_are_refused(weights, decisions, told):
    with pytest.raises(UsageError, match=told.replace("?", r"\?")):
        compare([bid("One", PASSED), bid("Two", PASSED)], weights, decisions)


def test_one_report_is_no_comparison():
    with pytest.raises(UsageError, match="two reports"):
        compare([bid("One", PASSED)])


def test_reports_on_one_product_are_told_apart():
    same = compare([bid("One", PASSED), bid("One", PASSED)])
    assert [one.label for one in same.bids] == ["One 1 [1]", "One 1 [2]"]


def test_a_test_made_again_shows_which_way_each_requirement_went():
    levels = dict.fromkeys("abcdef", "SHALL")
    before = {"a": "fail", "b": "pass", "c": "untested", "d": "pass", "e": "untested", "f": "pass"}
    after = {"a": "pass", "b": "fail", "c": "pass", "d": "inconclusive", "e": "inconclusive", "f": "pass"}
    found = changes(bid("One", before, levels), bid("One", after, levels))
    assert {change.id: change.turn for change in found.changes} == {
        "a": Turn.BETTER,
        "b": Turn.WORSE,
        "c": Turn.NEWLY_TESTED,
        "d": Turn.NO_LONGER_TESTED,
        "e": Turn.OTHER,
    }
    assert found.unchanged == 1


def test_what_was_untested_and_fails_now_is_worse():
    levels = {"a": "SHALL"}
    found = changes(bid("One", {"a": "untested"}, levels), bid("One", {"a": "fail"}, levels))
    assert [change.turn for change in found.changes] == [Turn.WORSE]
