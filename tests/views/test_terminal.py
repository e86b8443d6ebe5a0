"""What a person at the keyboard is told about a run."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from report_samples import RECORD, SIGNED, of_every_kind, report, result
from rich.cells import cell_len
from rich.console import Console
from strategies import reports, run_records

from conformance.model.profile import Method, Profile, Requirement
from conformance.model.report import Result
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome
from conformance.views import selection, terminal
from conformance.views.html import html
from conformance.views.signature import UNSIGNED
from conformance.views.text import clean, one_line


def shown(view, width=80):
    stream = io.StringIO()
    Console(file=stream, width=width).print(view, crop=False)
    return stream.getvalue()


def words(shown_text):
    return " ".join(shown_text.split())


def test_every_failure_is_told_with_all_that_defends_it():
    page = shown(terminal.whole(of_every_kind(), RECORD, SIGNED))
    for requirement in of_every_kind().at(Outcome.FAIL):
        for case in requirement.verdicts[: terminal.MOST_CASES]:
            assert case.findings[0] in words(page)
            assert case.expected in words(page)
            assert f"  {case.curl}\n" in page
            assert f"  conformance replay run-1 --only {case.case}\n" in page
        assert requirement.id in page
        assert requirement.text in words(page)
        assert f"{requirement.source}\n" in page
    assert "2 more failing cases" in page


def test_what_is_not_known_stands_with_its_reason_once():
    page = words(shown(terminal.whole(of_every_kind(), RECORD, SIGNED)))
    assert page.count("no permission to write (2, 2 binding) REQ-7, REQ-8") == 1
    assert "no answer within 60 s (1, 1 binding) REQ-6" in page


def test_failures_stand_before_warnings_and_warnings_before_what_is_not_known():
    page = shown(terminal.whole(of_every_kind(), RECORD, SIGNED))
    order = [
        page.index(title) for title in ("What failed (2)", "Warnings", "Inconclusive (1)", "Untested (2)")
    ]
    assert order == sorted(order)


def test_methods_stand_side_by_side_and_are_not_added_up():
    page = shown(terminal.methods(of_every_kind()))
    rows = {line.split()[0]: line.split()[1:] for line in page.splitlines() if line.strip()}
    assert rows["Tested"] == ["1", "3", "1", "1", "1", "FAILED"]
    assert rows["Documented"] == ["0", "1", "0", "0", "0", "FAILED"]
    assert rows["Attested"] == ["0", "0", "0", "1", "0", "FAILED"]
    assert "Attested: shown, but no part of the result." in page
    assert "Tested: 2 of the failures break no SHALL and decide nothing." in page
    assert "1 statement of the profile out of scope." in page


@pytest.mark.parametrize(("cases", "told"), [(0, False), (3, True)])
def test_what_was_tried_and_does_not_count_is_counted(cases, told):
    tried = [result(2, Outcome.INAPPLICABLE, cases=cases)] if cases else []
    made = report(result(1, Outcome.PASS), *tried)
    said = "3 cases tried and not counted"
    assert (said in words(shown(terminal.methods(made)))) is told
    assert (said in html(made, RECORD, SIGNED)) is told


def test_who_ran_it_and_that_nobody_signed_it_stand_beside_the_verdict():
    page = words(shown(terminal.whole(of_every_kind(), RECORD, UNSIGNED)))
    assert "run by the buyer (Jo Bloggs, North Trust)" in page
    assert page.count("UNSIGNED") == 2
    assert "UNSIGNED" not in shown(terminal.whole(of_every_kind(), RECORD, SIGNED))


@pytest.mark.parametrize(
    ("overall", "outcome", "said"),
    [
        (Result.PASSED, Outcome.PASS, "for the cases tried"),
        (Result.FAILED, Outcome.FAIL, "1 binding requirement is not met."),
        (Result.INCONCLUSIVE, Outcome.UNTESTED, "0 are inconclusive and 1 is untested. This is not a pass."),
        (Result.NOT_TESTED, Outcome.UNTESTED, "Nothing was tested that could decide the result."),
    ],
)
def test_the_conclusion_promises_no_more_than_was_shown(overall, outcome, said):
    line = terminal.verdict_line(report(result(1, outcome, said="why"), overall=overall), SIGNED).plain
    assert line.startswith(overall.value)
    assert said in line
    assert "%" not in line


def test_a_run_against_the_embedded_supplier_says_that_it_is_a_demonstration():
    card = TargetCard(endpoint="http://127.0.0.1:1/fhir", embedded=True)
    page = shown(terminal.whole(report(result(1, Outcome.PASS), target=card), RECORD, SIGNED))
    assert "says nothing about any product" in words(page)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(reports, run_records)
def test_no_string_of_a_server_has_an_effect_or_breaks_the_width(given_report, record):
    page = shown(terminal.whole(given_report, record, UNSIGNED))
    assert clean(page) == page
    for line in page.splitlines():
        assert cell_len(line) <= 80 or line.startswith(("  curl", "  conformance replay")) or "  " in line


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(reports, run_records)
def test_every_failure_and_every_reason_is_told(given_report, record):
    page = words(shown(terminal.whole(given_report, record, UNSIGNED), width=5000))
    for requirement in given_report.at(Outcome.FAIL):
        assert requirement.id in page
        for case in selection.decisive(requirement)[: terminal.MOST_CASES]:
            for finding in case.findings[: terminal.MOST_FINDINGS]:
                assert one_line(finding)[: terminal.LONGEST].strip() in page
    for outcome in (Outcome.INCONCLUSIVE, Outcome.UNTESTED):
        for group in selection.grouped(given_report, outcome):
            assert group.reason[: terminal.LONGEST].strip() in page


def test_markup_is_text():
    page = shown(
        terminal.whole(report(result(1, Outcome.FAIL, said="[bold]x[/nothing] :smile:")), RECORD, SIGNED)
    )
    assert "[bold]x[/nothing] :smile:" in page


def test_lists_of_profiles_requirements_and_faults():
    requirement = Requirement(
        id="A-1",
        level="SHALL",
        text="It answers.",
        source="x",
        method=Method.ATTESTED,
        untested="a person says so",
    )
    profile = Profile(
        profile="exit-core", version="0.1.0", title="Leaving", status="draft", requirements=(requirement,)
    )
    assert "exit-core 0.1.0 1 Leaving (draft)" in words(
        shown(terminal.profiles({"Who leaves": [profile], "Nobody": []}))
    )
    listed = words(shown(terminal.requirements(profile)))
    assert "A-1 SHALL attested It answers. (not tested: a person says so)" in listed
    assert "slow-start It takes long." in words(shown(terminal.faults([("slow-start", "It takes long.")])))


def test_nothing_here_prints():
    source = Path(terminal.__file__).read_text(encoding="utf-8")
    assert "print(" not in source.replace("console.print(view", "")
