"""A case for each thing that the target declares or holds: rows become cases, in the same order for everybody."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from evidence_builder import exchange, step
from own_parts import catalog_of
from test_bind import PROFILE, bundle

from conformance.catalog import built_in
from conformance.errors import NoData, NotApplicable, ProfileError
from conformance.model.profile import Call
from conformance.model.suite import Each, Suite, Template, template_of
from conformance.model.target import TargetCard
from conformance.plugin import Evidence, Row, enumerator
from conformance.stages.bind import Circumstances, bind
from conformance.stages.load import load
from conformance.stages.plan import plan
from conformance.stages.report import report

ROWS: list["Thing"] = []
RAISES: list[Exception] = []


@dataclass(frozen=True)
class Thing(Row):
    name: str = ""
    choice: int = 0


@enumerator("things")
def things(evidence: Evidence, choice: int, *, doubled: bool = False) -> Iterator[Thing]:
    """Whatever the test says that there is."""
    for error in RAISES:
        raise error
    assert evidence.discovery.step == "discovery"
    for row in ROWS:
        yield Thing(row.key, row.lacking, row.name * (2 if doubled else 1), choice)


CATALOG = catalog_of(things)
READ = Call(name="request", arguments={"path": "/Patient/{name}?choice={choice}"})


@pytest.fixture(autouse=True)
def fresh():
    ROWS.clear()
    RAISES.clear()


def rows(*names, lacking=()):
    ROWS.extend([Thing(name, name=f"n-{name}") for name in names])
    ROWS.extend([Thing(name, lacking="there is none") for name in lacking])


def bound(*, most=50, choice=3, only=(), **arguments):
    each = Each(call=Call(name="things", arguments=arguments), most=most, choice=choice)
    template = Template(
        id="R/1",
        requirement="R",
        probes=(READ,),
        each=each,
        expect=(Call(name="status", arguments={"code": 200}),),
    )
    around = Circumstances(
        run_id="run",
        as_of=dt.date(2026, 11, 22),
        target=TargetCard(endpoint="https://ehr.example.org"),
        overrides={},
        plugins={},
        only=only,
    )
    discovery = step(exchange(url="/Patient", body=bundle(), label="sample"), name="discovery")
    return bind(
        Suite(profile=PROFILE, seed=1, templates=(template,)), discovery, around, lambda _: None, CATALOG
    )


def test_each_row_is_a_case_whose_values_are_filled_in():
    rows("b", "a")
    suite = bound(doubled=True)
    assert [case.id for case in suite.cases] == ["R/1:a", "R/1:b"]
    assert suite.cases[0].values == {"key": "a", "name": "n-an-a", "choice": 3}
    assert [s.probe.arguments["path"] for s in suite.steps] == [
        "/Patient/n-an-a?choice=3",
        "/Patient/n-bn-b?choice=3",
    ]
    assert {case.template for case in suite.cases} == {"R/1"}


def test_the_order_of_rows_makes_no_difference():
    rows(*"abcdefgh")
    first = bound(most=3)
    random.Random(1).shuffle(ROWS)
    assert bound(most=3) == first


@pytest.mark.parametrize("choice", range(7))
@pytest.mark.parametrize("most", [1, 3, 6, 7, 8])
def test_no_more_cases_are_made_than_wanted_and_all_are_told(choice, most):
    rows(*"abcdefg")
    suite = bound(most=most, choice=choice)
    assert len({case.id for case in suite.cases}) == min(most, 7)
    assert suite.not_tried == ({"R": (f"tried {most} of the 7 that could be",)} if most < 7 else {})


def test_what_lacks_something_is_no_case_and_is_told():
    rows("a", lacking=["z", "y"])
    suite = bound()
    assert [case.id for case in suite.cases] == ["R/1:a"]
    assert suite.not_tried == {"R": ("not tried, since there is none: y, z",)}
    told = report(suite, [])
    assert next(r for r in told.requirements if r.id == "R").not_tried == suite.not_tried["R"]


def test_where_all_lack_something_nothing_is_tested():
    rows(lacking=["z"])
    (case,) = bound().cases
    assert (case.id, case.untestable) == ("R/1", "not tried, since there is none: z")


def test_where_there_is_nothing_at_all_nothing_is_tested():
    (case,) = bound().cases
    assert case.untestable == "there is nothing to try it with"


@pytest.mark.parametrize(
    ("error", "member", "said"),
    [
        (NotApplicable("it declares none"), "inapplicable", "it declares none"),
        (NoData("it shows none"), "untestable", "it shows none"),
        (
            ValueError("oh"),
            "untestable",
            "the enumerator things crashed (ValueError: oh); this is a fault of the harness",
        ),
    ],
)
def test_an_enumerator_says_why_there_is_no_case(error, member, said):
    RAISES.append(error)
    (case,) = bound().cases
    assert getattr(case, member) == said
    assert not case.steps


@pytest.mark.parametrize("keys", [("a", "a"), ("a/b",), ("a b",), ("",)])
def test_keys_that_name_no_case_are_a_fault_of_the_harness(keys):
    rows(*keys)
    (case,) = bound().cases
    assert "keys are not distinct names" in case.untestable


@pytest.mark.parametrize(
    ("only", "tried"),
    [(("R",), "ab"), (("R/1",), "ab"), (("R/1:b",), "b"), (("X",), ""), (("R/1:z",), "")],
)
def test_a_run_can_be_limited_to_some_rows(only, tried):
    rows("a", "b")
    suite = bound(only=only)
    assert [case.values["key"] for case in suite.cases if not case.untestable] == list(tried)


def test_ids_of_cases_lead_to_their_templates():
    assert template_of("R/1") == template_of("R/1:Patient.birthdate") == "R/1"
    assert template_of("uk:Patient.search.name/2:x:y") == "uk:Patient.search.name/2"


EACH = """\
profile: each
version: 0.1.0
title: Each
requirements:
  - id: R
    level: SHALL
    text: R.
    source: https://example.org
    tests:
      - each: {resource-type: {interaction: read}}
        most: 7
        probe: {request: {path: "/{resource}/{id}"}}
        draw: {other: unknown-id}
        examples: 2
        expect: [{resource: {type: "{resource}", id: "{id}"}}]
"""


class OneText:
    def __init__(self, text):
        self._text = text

    def text(self, _name):
        return self._text, "each.yaml"


def test_a_profile_plans_a_template_for_each_example():
    suite = plan(load("each", OneText(EACH), built_in()), 1, built_in())
    assert [t.each.most for t in suite.templates] == [7, 7]
    assert suite.templates[0].each.choice != suite.templates[1].each.choice
    assert suite.templates[0].values != suite.templates[1].values


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "resource-type:",
            "resource-typ:",
            "no enumerator named 'resource-typ'; did you mean 'resource-type'?",
        ),
        ("interaction: read", "interactions: read", "takes no argument 'interactions'"),
        ('"/{resource}/{id}"', '"/{resourc}/{id}"', "{resourc} names no slot or drawn value"),
        ("interaction: read", 'interaction: "{id}"', "{id} names no slot or drawn value"),
        ("most: 7", "most: 0", "most: must be greater than or equal to 1"),
    ],
)
def test_mistakes_in_each_are_told(old, new, said):
    with pytest.raises(ProfileError) as error:
        load("each", OneText(EACH.replace(old, new)), built_in())
    assert said in str(error.value.problems) + str(error.value)
