"""Judging an exit plan alone: what the profile asks, by whose limits, and what contradicts the buyer's contract."""

import copy
import datetime as dt
import json

import pytest

from conformance.catalog import built_in
from conformance.errors import UsageError
from conformance.model.verdict import Outcome
from conformance.session.contract_terms import ContractTerms, read_contract
from conformance.session.exit_plan_draft import QUESTIONS, as_yaml, draft, example
from conformance.session.exit_plan_review import Question, review

AS_OF = dt.date(2026, 11, 22)
HONEST = json.loads(json.dumps(example(AS_OF)).replace(".example", ".nhs.uk"))


@pytest.fixture
def reviewed(tmp_path):
    def judge(plan=HONEST, name="plan.json", **asked):
        text = plan if isinstance(plan, bytes | str) else json.dumps(plan)
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return review(Question(plan=tmp_path / name, as_of=AS_OF, **asked), built_in())

    return judge


def with_(*path, to):
    plan = copy.deepcopy(HONEST)
    holder = plan
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = to
    return plan


def of(found, requirement):
    return next(answer for answer in found.answers if answer.id == requirement)


def test_an_honest_plan_meets_all_that_can_be_asked_of_a_plan(reviewed):
    found = reviewed()
    assert found.met
    assert not [a.id for a in found.answers if a.outcome not in {Outcome.PASS, Outcome.INAPPLICABLE}]
    assert len(found.answers) > 40
    assert of(found, "EXIT-API-06").needs_run
    assert not of(found, "EXIT-TRM-01").needs_run
    assert "EXIT-PLN-08" not in {a.id for a in found.answers}


def test_the_same_plan_in_yaml_comes_to_the_same(reviewed):
    assert reviewed(as_yaml(HONEST), "plan.yaml").answers == reviewed().answers


def test_the_example_is_told_apart_from_a_plan_by_its_addresses(reviewed):
    found = reviewed(example(AS_OF))
    assert [a.id for a in found.answers if a.outcome is Outcome.FAIL] == ["EXIT-PLN-01"]
    assert all("reserved for examples" in text for text in of(found, "EXIT-PLN-01").findings)


def test_a_draft_passes_nothing_by_what_nobody_filled_in(reviewed):
    found = reviewed(as_yaml(draft({})), "plan.yaml")
    passed = [a.id for a in found.answers if a.outcome is Outcome.PASS]
    assert not found.met
    assert set(passed) <= {"EXIT-PLN-04", "EXIT-API-01"}, "what only names kinds"


def test_what_is_asked_is_in_the_schema_and_stands_in_the_draft():
    answers = {asked.path: asked.offered or "answer" for asked in QUESTIONS}
    text = json.dumps(draft(answers))
    assert all(asked.words != asked.path for asked in QUESTIONS)
    assert text.count('"answer"') == sum(not asked.offered for asked in QUESTIONS)


def test_a_failure_says_where_what_the_limit_and_whose_it_is(reviewed):
    terms = ContractTerms(parameters={"notice_max": "P1M", "transition_max": "P20D"})
    found = reviewed(terms=terms, settings={"transition_max": "P10D"})
    notice, transition = of(found, "EXIT-TRM-01"), of(found, "EXIT-TRM-02")
    assert notice.findings == ('termination.switchNotice is "P2M", which is always longer than P1M',)
    (limit,) = notice.limits
    assert (limit.value, limit.default, limit.set_by) == ("P1M", "P2M", "your contract")
    assert "Article 25(2)(d)" in limit.basis
    assert notice.hints[0].path == "termination.switchNotice"
    assert {limit.name: limit.set_by for limit in transition.limits}["transition_max"] == "--set"
    assert not found.met


def test_what_depends_on_the_start_date_is_neither_pass_nor_fail(reviewed):
    found = reviewed(with_("termination", "switchNotice", to="P60D"))
    answer = of(found, "EXIT-TRM-01")
    assert (answer.outcome, answer.depends) == (Outcome.INCONCLUSIVE, True)
    assert not found.met


def test_what_applies_later_is_not_asked_for_yet(reviewed):
    plan = copy.deepcopy(HONEST)
    del plan["review"]["planBeforeExtension"]
    assert of(reviewed(plan), "EXIT-PLN-06").outcome is Outcome.INAPPLICABLE
    assert of(reviewed(plan, phase="contract"), "EXIT-PLN-06").outcome is Outcome.FAIL


def test_a_plan_that_contradicts_the_contract_is_not_met(reviewed):
    facts = {
        "reference": "TRUST-EPR-014",
        "annualCharge": "900000.00",
        "currency": "GBP",
        "ocid": "ocds-000000-x",
    }
    found = reviewed(terms=ContractTerms(facts=facts))
    assert [text.split(" at ")[1].split(";")[0] for text in found.contradictions] == [
        "contract.ocid",
        "contract.annualCharge",
    ]
    assert not found.met
    assert reviewed(terms=ContractTerms(facts={"annualCharge": "1200000"})).met


@pytest.mark.parametrize(
    ("plan", "name", "said"),
    [
        ('{"a": 1, "a": 2}', "plan.json", "the member 'a' stands twice"),
        ("a: 1\na: 2\n", "plan.yaml", "line 2, column 1: the key 'a' stands twice"),
        ("a: &x [*x]\n", "plan.yaml", "the alias *x is not accepted"),
        ("a: &x b\nc: *x\n", "plan.yaml", "the alias *x is not accepted"),
        ("costs: {cap: 12000.00}\n", "plan.yaml", "12000.00 is a number with a fraction"),
        ('{"costs": {"cap": NaN}}', "plan.json", "NaN is no JSON number"),
        ("costs: {cap: .nan}\n", "plan.yaml", ".nan is a number with a fraction"),
        ("!!python/object/apply:os.system ['x']\n", "plan.yaml", "is not accepted"),
        (b"\xff\xfe", "plan.yaml", "is not UTF-8"),
        (b"\xff\xfe", "plan.json", "is not UTF-8"),
        ("", "plan.yaml", "is no YAML object"),
        ("[]", "plan.json", "is not of type 'object'"),
        ("[" * 100_000, "plan.json", "nested too deeply"),
        ("- " * 100_000, "plan.yaml", "is no YAML"),
    ],
)
def test_a_file_that_is_no_plan_fails_in_a_sentence_and_passes_nothing(reviewed, plan, name, said):
    found = reviewed(plan, name)
    assert said in " ".join(of(found, "EXIT-PLN-01").findings)
    assert not [a.id for a in found.answers if a.outcome is Outcome.PASS]
    assert not found.met


@pytest.mark.parametrize(
    ("path", "to", "requirement", "said"),
    [
        (("costs", "currency"), "XBT", "EXIT-CST-01", "no code of ISO 4217"),
        (("costs", "items", 3, "unitPrice"), "-1.00", "EXIT-CST-01", "below zero"),
        (("assistance", "responseWorkingDays"), "P1M", "EXIT-CST-07", '"P1M" working days'),
        (("dataInventory", 0, "resourceTypes"), ["Patients"], "EXIT-PLN-01", "no resource type of FHIR R4"),
        (("subcontractors", 0, "location"), None, "EXIT-SUB-01", "where the subcontractor"),
    ],
)
def test_values_that_mean_nothing_are_told_by_their_place(reviewed, path, to, requirement, said):
    answer = of(reviewed(with_(*path, to=to)), requirement)
    assert answer.outcome is Outcome.FAIL
    assert said in " ".join(answer.findings)


def test_a_plan_that_is_far_too_large_is_not_read(tmp_path):
    with (tmp_path / "plan.yaml").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(UsageError, match="has 50,000,000 bytes; it may have 5,000,000 at the most"):
        review(Question(plan=tmp_path / "plan.yaml"), built_in())


def test_country_codes_times_and_leading_zeros_in_yaml_stay_what_was_written(reviewed):
    text = as_yaml(HONEST).replace('location: "GB"', "location: NO").replace('"00000000"', "0750")
    assert reviewed(text, "plan.yaml").met


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reference: x\n", "the member 'schemaVersion' is missing"),
        ('schemaVersion: "1.0"\nstarts: 2026-01-01\n', "did you mean 'start'"),
        ('schemaVersion: "1.0"\nvalue: 5.5\n', "c.yaml:2:8: 5.5 is a number with a fraction"),
        ('schemaVersion: "1.0"\nstart: 2026-13-01\n', "c.yaml:2:1: start"),
        ('schemaVersion: "1.0"\nparameters: {notice_max: [1]}\n', "parameters.notice_max"),
        ("", "c.yaml: is empty"),
        ("[]", "is not of type 'object'"),
    ],
)
def test_mistakes_in_a_contract_file_are_told_with_their_place(tmp_path, text, said):
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(UsageError) as raised:
        read_contract(tmp_path / "c.yaml")
    assert said in raised.value.message


def test_a_contract_file_gives_limits_dates_and_facts(tmp_path):
    text = 'schemaVersion: "1.0"\nphase: exit\nasOf: 2027-01-01\ncurrency: EUR\nparameters: {assist_response_max: 3}\n'
    (tmp_path / "c.yaml").write_text(text)
    terms = read_contract(tmp_path / "c.yaml")
    assert (terms.phase, terms.as_of) == ("exit", dt.date(2027, 1, 1))
    assert (terms.parameters, terms.facts) == ({"assist_response_max": "3"}, {"currency": "EUR"})


def test_what_leaving_costs_is_reckoned_beside_the_answers(reviewed):
    numbers = {each.id: each for each in reviewed().measurements}
    assert numbers["cost-of-leaving"].unit == "GBP"
    assert len(numbers["cost-by-year"].parts) > 1


def test_what_a_policy_lets_advise_is_told_and_decides_nothing(reviewed):
    slow = with_("termination", "switchNotice", to="P6M")
    assert not reviewed(slow).met
    lenient = reviewed(slow, profile="nhs-anti-lock-in")
    notice = of(lenient, "EXIT-TRM-01")
    assert (notice.outcome, notice.binds) == (Outcome.FAIL, False)
    assert "EU Data Act" in notice.advisory
    assert lenient.met
    assert not reviewed(slow, profile="nhs-anti-lock-in", presets=("nhs-strict",)).met


def test_a_preset_says_who_set_a_limit(reviewed):
    found = reviewed(profile="nhs-anti-lock-in", presets=("nhs-gp",))
    (limit,) = [each for each in of(found, "EXIT-TRM-05").limits if each.name == "legacy_access_min"]
    assert (limit.value, limit.set_by) == ("P90D", "--preset")
