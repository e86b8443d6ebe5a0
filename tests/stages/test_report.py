"""The verdict rules: what a requirement, a method, a part and the whole come to."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.model.base import sha256
from conformance.model.composition import Change
from conformance.model.measurement import Measurement
from conformance.model.profile import Profile
from conformance.model.report import Report, Result, Waiver
from conformance.model.suite import BoundSuite
from conformance.model.target import Observed, TargetCard
from conformance.model.verdict import EvidenceRef, Outcome, Verdict
from conformance.stages.report import report

CODES = {
    "p": Outcome.PASS,
    "f": Outcome.FAIL,
    "i": Outcome.INCONCLUSIVE,
    "u": Outcome.UNTESTED,
    "n": Outcome.INAPPLICABLE,
}
TEST = {"probe": {"request": {"path": "/"}}, "expect": [{"status": {"code": 200}}]}


def requirement(name: str, cases: int, **more) -> dict:
    how = {"tests": [TEST | {"examples": cases}]} if cases else {"untested": "no test exists"}
    known = {"id": name, "level": "SHALL", "text": "It does.", "source": "https://example.org"}
    made = known | how | more
    if made.get("method") == "out-of-scope":
        made.pop("tests", None)
        made.pop("untested", None)
    return made


def suite(*requirements: dict, phase: str = "tender", **profile) -> BoundSuite:
    made = Profile.model_validate(
        {"profile": "p", "version": "0.1.0", "title": "P", "requirements": list(requirements)} | profile
    )
    card = TargetCard(endpoint="https://ehr.example.org", phase=phase)
    return BoundSuite(
        run_id="run", as_of=dt.date(2026, 11, 22), profile=made, profile_digest="0" * 64, seed=1, target=card
    )


def verdicts(name: str, codes: str) -> list[Verdict]:
    return [
        Verdict(
            case=f"{name}/{number}",
            requirement=name,
            outcome=CODES[code],
            because="" if code == "p" else code,
        )
        for number, code in enumerate(codes, 1)
    ]


def reported(*codes: str, **more) -> Report:
    """A report on binding automated requirements with these outcomes of their cases."""
    named = [(f"R-{n}", c) for n, c in enumerate(codes)]
    made = suite(*(requirement(name, len(c)) for name, c in named), **more)
    return report(made, [v for name, c in named for v in verdicts(name, c)])


@pytest.mark.parametrize(
    ("cases", "outcome"),
    [
        ("p", "p"),
        ("ppp", "p"),
        ("pf", "f"),
        ("fiupn", "f"),
        ("pi", "i"),
        ("piu", "i"),
        ("iun", "i"),
        ("pu", "u"),
        ("puuuuuuuuu", "u"),
        ("un", "u"),
        ("pn", "p"),
        ("fn", "f"),
        ("n", "n"),
        ("nn", "n"),
        ("", "u"),
    ],
)
def test_a_requirement_is_as_good_as_its_worst_case_that_applies(cases, outcome):
    assert reported(cases).requirements[0].outcome is CODES[outcome]


def test_a_requirement_of_which_cases_were_left_out_does_not_pass():
    made = suite(requirement("R", 3))
    result = report(made, verdicts("R", "pp")).requirements[0]
    assert (result.outcome, result.because) == (Outcome.UNTESTED, "2 of its 3 cases were run")
    assert report(made, verdicts("R", "nn")).requirements[0].outcome is Outcome.UNTESTED
    assert report(made, verdicts("R", "pf")).requirements[0].outcome is Outcome.FAIL


def test_the_reasons_are_those_of_the_worst_cases_each_once():
    assert reported("puuin").requirements[0].because == "i"
    assert reported("puun").requirements[0].because == "u"


@pytest.mark.parametrize(
    ("requirements", "result"),
    [
        (["p"], Result.PASSED),
        (["p", "n"], Result.PASSED),
        (["n", "n"], Result.NOT_TESTED),
        (["u"], Result.NOT_TESTED),
        ([""], Result.NOT_TESTED),
        (["p", "u"], Result.INCONCLUSIVE),
        (["p", ""], Result.INCONCLUSIVE),
        (["p", "i"], Result.INCONCLUSIVE),
        (["i"], Result.INCONCLUSIVE),
        (["i", "n"], Result.INCONCLUSIVE),
        (["p", "f"], Result.FAILED),
        (["f", "u", "i"], Result.FAILED),
        ([], Result.NOT_TESTED),
    ],
)
def test_the_result_is_decided_by_the_binding_requirements(requirements, result):
    made = reported(*requirements)
    assert made.result is result
    if requirements:
        assert made.methods[0].result is result


@pytest.mark.parametrize(
    ("phase", "outcome"),
    [("tender", Outcome.INAPPLICABLE), ("contract", Outcome.FAIL), ("exit", Outcome.FAIL)],
)
def test_a_requirement_applies_from_its_phase_on(phase, outcome):
    made = suite(requirement("R", 1, phase="contract"), phase=phase)
    assert report(made, verdicts("R", "f")).requirements[0].outcome is outcome


def test_what_is_out_of_scope_is_listed_and_decides_nothing():
    outside = requirement("O", 0, method="out-of-scope", outOfScope="binds the client")
    made = report(suite(requirement("R", 1), outside), verdicts("R", "p"))
    assert [(r.id, r.outcome, r.because) for r in made.requirements][1] == (
        "O",
        Outcome.INAPPLICABLE,
        "binds the client",
    )
    assert made.result is Result.PASSED
    assert [(m.method, m.gates) for m in made.methods] == [("automated", True), ("out-of-scope", False)]


BY_METHOD = [requirement(m, 1, method=m) for m in ("automated", "documented", "attested")]


@pytest.mark.parametrize(
    ("gates", "codes", "result"),
    [
        ([], "ppp", Result.PASSED),
        ([], "ppf", Result.FAILED),
        ([], "ppu", Result.INCONCLUSIVE),
        ([], "uuu", Result.NOT_TESTED),
        (["automated"], "pff", Result.PASSED),
        (["automated"], "fpp", Result.FAILED),
        (["documented", "attested"], "fpp", Result.PASSED),
        (["documented", "attested"], "ppi", Result.INCONCLUSIVE),
    ],
)
def test_the_profile_says_which_methods_decide(gates, codes, result):
    found = [v for r, code in zip(BY_METHOD, codes, strict=True) for v in verdicts(r["id"], code)]
    made = report(suite(*BY_METHOD, gates=gates), found)
    assert made.result is result
    assert [m.method for m in made.methods if m.gates] == (gates or ["automated", "documented", "attested"])


@pytest.mark.parametrize(
    ("patterns", "rests_on", "result"),
    [
        (["A-*"], ["automated"], Result.PASSED),
        (["B-*"], ["automated"], Result.FAILED),
        (["B-*"], ["documented"], Result.NOT_TESTED),
        (["A-1", "B-1"], ["automated"], Result.FAILED),
    ],
)
def test_a_part_of_the_profile_has_a_verdict_of_its_own(patterns, rests_on, result):
    part = {"id": "part", "title": "Part", "restsOn": rests_on, "requirements": patterns}
    made = suite(requirement("A-1", 1), requirement("B-1", 1), subVerdicts=[part])
    found = report(made, verdicts("A-1", "p") + verdicts("B-1", "f"))
    assert found.sub_results[0].result is result
    assert found.result is Result.FAILED


def test_a_part_that_has_not_passed_keeps_the_whole_from_passing():
    part = {"id": "part", "title": "Part", "restsOn": ["documented"], "requirements": ["D"]}
    two = suite(
        requirement("A", 1), requirement("D", 1, method="documented"), gates=["automated"], subVerdicts=[part]
    )
    assert report(two, verdicts("A", "p") + verdicts("D", "u")).result is not Result.PASSED


def test_a_waiver_is_shown_and_changes_nothing():
    waiver = Waiver(requirement="R-0", reason="known", who="A. Buyer", until=dt.date(2027, 1, 1))
    made = suite(requirement("R-0", 1))
    found = report(made, verdicts("R-0", "f"), [waiver])
    assert found.requirements[0].waiver == waiver
    assert (found.result, found.requirements[0].outcome) == (Result.FAILED, Outcome.FAIL)


LEVELS = st.sampled_from(["SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "MAY"])
CASES = st.text("pfiun", max_size=4)
SOME = st.lists(st.tuples(LEVELS, CASES), max_size=6)


def made_of(drawn: list[tuple[str, str]]) -> tuple[BoundSuite, list[Verdict]]:
    named = [(f"R-{n}", level, codes) for n, (level, codes) in enumerate(drawn)]
    made = suite(*(requirement(name, len(codes), level=level) for name, level, codes in named))
    return made, [v for name, _, codes in named for v in verdicts(name, codes)]


@given(SOME, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_verdicts_makes_no_difference(drawn, rnd):
    made, found = made_of(drawn)
    mixed = list(found)
    rnd.shuffle(mixed)
    assert report(made, mixed).canonical() == report(made, found).canonical()


@given(SOME, CASES, st.sampled_from(["SHOULD", "SHOULD NOT", "MAY"]))
@settings(deadline=None)
def test_a_should_never_changes_the_result_and_warns_when_it_fails(drawn, codes, level):
    without = report(*made_of(drawn))
    with_it = report(*made_of([*drawn, (level, codes)]))
    assert with_it.result is without.result
    last = with_it.requirements[-1]
    assert last.warning is (last.outcome is Outcome.FAIL)


@given(SOME)
@settings(deadline=None)
def test_passed_means_that_every_binding_requirement_passed_or_does_not_apply_and_one_passed(drawn):
    made = report(*made_of(drawn))
    binding = [r.outcome for r in made.requirements if r.level.binding]
    good = all(o in {Outcome.PASS, Outcome.INAPPLICABLE} for o in binding) and Outcome.PASS in binding
    assert (made.result is Result.PASSED) is good
    assert (made.result is Result.FAILED) is (Outcome.FAIL in binding)


@given(SOME.filter(bool), st.data())
@settings(deadline=None)
def test_losing_a_verdict_never_makes_a_result_better(drawn, data):
    made, found = made_of(drawn)
    kept = [v for v in found if not data.draw(st.booleans())]
    assert report(made, found).result is Result.PASSED or report(made, kept).result is not Result.PASSED


@given(SOME)
@settings(deadline=None)
def test_every_requirement_has_a_result_and_is_counted_once(drawn):
    made = report(*made_of(drawn))
    assert [r.id for r in made.requirements] == [f"R-{n}" for n in range(len(drawn))]
    assert sum(count for m in made.methods for count in m.totals.values()) == len(drawn)


def test_what_was_tried_and_does_not_count_is_counted():
    declined = [
        verdict.model_copy(update={"evidence": (EvidenceRef(id="exchange-1", sha256="0" * 64),)})
        for verdict in verdicts("R", "pnn")[1:]
    ]
    known = verdicts("R", "pnnn")
    made = report(suite(requirement("R", 4)), [known[0], *declined, known[3]])
    assert made.requirements[0].outcome is Outcome.PASS
    (told,) = made.requirements[0].not_tried
    assert told == (
        "2 of 4 cases were tried and do not count: by the answers, the target does not "
        "support or offer what they are about"
    )
    assert report(suite(requirement("R", 4)), known).requirements[0].not_tried == ()


LAW = {"default": "", "unit": "words"}
UNLESS_CHOSEN = {
    "requirements": ["R-0"],
    "while": {"parameter": "law", "lacks": "eu"},
    "reason": "not chosen",
}


def advised(parameters: dict, advisory: dict, codes: tuple[str, ...] = ("f", "p"), **more) -> Report:
    known = {name: {"default": ""} for name in ("law", "value", "least")}
    bound = suite(
        *(requirement(f"R-{n}", len(c), **more) for n, c in enumerate(codes)),
        parameters=known,
        advisories=[advisory],
    )
    values = dict.fromkeys(known, "") | parameters
    filled = bound.model_copy(update={"parameters": values, "overrides": tuple(sorted(parameters))})
    return report(filled, [v for n, c in enumerate(codes) for v in verdicts(f"R-{n}", c)])


@pytest.mark.parametrize(
    ("law", "result"), [("", Result.PASSED), ("us", Result.PASSED), ("us, eu", Result.FAILED)]
)
def test_a_law_that_the_buyer_did_not_choose_warns(law, result):
    made = advised({"law": law}, UNLESS_CHOSEN)
    assert made.result is result
    failed = made.requirements[0]
    assert (failed.outcome, failed.warning) == (Outcome.FAIL, result is Result.PASSED)
    assert failed.advisory == ("not chosen" if result is Result.PASSED else "")


@pytest.mark.parametrize(
    ("value", "least", "result"),
    [
        ("999.99", "1000", Result.PASSED),
        ("1000.00", "1000", Result.FAILED),
        ("9000", "1000", Result.FAILED),
        ("", "1000", Result.FAILED),
        ("10", "", Result.FAILED),
        ("ten", "1000", Result.FAILED),
    ],
)
def test_below_a_threshold_a_requirement_advises_only_where_both_are_numbers(value, least, result):
    below = {"requirements": ["R-0"], "while": {"parameter": "value", "below": "least"}, "reason": "small"}
    assert advised({"value": value, "least": least}, below).result is result


@pytest.mark.parametrize(("day", "result"), [("2026-11-22", Result.FAILED), ("2026-11-23", Result.PASSED)])
def test_before_its_day_a_requirement_advises(day, result):
    later = {"requirements": ["R-0"], "until": day, "reason": "not yet in force"}
    assert advised({}, later).result is result


def test_a_policy_may_lower_what_another_profile_demands_and_says_why():
    made = advised({}, {"requirements": ["R-0"], "reason": "our law asks less", "derogation": "L-7"})
    told = "our law asks less (derogation L-7)"
    assert (made.result, made.requirements[0].advisory) == (Result.PASSED, told)


def test_what_only_advises_proves_nothing_by_passing():
    everything = {"requirements": ["*"], "until": "2030-01-01", "reason": "not yet"}
    assert advised({}, everything, ("p", "p")).result is Result.NOT_TESTED


def test_a_should_needs_no_advice():
    made = advised({}, UNLESS_CHOSEN, level="SHOULD")
    assert [r.advisory for r in made.requirements] == ["", ""]


def test_a_limit_is_shown_with_its_default_its_basis_and_the_preset_that_has_it():
    limit = {"default": "P2M", "unit": "duration", "basis": "house default"}
    preset = {"preset": "eu", "title": "EU", "basis": "a law", "values": {"notice": "P1M"}}
    bound = suite(requirement("R-1", 1), parameters={"notice": limit}, presets=[preset])
    for value, chosen, by in (
        ("P1M", ("notice",), ("EU: a law",)),
        ("P3M", ("notice",), ()),
        ("P2M", (), ()),
    ):
        filled = bound.model_copy(update={"parameters": {"notice": value}, "overrides": chosen})
        shown = report(filled, verdicts("R-1", "p")).limits["notice"]
        assert (shown.value, shown.default, shown.basis, shown.preset) == (value, "P2M", "house default", by)


def measured(value: str, case: str, name: str = "n") -> Verdict:
    number = Measurement(id=name, title="N", group="G", value=value, definition="D.", case=case)
    return Verdict(
        case=case, requirement=case.partition("/")[0], outcome=Outcome.PASS, measurements=(number,)
    )


def test_measurements_stand_in_a_list_of_their_own_once_each_in_the_order_of_the_profile():
    given = [measured("2", "B/1", "m"), measured("", "A/1"), measured("7", "B/1")]
    made = report(suite(requirement("A", 1), requirement("B", 1)), given)
    assert [(each.id, each.value, each.case) for each in made.measurements] == [
        ("n", "7", "B/1"),
        ("m", "2", "B/1"),
    ]
    assert not any(verdict.measurements for each in made.requirements for verdict in each.verdicts)
    assert report(suite(requirement("A", 1), requirement("B", 1)), reversed(given)).measurements


def test_of_several_numbers_of_one_id_the_first_that_is_one_stands():
    given = [measured("", "A/1"), measured("7", "A/2"), measured("9", "A/3"), measured("", "A/4")]
    (told,) = report(suite(requirement("A", 4)), given).measurements
    assert (told.value, told.case) == ("7", "A/2")


def test_a_report_repeats_whom_and_what_was_measured_and_by_whose_profile():
    change = {
        "kind": "raised",
        "name": "R",
        "of": "small@1.0.0",
        "by": "p@0.1.0",
        "was": "SHOULD",
        "now": "SHALL",
    }
    made = suite(
        requirement("R", 1, origin="small@1.0.0"),
        requirement("S", 1, origin="small@1.0.0"),
        publisher="Example Body",
        parameters={"notice": {"default": "P2M", "unit": "duration"}},
        changes=[change],
    )
    seen = Observed(capability_statement="1" * 64, tls_key="2" * 64)
    bound = made.model_copy(
        update={"observed": seen, "parameters": {"notice": "P1M"}, "overrides": ("notice",)}
    )
    told = report(bound, verdicts("R", "p"))
    assert (told.observed, told.target) == (seen, bound.target)
    assert (told.parameters, told.overrides) == ({"notice": "P1M"}, ("notice",))
    assert told.limits["notice"].unit == "duration"
    assert told.changes == (Change.model_validate(change),)
    assert (told.profile.publisher, told.profile.parts) == ("Example Body", ("small@1.0.0",))


def test_a_report_names_its_suite_by_digest():
    made = suite(requirement("R", 1))
    assert report(made, verdicts("R", "p")).suite_digest == sha256(made.canonical())
    assert report(made, verdicts("R", "p"), suite_digest="7" * 64).suite_digest == "7" * 64


def test_a_waiver_that_has_run_out_is_told():
    made = suite(requirement("R", 1))
    for until, lapsed in ((dt.date(2026, 11, 21), True), (dt.date(2026, 11, 22), False)):
        waiver = Waiver(requirement="R", reason="known", who="A. Buyer", until=until)
        assert report(made, verdicts("R", "f"), [waiver]).requirements[0].lapsed is lapsed


def test_what_no_case_tries_is_told_with_its_requirement():
    made = suite(requirement("R", 1), requirement("S", 1))
    bound = made.model_copy(update={"not_tried": {"S": ("not tried, since none was seen: Group",)}})
    told = report(bound, [*verdicts("R", "p"), *verdicts("S", "p")])
    assert [r.not_tried for r in told.requirements] == [(), ("not tried, since none was seen: Group",)]


def test_each_reason_is_told_in_plain_words():
    made = suite(requirement("R", 2))
    assert report(made, []).requirements[0].because == "no case of this requirement was run"
    several = [
        verdict.model_copy(update={"because": because})
        for verdict, because in zip(verdicts("R", "uu"), ("no data", "not permitted"), strict=True)
    ]
    assert report(made, several).requirements[0].because == "no data; not permitted"


def test_the_cases_of_a_requirement_stand_by_number_and_then_by_key():
    ids = ["R/10", "R/2:b", "R/2:a:c", "R/2:a", "R/1"]
    found = [Verdict(case=case, requirement="R", outcome=Outcome.PASS) for case in ids]
    told = report(suite(requirement("R", 10)), found).requirements[0]
    assert [verdict.case for verdict in told.verdicts] == ["R/1", "R/2:a", "R/2:a:c", "R/2:b", "R/10"]


def test_a_case_without_a_number_has_its_place_too():
    found = [Verdict(case=case, requirement="R", outcome=Outcome.PASS) for case in ("R/x", "R/1")]
    told = report(suite(requirement("R", 2)), found).requirements[0]
    assert [verdict.case for verdict in told.verdicts] == ["R/1", "R/x"]


def test_the_verdicts_stay_with_their_requirement_when_they_measured_something():
    told = report(suite(requirement("A", 1)), [measured("7", "A/1")]).requirements[0]
    assert [(verdict.case, verdict.measurements) for verdict in told.verdicts] == [("A/1", ())]


def test_a_part_counts_its_own_requirements():
    part = {"id": "part", "title": "Part", "restsOn": ["automated"], "requirements": ["A-*"]}
    made = suite(requirement("A-1", 1), requirement("B-1", 1), subVerdicts=[part])
    told = report(made, verdicts("A-1", "p") + verdicts("B-1", "f")).sub_results[0]
    assert told.totals == {Outcome.PASS: 1}
