"""A bound suite is what its profile and the discovery say: whoever asks less, or something else, is refused."""

import datetime as dt
import json

import pytest
from evidence_builder import exchange, step
from small_profiles import READING

from conformance.catalog import built_in
from conformance.errors import Unreadable
from conformance.model.base import sha256
from conformance.model.evidence import Evidence
from conformance.model.profile import Phase
from conformance.model.suite import BoundSuite
from conformance.model.target import TargetCard
from conformance.session.faithful import is_foreign, refuse_other_cases, refuse_unfaithful
from conformance.stages.bind import Circumstances, bind
from conformance.stages.judge import gates
from conformance.stages.load import load
from conformance.stages.plan import plan

MORE = """\
  - id: S-LATER
    level: SHALL
    text: Later there is more.
    source: https://example.org/#later
    phase: exit
    tests:
      - probe: {request: {path: /later}}
        expect: [{status: {code: 200}}]
  - id: S-BEYOND
    level: SHALL
    text: Nobody asks for this.
    source: https://example.org/#beyond
    method: out-of-scope
    outOfScope: it is about paper
"""
KINDS = ["Basic", "Group", "Location", "Patient"]
PATIENTS = [{"resourceType": "Patient", "id": f"p{number}"} for number in range(5)]


class Library:
    def text(self, _name):
        return READING + MORE, "small.yaml"


def discovered(kinds=KINDS, patients=PATIENTS):
    """What a target showed that declares a read of these types and holds these patients."""
    types = [{"type": kind, "interaction": [{"code": "read"}]} for kind in kinds]
    statement = {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": types}]}
    found = [*patients, *({"resourceType": kind, "id": "x"} for kind in kinds if kind != "Patient")]
    return step(
        exchange(url="/metadata", body=statement, label="metadata"),
        *(
            exchange(
                url=f"/{kind}",
                label="sample",
                about={"type": kind},
                body={
                    "resourceType": "Bundle",
                    "type": "searchset",
                    "entry": [{"resource": each} for each in found if each["resourceType"] == kind],
                },
            )
            for kind in kinds
        ),
        name="discovery",
    )


SEEN = discovered()


def bound(discovery=SEEN, phase=Phase.TENDER, overrides=None) -> BoundSuite:
    suite = plan(load("small", Library(), built_in()), 7, built_in())
    target = TargetCard(endpoint="https://ehr.example.org", phase=phase)
    around = Circumstances("run", dt.date(2026, 11, 22), target, overrides or {}, {})
    seen = Evidence(steps=(), discovery=discovery, target=target, as_of=around.as_of)
    return bind(suite, discovery, around, lambda calls: gates(calls, seen, built_in()), built_in())


def refused(suite, discovery=SEEN):
    refuse_other_cases(suite, discovery)
    refuse_unfaithful(suite, discovery, built_in())


def changed(change, suite=None):
    """The suite after a change to its JSON."""
    plain = json.loads((suite or bound()).canonical())
    change(plain)
    return BoundSuite.model_validate(plain)


@pytest.mark.parametrize("phase", [Phase.TENDER, Phase.EXIT])
@pytest.mark.parametrize("overrides", [{}, {"page": 9}])
@pytest.mark.parametrize("discovery", [SEEN, discovered(["Group"], [])], ids=["much", "little"])
def test_what_was_bound_as_it_should_be_is_taken(phase, overrides, discovery):
    suite = bound(discovery, phase, overrides)
    assert suite.cases
    refused(suite, discovery)


def test_the_small_suite_has_all_that_can_be_tampered_with():
    suite = bound()
    assert suite.not_tried
    assert {case.requirement for case in suite.cases} >= {
        "S-META",
        "S-READ",
        "S-EACH",
        "S-UNKNOWN",
        "S-SEARCH",
    }
    assert "S-LATER" not in {case.requirement for case in suite.cases}
    assert "S-LATER" in {template.requirement for template in suite.templates}
    assert any(case.inapplicable for case in bound(discovered(["Group"], [])).cases)


def at(items, **wanted):
    """The first of these that has such members."""
    return next(each for each in items if all(each.get(name) == value for name, value in wanted.items()))


def templates(requirement, /, **members):
    return lambda suite: at(suite["templates"], requirement=requirement).update(members)


def without(name, **wanted):
    return lambda suite: suite[name].remove(at(suite[name], **wanted))


def twice(suite):
    suite["templates"].append(at(suite["templates"], requirement="S-META"))


def numbered(number):
    return lambda suite: at(suite["templates"], requirement="S-META").update(id=f"S-META/{number}")


def drawn_otherwise(suite):
    at(suite["templates"], requirement="S-UNKNOWN")["values"] = {"other": "x"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (templates("S-META", requirement="S-NEW"), "S-META/1 belongs to no requirement"),
        (templates("S-META", requirement="S-READ"), "S-META/1 asks something else than S-READ does"),
        (templates("S-META", expect=[{"status": {"code": 200}}]), "S-META/1 asks something else"),
        (templates("S-META", probes=[{"request": {"path": "/other"}}]), "S-META/1 asks something else"),
        (templates("S-META", when=[{"declares": {"resource": "Basic"}}]), "S-META/1 asks something else"),
        (templates("S-READ", when=[]), "S-READ/1 asks something else"),
        (templates("S-READ", slots={}), "S-READ/1 asks something else"),
        (templates("S-EACH", each=None), "S-EACH/1 asks something else"),
        (
            lambda s: at(s["templates"], requirement="S-EACH")["each"].update(most=1),
            "S-EACH/1 asks something else",
        ),
        (drawn_otherwise, "S-UNKNOWN/1 asks something else"),
        (numbered("2"), "S-META/2 asks something else"),
        (numbered("0"), "S-META/0 asks something else"),
        (numbered("x"), "S-META/x asks something else"),
        (twice, "a case stands twice in it"),
        (without("templates", requirement="S-META"), "S-META has 0 cases, not 1"),
        (without("templates", id="S-READ/3"), "S-READ has 2 cases, not 3"),
        (without("templates", requirement="S-LATER"), "S-LATER has 0 cases, not 1"),
        (lambda s: s["parameters"].update(page=1), "its parameters are neither the profile's nor said"),
        (lambda s: s["parameters"].update(more=1), "its parameters are neither the profile's nor said"),
        (lambda s: s["parameters"].clear(), "its parameters are neither the profile's nor said"),
        (without("cases", requirement="S-META"), "its cases are not those that it planned"),
        (without("cases", id="S-READ/2"), "its cases are not those that it planned"),
        (lambda s: s["observed"].update(capabilityStatement="0" * 64), "names another CapabilityStatement"),
    ],
)
def test_a_suite_that_is_not_that_of_its_profile_is_refused(change, why):
    with pytest.raises(Unreadable) as raised:
        refuse_other_cases(changed(change), SEEN)
    assert str(raised.value).startswith((f"the suite is not that of its profile: {why}", f"the suite {why}"))


def test_what_is_only_due_later_is_not_called_for_before():
    with pytest.raises(Unreadable, match="its cases are not those that it planned"):
        refuse_other_cases(changed(lambda s: s["target"].pop("phase", None), bound(phase=Phase.EXIT)), SEEN)


def case(requirement, /, **members):
    return lambda suite: at(suite["cases"], requirement=requirement).update(members)


def step_of(requirement):
    """The id of the step of the first case of a requirement."""
    return next(each.steps[0] for each in bound().cases if each.requirement == requirement)


def excused(suite):
    one = at(suite["cases"], requirement="S-META")
    del one["steps"], one["expect"]
    one["inapplicable"] = "the target need not have it"


def added(suite):
    one = next(each for each in suite["cases"] if each["requirement"] == "S-EACH")
    suite["cases"].append(one | {"id": "S-EACH/1:Zebra"})


def fewer(suite):
    """A row less: its template still has others."""
    suite["cases"].remove(next(each for each in suite["cases"] if each["requirement"] == "S-EACH"))


def slower(suite):
    """A case asks by another step, as its id says."""
    at(suite["steps"], id=step_of("S-META"))["probe"] = {"request": {"path": "/other"}}


ROW = next(each.id for each in bound().cases if each.requirement == "S-EACH")


@pytest.mark.parametrize(
    ("change", "seen_at"),
    [
        (excused, "S-META/1"),
        (case("S-META", expect=[{"status": {"code": 200}}]), "S-META/1"),
        (case("S-READ", values={"p": "p9", "p.id": "p9", "p.source": "Patient/p9"}), "S-READ/1"),
        (case("S-READ", untestable="no patient was found"), "S-READ/1"),
        (added, "S-EACH/1:Zebra"),
        (fewer, ROW),
        (slower, step_of("S-META")),
        (without("steps", id=step_of("S-META")), step_of("S-META")),
        (lambda s: s["notTried"].clear(), "S-EACH"),
        (lambda s: s["notTried"].update({"S-EACH": ["tried 3 of the 3 that could be"]}), "S-EACH"),
        (lambda s: s["notTried"].update({"S-META": ["not tried, since it rained"]}), "S-META"),
    ],
)
def test_a_suite_that_was_not_bound_as_the_discovery_says_is_refused(change, seen_at):
    with pytest.raises(
        Unreadable, match=f"was not bound as its profile and the discovery say: see {seen_at}$"
    ):
        refuse_unfaithful(changed(change), SEEN, built_in())


def test_another_digest_than_the_profiles_or_parameters_that_nobody_overrode_are_refused():
    with pytest.raises(Unreadable, match=r"was not bound as its profile and the discovery say$"):
        refuse_unfaithful(bound().model_copy(update={"profile_digest": "0" * 64}), SEEN, built_in())
    secretly = bound(overrides={"page": 9}).model_copy(update={"overrides": ()})
    with pytest.raises(Unreadable, match="was not bound as its profile and the discovery say"):
        refuse_unfaithful(secretly, SEEN, built_in())


def test_a_suite_is_bound_to_the_discovery_that_lies_with_it():
    for other in (discovered(KINDS[1:]), discovered(patients=PATIENTS[1:])):
        with pytest.raises(Unreadable, match="was not bound as"):
            refuse_unfaithful(bound(), other, built_in())


PLUGIN = {"own": "1.0 sha256:" + "0" * 8}


def foreign(suite, **members):
    """A requirement whose case calls a part of somebody's own."""
    at(suite["templates"], requirement="S-META").update(members)
    at(suite["cases"], requirement="S-META").update(untestable="whatever it comes to")


@pytest.mark.parametrize(
    "members",
    [
        {"expect": [{"own": {}}]},
        {"when": [{"own": {}}]},
        {"probes": [{"own": {}}]},
        {"each": {"call": {"own": {}}, "most": 1, "choice": 0}},
    ],
)
def test_the_parts_of_plugins_are_their_makers_and_all_else_is_compared(members):
    suite = changed(lambda plain: foreign(plain, **members))
    assert [each.id for each in suite.templates if is_foreign(each, built_in())] == ["S-META/1"]
    with pytest.raises(Unreadable, match="does not have, and names no plugin"):
        refuse_unfaithful(suite, SEEN, built_in())
    named = suite.model_copy(update={"plugins": PLUGIN})
    refuse_unfaithful(named, SEEN, built_in())
    with pytest.raises(Unreadable, match="see S-READ/1"):
        refuse_unfaithful(changed(case("S-READ", untestable="x"), named), SEEN, built_in())


def test_what_a_plugin_left_untried_is_its_makers_word():
    plain = changed(lambda plain: foreign(plain, expect=[{"own": {}}]))
    said = plain.not_tried | {"S-META": ("not tried, since it rained",)}
    refuse_unfaithful(plain.model_copy(update={"plugins": PLUGIN, "not_tried": said}), SEEN, built_in())


def test_the_digest_of_the_profile_is_that_of_its_bytes():
    assert bound().profile_digest == sha256(bound().profile.canonical())
