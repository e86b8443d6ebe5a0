"""The report for CI systems, read back by a reader that somebody else wrote."""

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from report_samples import RECORD, SIGNED, of_every_kind, report, result

from conformance.model.profile import Level, Method
from conformance.model.report import Result
from conformance.model.verdict import Outcome
from conformance.views.junit import junit


def cases(shown):
    """The cases by the id of their requirement, as the foreign reader sees them."""
    found = [case for suite in JUnitXml.fromstring(junit(shown, RECORD, SIGNED)) for case in suite]
    assert len({case.name for case in found}) == len(found)
    return {case.name.split()[0]: case for case in found}


def kind(case):
    assert len(case.result) <= 1
    return type(case.result[0]) if case.result else None


@pytest.mark.parametrize(
    ("outcome", "level", "expected"),
    [
        (Outcome.PASS, Level.SHALL, None),
        (Outcome.FAIL, Level.SHALL, Failure),
        (Outcome.FAIL, Level.SHALL_NOT, Failure),
        (Outcome.UNTESTED, Level.SHALL, Error),
        (Outcome.INCONCLUSIVE, Level.SHALL, Error),
        (Outcome.INAPPLICABLE, Level.SHALL, Skipped),
        (Outcome.FAIL, Level.SHOULD, None),
        (Outcome.FAIL, Level.MAY, None),
        (Outcome.UNTESTED, Level.SHOULD, Skipped),
        (Outcome.INCONCLUSIVE, Level.MAY, Skipped),
    ],
)
def test_each_outcome_has_one_form(outcome, level, expected):
    case = cases(report(result(1, outcome, level=level, said="so it is", cases=3), overall=Result.PASSED))
    assert kind(case["REQ-1"]) is expected


def test_a_recommendation_that_is_not_followed_is_told_without_failing_the_build():
    case = cases(of_every_kind())["REQ-4"]
    assert case.system_out.startswith("warning, not a failure of the build (SHOULD decides nothing)")
    assert "no ETag was sent" in case.system_out


def test_what_is_out_of_scope_is_skipped():
    assert kind(cases(of_every_kind())["REQ-10"]) is Skipped
    shown = report(result(1, Outcome.UNTESTED, method=Method.OUT_OF_SCOPE))
    assert kind(cases(shown)["REQ-1"]) is Skipped


def test_a_failure_holds_all_that_a_build_log_needs():
    failure = cases(of_every_kind())["REQ-2"].result[0]
    assert failure.message == "fail: POST /$export answered 500"
    for fact in ("https://hl7.org/fhir/R4/http.html#clause-2", "Case REQ-2/5", "curl --include"):
        assert fact in failure.text


def test_counts_are_those_of_the_cases():
    whole = JUnitXml.fromstring(junit(of_every_kind(), RECORD, SIGNED))
    whole_again = JUnitXml.fromstring(junit(of_every_kind(), RECORD, SIGNED))
    whole_again.update_statistics()
    for name in ("tests", "failures", "errors", "skipped"):
        assert getattr(whole, name) == getattr(whole_again, name)
    assert (whole.tests, whole.failures, whole.errors, whole.skipped) == (10, 2, 3, 2)


@pytest.mark.parametrize("overall", [Result.FAILED, Result.INCONCLUSIVE, Result.NOT_TESTED])
def test_a_report_that_did_not_pass_never_looks_as_if_it_had(overall):
    shown = report(result(1, Outcome.INAPPLICABLE), overall=overall)
    whole = JUnitXml.fromstring(junit(shown, RECORD, SIGNED))
    assert whole.failures + whole.errors == 1


def test_requirements_of_one_name_are_told_apart():
    twice = report(result(1, Outcome.PASS), result(1, Outcome.FAIL), overall=Result.FAILED)
    names = [case.name for suite in JUnitXml.fromstring(junit(twice, RECORD, SIGNED)) for case in suite]
    assert len(set(names)) == 2
    assert all(name.startswith("REQ-1 ") for name in names)
