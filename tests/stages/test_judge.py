"""Judging one case: what is wrong outweighs what is in doubt, and nothing passes without evidence."""

import datetime as dt

import pytest
from evidence_builder import exchange, step
from own_parts import catalog_of

from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.base import compact, sha256
from conformance.model.evidence import REFUSED, UNREADABLE, Evidence, StepEvidence
from conformance.model.profile import Call
from conformance.model.suite import Case
from conformance.model.target import TargetCard
from conformance.model.verdict import Outcome, Verdict
from conformance.plugin import Findings, Measured, Measurement, Remark, check
from conformance.stages.judge import gates, judge

NUMBER = Measurement(id="n", title="Number", group="G", value="7", definition="Seven.")


@check("content")
def content(_evidence: Evidence) -> Findings:
    """Is content with everything."""
    yield from ()


@check("wrong")
def wrong(evidence: Evidence, *, times: int = 1, long: bool = False) -> Findings:
    """Finds fault with everything."""
    for number in range(times):
        yield evidence.first.finding(f"is wrong {number}" + " and so on" * (200 if long else 0))


@check("odd")
def odd(_evidence: Evidence) -> Findings:
    """Quotes half a character of the target's."""
    yield "it says '\ud800'"


@check("unsure")
def unsure(_evidence: Evidence) -> Findings:
    """Cannot tell."""
    raise NotJudgeable("it cannot be told")
    yield


@check("empty")
def empty(_evidence: Evidence) -> Findings:
    """Finds nothing to judge."""
    raise NoData("nothing there")
    yield


@check("exempt")
def exempt(_evidence: Evidence) -> Findings:
    """Finds that it does not apply."""
    raise NotApplicable("need not")
    yield


@check("crash")
def crash(evidence: Evidence) -> Findings:
    """Finds fault and then falls over."""
    yield evidence.first.finding("is wrong before the crash")
    raise ZeroDivisionError("our fault")


@check("halfway")
def halfway(evidence: Evidence) -> Findings:
    """Finds fault and then cannot go on."""
    yield evidence.first.finding("is wrong so far")
    raise NotJudgeable("the rest was not kept")


@check("measures")
def measures(_evidence: Evidence) -> Findings:
    """Takes a number, and then cannot tell."""
    yield Measured(NUMBER)
    raise NotJudgeable("the rest was not kept")


@check("notes")
def notes(evidence: Evidence) -> Findings:
    """Says what it saw, which is nothing wrong."""
    yield Remark(f"{evidence.first} gives a name")


@check("long")
def long(_evidence: Evidence, *, letters: int) -> Findings:
    """Finds fault in so many letters."""
    yield "x" * letters


@check("no-generator")
def no_generator(_evidence: Evidence) -> Findings:  # a plugin's author forgot to yield
    """Gives nothing at all."""


CATALOG = catalog_of(
    content,
    wrong,
    odd,
    unsure,
    empty,
    exempt,
    crash,
    halfway,
    measures,
    notes,
    long,
    no_generator,
    alone=True,
)
ANSWERED = exchange(url="/Patient/1", id="s.1")
CUT_OFF = exchange(url="/Patient/2", id="s.2", status=0, failure="no connection")


def evidence(*steps: StepEvidence) -> Evidence:
    card = TargetCard(endpoint="https://ehr.example.org")
    return Evidence(steps=steps, discovery=step(name="discovery"), target=card, as_of=dt.date(2026, 11, 22))


def judged(*expect: str | Call, seen: Evidence | None = None, **case) -> Verdict:
    calls = tuple(Call(name=call) if isinstance(call, str) else call for call in expect)
    made = Case(id="R/1", requirement="R", steps=("s",), expect=calls, **case)
    return judge(made, seen or evidence(step(ANSWERED)), CATALOG)


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        (["content"], Outcome.PASS),
        (["content", "content"], Outcome.PASS),
        (["wrong"], Outcome.FAIL),
        (["content", "wrong"], Outcome.FAIL),
        (["unsure", "wrong"], Outcome.FAIL),
        (["wrong", "crash"], Outcome.FAIL),
        (["halfway"], Outcome.FAIL),
        (["unsure"], Outcome.INCONCLUSIVE),
        (["content", "unsure"], Outcome.INCONCLUSIVE),
        (["empty", "unsure"], Outcome.INCONCLUSIVE),
        (["exempt", "unsure"], Outcome.INCONCLUSIVE),
        (["crash"], Outcome.INCONCLUSIVE),
        (["no-generator"], Outcome.INCONCLUSIVE),
        (["empty"], Outcome.UNTESTED),
        (["content", "empty"], Outcome.UNTESTED),
        (["exempt", "empty"], Outcome.UNTESTED),
        (["exempt"], Outcome.INAPPLICABLE),
        (["content", "exempt"], Outcome.INAPPLICABLE),
        ([], Outcome.INCONCLUSIVE),
    ],
)
def test_what_is_wrong_outweighs_what_is_in_doubt_and_doubt_outweighs_silence(expect, outcome):
    assert judged(*expect).outcome is outcome
    assert judged(*reversed(expect)).outcome is outcome


def test_a_number_is_no_finding_and_no_remark_and_decides_nothing():
    verdict = judged("measures")
    assert (verdict.outcome, verdict.findings, verdict.remarks) == (Outcome.INCONCLUSIVE, (), ())
    assert verdict.measurements == (NUMBER.model_copy(update={"case": "R/1"}),)


def test_a_gate_is_not_closed_by_a_number():
    found = gates((Call(name="measures"),), evidence(step(ANSWERED)), CATALOG)
    assert found == (Outcome.UNTESTED, "it cannot be told whether this applies: the rest was not kept")


def test_a_crash_is_our_fault_and_fails_nobody():
    verdict = judged("crash")
    assert verdict.findings == ()
    assert (
        "the check crash crashed (ZeroDivisionError: our fault); this is a fault of the harness"
        in verdict.because
    )


def test_a_failure_tells_its_doubts_as_well():
    assert judged("unsure", "wrong").because == "it cannot be told"


def test_a_pass_has_no_reasons_and_no_command_line():
    verdict = judged("content")
    assert (verdict.findings, verdict.because, verdict.curl) == ((), "", "")


@pytest.mark.parametrize(
    ("steps", "outcome", "said"),
    [
        ([step(CUT_OFF)], Outcome.INCONCLUSIVE, "GET /fhir/Patient/2: no connection"),
        ([step(ANSWERED, CUT_OFF)], Outcome.INCONCLUSIVE, "no connection"),
        ([StepEvidence(step="s", crash="the probe crashed")], Outcome.INCONCLUSIVE, "the probe crashed"),
        ([StepEvidence(step="s", untestable="no data")], Outcome.UNTESTED, "no data"),
        (
            [StepEvidence(step="s", untestable="no data"), step(CUT_OFF)],
            Outcome.INCONCLUSIVE,
            "no connection",
        ),
        ([StepEvidence(step="s")], Outcome.INCONCLUSIVE, "nothing was recorded"),
        ([], Outcome.INCONCLUSIVE, "nothing was recorded"),
    ],
)
def test_trouble_on_the_way_never_passes_and_never_fails(steps, outcome, said):
    verdict = judged("content", seen=evidence(*steps))
    assert verdict.outcome is outcome
    assert said in verdict.because
    if any(s.exchanges for s in steps):
        assert judged("wrong", seen=evidence(*steps)).outcome is outcome


def test_a_case_that_was_not_tried_says_why():
    assert judged("wrong", inapplicable="not declared").outcome is Outcome.INAPPLICABLE
    assert judged("wrong", untestable="no data").outcome is Outcome.UNTESTED
    assert judged("wrong", untestable="no data").because == "no data"


def test_a_verdict_names_its_evidence_by_id_and_digest():
    (reference,) = judged("content").evidence
    assert (reference.id, reference.sha256) == ("s.1", sha256(compact(ANSWERED.plain())))


def test_a_failure_shows_the_request_that_shows_it():
    other = exchange(url="/Patient/9", id="s.9")
    verdict = judged("wrong", seen=evidence(step(ANSWERED, other)))
    assert "/Patient/1" in verdict.curl
    assert verdict.findings == ("GET /fhir/Patient/1 is wrong 0",)


def test_what_was_expected_is_told_in_words():
    assert (
        judged(Call(name="wrong", arguments={"times": 2}), "content").expected == "wrong (times 2); content"
    )


def test_many_and_long_findings_are_cut():
    verdict = judged(Call(name="wrong", arguments={"times": 50, "long": True}))
    assert len(verdict.findings) == 21
    assert verdict.findings[-1] == "… and 30 more of the same kind"
    assert max(map(len, verdict.findings)) < 700


def test_half_a_character_of_the_target_can_be_written_down():
    verdict = judged("odd")
    assert verdict.outcome is Outcome.FAIL
    assert verdict.canonical()


@pytest.mark.parametrize(
    ("calls", "outcome"),
    [
        ([], None),
        (["content"], None),
        (["wrong"], Outcome.INAPPLICABLE),
        (["exempt"], Outcome.INAPPLICABLE),
        (["unsure"], Outcome.UNTESTED),
        (["empty"], Outcome.UNTESTED),
        (["crash"], Outcome.UNTESTED),
        (["unsure", "wrong"], Outcome.INAPPLICABLE),
        (["content", "unsure"], Outcome.UNTESTED),
    ],
)
def test_a_gate_lets_nobody_off_for_what_cannot_be_told(calls, outcome):
    shut = gates(tuple(Call(name=name) for name in calls), evidence(step(ANSWERED)), CATALOG)
    assert (shut[0] if shut else None) is outcome
    assert shut is None or shut[1]


def test_why_a_check_cannot_judge_is_told_in_its_own_words():
    assert judged("exempt").because == "need not"
    assert judged("empty").because == "nothing there"
    assert judged("unsure").because == "it cannot be told"
    assert judged().because == "nothing was recorded that a verdict could rest on"


def test_the_doubts_beside_a_failure_are_told_each_once():
    assert judged("unsure", "halfway", "unsure").because == "it cannot be told; the rest was not kept"


def test_what_one_check_saw_or_measured_is_kept_when_another_says_nothing():
    verdict = judged("notes", "measures", "content")
    assert verdict.remarks == ("GET /fhir/Patient/1 gives a name",)
    assert [each.id for each in verdict.measurements] == ["n"]
    assert judged("notes").outcome is Outcome.PASS


def test_trouble_is_told_with_what_was_asked_and_the_evidence_for_it():
    cut = exchange(url="/Patient/3", id="s.3", status=0, failure="no connection")
    verdict = judged("content", seen=evidence(step(ANSWERED, cut)))
    assert verdict.expected == "content"
    assert [(each.id, each.sha256) for each in verdict.evidence] == [
        ("s.1", sha256(compact(ANSWERED.plain()))),
        ("s.3", sha256(compact(cut.plain()))),
    ]


@pytest.mark.parametrize(
    ("label", "failure", "outcome"),
    [
        ("file", f"{REFUSED}a private address", Outcome.FAIL),
        ("manifest-page", f"{UNREADABLE}no gzip", Outcome.FAIL),
        ("file", "no connection", Outcome.INCONCLUSIVE),
        ("kick-off", f"{REFUSED}a private address", Outcome.INCONCLUSIVE),
        ("kick-off", "no connection", Outcome.INCONCLUSIVE),
        ("cleanup", "no connection", Outcome.FAIL),
    ],
)
def test_what_cannot_be_fetched_is_judged_only_where_the_target_listed_it_and_is_at_fault(
    label, failure, outcome
):
    cut = exchange(url="/file", id="s.2", status=0, failure=failure, label=label)
    assert judged("wrong", seen=evidence(step(ANSWERED, cut))).outcome is outcome


def test_a_finding_that_names_no_request_is_shown_by_the_last():
    other = exchange(url="/Patient/9", id="s.9")
    assert "/Patient/9" in judged("odd", seen=evidence(step(ANSWERED, other))).curl


def test_arguments_are_told_in_the_order_of_their_names():
    call = Call(name="wrong", arguments={"times": 2, "long": True})
    assert judged(call).expected == "wrong (long True, times 2)"


def test_a_finding_is_cut_where_it_is_longer_than_may_be():
    assert judged(Call(name="long", arguments={"letters": 600})).findings == ("x" * 600,)
    assert judged(Call(name="long", arguments={"letters": 601})).findings == ("x" * 600 + " …",)


def test_a_closed_gate_says_why():
    seen = evidence(step(ANSWERED))
    assert gates((Call(name="wrong"),), seen, CATALOG) == (
        Outcome.INAPPLICABLE,
        "GET /fhir/Patient/1 is wrong 0",
    )
    assert gates((Call(name="exempt"),), seen, CATALOG) == (Outcome.INAPPLICABLE, "need not")


def test_a_doubtful_gate_is_not_opened_by_the_next():
    calls = (Call(name="unsure"), Call(name="empty"), Call(name="content"))
    told = "it cannot be told whether this applies: it cannot be told"
    assert gates(calls, evidence(step(ANSWERED)), CATALOG) == (Outcome.UNTESTED, told)
