"""Many findings in few groups, whatever the data: what is kept does not grow with them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.validation import summary as limits
from conformance.fhir.validation.issues import Issue, NotEvaluated, Severity
from conformance.fhir.validation.summary import Summary

FINDING = Issue(
    Severity.ERROR,
    "value",
    "fixed-value",
    "the value must be 'a', and is 'b'",
    "Patient.name[0].use",
    "/name/0/use",
)


def summed(*issues):
    summary = Summary()
    for number, issue in enumerate(issues, 1):
        summary.add("a.ndjson", number, f"Patient/{number}", [issue])
    return summary


def test_findings_at_other_indexes_with_other_values_are_one_group():
    other = replace(
        FINDING,
        text="the value must be 'a', and is 'c'",
        expression="Patient.name[7].use",
        pointer="/name/7/use",
    )
    (group,) = summed(FINDING, FINDING, other).groups
    assert (group.count, group.varies, group.expression) == (3, True, "Patient.name.use")
    assert [place.line for place in group.places] == [1, 2, 3]
    assert group.places[2].expression == "Patient.name[7].use"


def test_findings_that_differ_in_more_than_values_are_groups_of_their_own():
    others = [
        replace(FINDING, severity=Severity.WARNING),
        replace(FINDING, message_id="pattern"),
        replace(FINDING, structure="http://x.test/p"),
        replace(FINDING, rule="x-1"),
        replace(FINDING, pointer="/name/0/period"),
        replace(FINDING, text="Patient.status is missing"),
    ]
    assert [group.count for group in summed(FINDING, *others).groups] == [1] * 7


def test_words_without_end_are_some_groups_and_one_for_all_others():
    found = summed(*(replace(FINDING, text=f"{'x' * number} is wrong") for number in range(1, 1001))).groups
    assert len(found) == limits.MOST_WORDINGS + 1
    assert sum(group.count for group in found) == 1000
    assert found[0].varies


def test_what_is_kept_is_bounded():
    many = summed(*(replace(FINDING, message_id=f"m-{n}") for n in range(limits.MOST_GROUPS + 50)))
    assert len(many.groups) == limits.MOST_GROUPS
    assert many.not_grouped == 50
    assert many.errors == limits.MOST_GROUPS + 50
    long = "x" * 10_000_000
    (group,) = summed(replace(FINDING, expression=long, pointer=long)).groups
    kept = (group.expression, group.issue.pointer, group.places[0].expression, group.places[0].pointer)
    assert max(map(len, kept)) <= limits.LONGEST


def test_places_are_bounded_over_all_groups():
    kinds = limits.MOST_PLACES // limits.FIRST_PLACES + 20
    issues = [
        replace(FINDING, message_id=f"m-{n}") for n in range(kinds) for _ in range(limits.FIRST_PLACES + 1)
    ]
    groups = summed(*issues).groups
    assert all(group.places for group in groups)
    assert sum(len(group.places) for group in groups) <= limits.MOST_PLACES + kinds
    assert {group.count for group in groups} == {limits.FIRST_PLACES + 1}


@given(st.lists(st.sampled_from(list(Severity))))
def test_only_errors_make_a_resource_invalid(severities):
    summary = summed(*(replace(FINDING, severity=each) for each in severities))
    wrong = sum(each in {Severity.FATAL, Severity.ERROR} for each in severities)
    assert (summary.errors, summary.invalid) == (wrong, wrong)
    assert summary.valid is (bool(severities) and not wrong)


def test_what_was_not_judged_is_counted_by_rule():
    summary = Summary()
    summary.not_evaluated([NotEvaluated("binding", "http://x.test/v", "no server")] * 2)
    summary.unjudged("binding", "http://x.test/v", "no server", 40)
    summary.unjudged("binding", "http://x.test/w", "no server")
    assert [rule.count for rule in summary.not_judged] == [42, 1]
