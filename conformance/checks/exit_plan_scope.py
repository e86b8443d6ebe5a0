"""Checks of what an exit plan covers: scenarios, destinations, transition, subcontractors, exclusions."""

from typing import Any

from conformance.analysis.durations import Duration, compare
from conformance.checks.exit_plan_reading import (
    ExitPlan,
    duration_of,
    length_problem,
    quoted,
    read_plan,
    says_something,
)
from conformance.checks.exit_plan_words import is_wide
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check

OWNERS = ("supplier", "buyer", "successor")


@check("exit-plan-scenarios")
def exit_plan_scenarios(evidence: Evidence, *, kinds: list[str]) -> Findings:
    """Each of these kinds of exit has a scenario, whose steps have a name, an owner and a time.

    Each step takes at the least a day, and ends before the transition does, whatever day that begins on.
    """
    plan = read_plan(evidence)
    scenarios = plan.rows("scenarios")
    for kind in kinds:
        if not any(scenario.get("kind") == kind for _, scenario in scenarios):
            yield plan.finding(f"has no scenario for {'an' if kind[:1] in 'aeiou' else 'a'} {kind} exit")
    for place, scenario in scenarios:
        steps = scenario.get("steps")
        if not isinstance(steps, list) or not steps:
            yield plan.finding(f"names no steps at {place}")
            continue
        for number, step in enumerate(steps):
            missing = [
                name
                for name in ("name", "owner", "startsAfter", "lasts")
                if not isinstance(step, dict) or not says_something(step.get(name))
            ]
            if missing:
                yield plan.finding(f"does not state {', '.join(missing)} at {place}.steps[{number}]")
            elif step["owner"] not in OWNERS:
                yield plan.finding(
                    f"gives the step {place}.steps[{number}] the owner {quoted(step['owner'])}, which is none of "
                    f"{', '.join(OWNERS)}"
                )
    yield from _timetable(plan)


@check("exit-plan-destinations")
def exit_plan_destinations(evidence: Evidence, *, destinations: list[str]) -> Findings:
    """Some scenario leads to each of these destinations."""
    plan = read_plan(evidence)
    named = [value for _, value in plan.at("scenarios.*.destinations.*")]
    for destination in destinations:
        if destination not in named:
            yield plan.finding(f"has no scenario that leads to {destination}")


@check("exit-plan-transition")
def exit_plan_transition(
    evidence: Evidence, *, standard: str, longest: str, notice_working_days: int
) -> Findings:
    """The transition keeps its limit; where a longer one is reserved, it keeps its own and is told of in time."""
    plan = read_plan(evidence)
    stated, reserved = plan.one("transition.standard"), plan.one("transition.longest")
    if stated is None:
        yield plan.finding("states no transition period (transition.standard)")
    elif problem := length_problem(stated, at_most=standard):
        yield plan.finding(f"transition.standard {problem}")
    if reserved is None:
        return
    if not says_something(plan.one("transition.reasonsForLonger")):
        yield plan.finding(
            "reserves a longer transition, but does not say for what reasons (transition.reasonsForLonger)"
        )
    if problem := length_problem(reserved, at_most=longest):
        yield plan.finding(f"transition.longest {problem}")
    notice = plan.one("transition.infeasibilityNoticeWorkingDays")
    if not isinstance(notice, int) or isinstance(notice, bool) or not 0 <= notice <= notice_working_days:
        yield plan.finding(
            f"reserves a longer transition, but states {quoted(notice)} working days in which the buyer is told "
            f"(transition.infeasibilityNoticeWorkingDays), not at most {notice_working_days}"
        )


@check("exit-plan-subcontractors")
def exit_plan_subcontractors(evidence: Evidence) -> Findings:
    """Each subcontractor that holds data is listed with where it holds it, and is bound to the exit terms."""
    plan = read_plan(evidence)
    if not isinstance(plan.one("subcontractors"), list):
        yield plan.finding("has no list of subcontractors (an empty list says that there are none)")
    for place, value in plan.at("subcontractors.*"):
        if not isinstance(value, dict):
            yield plan.finding(f"states {quoted(value)} at {place}, which describes no subcontractor")
            continue
        name = quoted(value.get("name"))
        if not isinstance(value.get("holdsData"), bool):
            yield plan.finding(
                f"does not say whether the subcontractor {name} holds data ({place}.holdsData)"
            )
        elif value["holdsData"]:
            for member, what in (("location", "where"), ("holds", "what data")):
                if not says_something(value.get(member)):
                    yield plan.finding(
                        f"does not say {what} the subcontractor {name} holds ({place}.{member})"
                    )
            if value.get("exitTermsFlowDown") is not True:
                yield plan.finding(f"does not bind the subcontractor {name} to the exit terms ({place})")


@check("exit-plan-exclusions")
def exit_plan_exclusions(evidence: Evidence) -> Findings:
    """Each category of data that is not exported is a narrow one, with its reason and impact, and delays nothing.

    Where none is left out, nothing has to be said.
    """
    plan = read_plan(evidence)
    rows = plan.rows("dataInventory")
    if not rows:
        yield plan.finding("has no inventory of the data that it covers (dataInventory)")
    left_out = [(place, row) for place, row in rows if row.get("exportable") is not True]
    for place, row in left_out:
        if row.get("exportable") is not False:
            yield plan.finding(f"does not say whether {quoted(row.get('category'))} is exported ({place})")
        elif not says_something(row.get("exclusionReason")):
            yield plan.finding(f"leaves out {quoted(row.get('category'))} without a reason ({place})")
        else:
            for problem in _exclusion_problems(row):
                yield plan.finding(f"leaves out {quoted(row.get('category'))} ({place}), {problem}")
    if rows and not left_out:
        raise NotApplicable("the plan leaves nothing out")


@check("exit-plan-derivations")
def exit_plan_derivations(evidence: Evidence) -> Findings:
    """Each derived category of data that is not exported names the rule that makes it again."""
    plan = read_plan(evidence)
    rows = plan.rows("dataInventory")
    if not rows:
        raise NoData("the plan has no inventory of data")
    derived = [
        (p, row) for p, row in rows if row.get("derived") is True and row.get("exportable") is not True
    ]
    for place, row in derived:
        if not says_something(row.get("derivationRule")):
            yield plan.finding(f"names no rule that makes {quoted(row.get('category'))} again ({place})")
    if not derived:
        raise NotApplicable("the plan leaves no derived data out")


def _exclusion_problems(row: dict[str, Any]) -> Findings:
    if not says_something(row.get("category")) or is_wide(str(row.get("category"))):
        yield "which could stand for anything and is no narrow category"
    if not says_something(row.get("impact")):
        yield "but does not say what the buyer loses by it (impact)"
    if row.get("delaysSwitch") is not False:
        yield "but does not say that this holds up no switch (delaysSwitch)"


def _timetable(plan: ExitPlan) -> Findings:
    """What is wrong with the times of the steps. Raises NotJudgeable where it depends on the day they begin."""
    window = duration_of(plan.one("transition.standard"))
    doubts: list[str] = []
    for place, step in plan.rows("scenarios.*.steps"):
        begins, lasts = duration_of(step.get("startsAfter")), duration_of(step.get("lasts"))
        if begins is None or lasts is None:
            if says_something(step.get("startsAfter")) and says_something(step.get("lasts")):
                yield plan.finding(f"gives no ISO 8601 durations at {place}.startsAfter and {place}.lasts")
            continue
        if not lasts.months and not lasts.days:
            yield plan.finding(f"gives the step {place} no time at all ({quoted(step.get('lasts'))})")
        if window is None:
            continue
        compared = compare(Duration(begins.months + lasts.months, begins.days + lasts.days), window)
        if compared.never:
            yield plan.finding(
                f"has the step {place} end after the transition, which takes "
                f"{quoted(plan.one('transition.standard'))}"
            )
        elif not compared.always:
            doubts.append(place)
    if doubts:
        raise NotJudgeable(f"whether {doubts[0]} ends within the transition depends on the start date")
