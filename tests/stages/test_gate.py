"""What a report means for a build: the exit code, with and without a list of known failures."""

import datetime as dt
from itertools import combinations, product

import pytest

from conformance.model.baseline import KnownFailure
from conformance.model.level import Level
from conformance.model.profile import Method, Phase
from conformance.model.report import MethodVerdict, ProfileRef, Report, RequirementResult, Result
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome
from conformance.stages.gate import gate

TODAY = dt.date(2026, 11, 26)
RESULT = {
    Outcome.FAIL: Result.FAILED,
    Outcome.INCONCLUSIVE: Result.INCONCLUSIVE,
    Outcome.UNTESTED: Result.INCONCLUSIVE,
    Outcome.PASS: Result.PASSED,
}


def reported(**outcomes: str) -> Report:
    """A report with requirements of these outcomes; those whose name begins with an A advise."""
    results = tuple(
        RequirementResult(
            id=name,
            origin="p",
            level=Level.SHOULD if name.startswith("A") else Level.SHALL,
            method=Method.AUTOMATED,
            phase=Phase.TENDER,
            text="t",
            source="s",
            outcome=Outcome(outcome),
        )
        for name, outcome in outcomes.items()
    )
    binding = [r.outcome for r in results if r.binds and r.outcome is not Outcome.INAPPLICABLE]
    worst = next((o for o in RESULT if o in binding), None)
    tried = worst is not None and set(binding) != {Outcome.UNTESTED}
    result = RESULT[worst] if tried and worst else Result.NOT_TESTED
    return Report(
        run_id="r",
        profile=ProfileRef(profile="p", version="1.0.0", title="P", digest="d"),
        target=TargetCard(endpoint="https://x.example/fhir"),
        as_of=TODAY,
        suite_digest="d",
        result=result,
        methods=(MethodVerdict(method=Method.AUTOMATED, gates=True, result=result),),
        requirements=results,
    )


def known(*names: str, until: dt.date = TODAY) -> tuple[KnownFailure, ...]:
    return tuple(KnownFailure(requirement=name, reason="known", until=until) for name in names)


@pytest.mark.parametrize(
    ("outcomes", "listed", "fail_on", "code"),
    [
        ({"R": "pass"}, (), "inconclusive", 0),
        ({"R": "fail"}, (), "failed", 1),
        ({"R": "pass", "Q": "untested"}, (), "inconclusive", 4),
        ({"R": "pass", "Q": "untested"}, (), "failed", 0),
        ({"R": "untested"}, (), "failed", 5),
        ({"R": "pass", "A": "fail"}, (), "inconclusive", 0),
        ({"R": "pass", "A": "fail"}, (), "warning", 1),
        ({"R": "pass", "A": "fail"}, known("A"), "warning", 0),
        ({"R": "pass", "Q": "fail"}, known("Q"), "inconclusive", 0),
        ({"R": "fail", "Q": "fail"}, known("Q"), "failed", 1),
        ({"R": "inconclusive", "Q": "fail"}, known("Q"), "inconclusive", 4),
        ({"R": "inconclusive", "Q": "fail"}, known("Q"), "failed", 0),
        ({"R": "pass", "Q": "pass"}, known("Q"), "failed", 1),
        ({"R": "pass", "Q": "inconclusive"}, known("Q"), "inconclusive", 4),
        ({"R": "pass", "Q": "fail"}, known("Q", until=TODAY - dt.timedelta(1)), "failed", 1),
    ],
)
def test_the_exit_code(outcomes, listed, fail_on, code):
    assert gate(reported(**outcomes), listed, fail_on).code == code


def test_each_entry_is_told_by_what_became_of_it():
    ended = known("E", until=TODAY - dt.timedelta(1))
    report = reported(N="fail", X="fail", E="fail", F="pass", U="untested")
    gated = gate(report, (*known("X", "F", "U"), *ended))
    assert (gated.new, gated.excused, gated.expired) == (("N", "E"), ("X",), ("E",))
    assert (gated.fixed, gated.undecided) == (("F",), ("U",))


def test_a_list_never_makes_a_build_pass_with_a_failure_that_is_not_on_it():
    for outcomes in product([o.value for o in Outcome], repeat=3):
        report = reported(**dict(zip("PQR", outcomes, strict=True)))
        for size in range(4):
            for listed in combinations("PQR", size):
                failed = {r.id for r in report.requirements if r.outcome is Outcome.FAIL}
                fixed = {r.id for r in report.requirements if r.outcome is Outcome.PASS and r.id in listed}
                assert (gate(report, known(*listed), "failed").code == 1) == bool(failed - {*listed} or fixed)


def test_what_advises_warns_only_when_it_fails_and_what_binds_never_warns():
    assert gate(reported(R="pass", A="pass"), (), "warning").warned == ()
    assert gate(reported(R="fail", A="fail"), (), "warning").warned == ("A",)


def test_a_binding_level_that_only_advises_in_this_run_warns():
    made = reported(R="pass", Q="fail")
    advised = made.requirements[1].model_copy(update={"advisory": "not yet in force"})
    passed = made.model_copy(
        update={"requirements": (made.requirements[0], advised), "result": Result.PASSED}
    )
    assert gate(passed, (), "warning").warned == ("Q",)


def test_a_report_that_says_failed_fails_the_build_even_if_no_requirement_shows_why():
    odd = reported(R="pass").model_copy(update={"result": Result.FAILED})
    assert gate(odd).code == 1
