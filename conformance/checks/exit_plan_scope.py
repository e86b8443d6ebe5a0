"""Checks of what an exit plan covers: dates, scenarios, destinations, transition, subcontractors, exclusions."""

from conformance.checks.exit_plan_reading import length_problem, limit, quoted, read_plan, says_something
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, check


@check("exit-plan-reviewed")
def exit_plan_reviewed(evidence: Evidence, *, due: str, review: str) -> Findings:
    """The plan was delivered so soon after the contract's start, and its last review is not older than the limit.

    Dates are judged at the day recorded for the run.
    """
    plan, today = read_plan(evidence), evidence.as_of
    start, issued = (plan.date(path) for path in ("contract.start", "review.issued"))
    reviewed, following = (plan.date(path) for path in ("review.lastReviewed", "review.nextReviewDue"))
    for path, date in (
        ("contract.start", start),
        ("review.issued", issued),
        ("review.lastReviewed", reviewed),
    ):
        if date is None:
            yield plan.finding(f"states no date at {path}")
    if start and issued and issued > limit(due).after(start):
        yield plan.finding(f"was issued on {issued}, more than {due} after the contract's start on {start}")
    for path, date in (("review.issued", issued), ("review.lastReviewed", reviewed)):
        if date and date > today:
            yield plan.finding(f"gives {date} at {path}, which is after {today}")
    if reviewed and today > limit(review).after(reviewed):
        yield plan.finding(f"was last reviewed on {reviewed}, more than {review} before {today}")
    if following is None:
        yield plan.finding("states no date at review.nextReviewDue")
    elif following < today:
        yield plan.finding(f"should have been reviewed by {following}, which is before {today}")
    elif reviewed and following > limit(review).after(reviewed):
        yield plan.finding(f"is next reviewed by {following}, more than {review} after {reviewed}")


@check("exit-plan-rehearsed")
def exit_plan_rehearsed(evidence: Evidence, *, at_most: str) -> Findings:
    """An export was taken and loaded elsewhere not longer ago than the limit, and a report of it is pinned."""
    plan, today = read_plan(evidence), evidence.as_of
    rehearsed = plan.date("review.lastRehearsed")
    if rehearsed is None:
        yield plan.finding("does not say when the exit was last rehearsed (review.lastRehearsed)")
    elif rehearsed > today:
        yield plan.finding(f"says that the exit was rehearsed on {rehearsed}, which is after {today}")
    elif today > limit(at_most).after(rehearsed):
        yield plan.finding(
            f"says that the exit was rehearsed on {rehearsed}, more than {at_most} before {today}"
        )
    if not says_something(plan.one("review.rehearsalReportSha256")):
        yield plan.finding("does not pin the rehearsal's report (review.rehearsalReportSha256)")


@check("exit-plan-scenarios")
def exit_plan_scenarios(evidence: Evidence, *, kinds: list[str]) -> Findings:
    """Each of these kinds of exit has a scenario, whose steps have a name, an owner and a time."""
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
            if not says_something(value.get("location")):
                yield plan.finding(
                    f"does not say where the subcontractor {name} holds data ({place}.location)"
                )
            if value.get("exitTermsFlowDown") is not True:
                yield plan.finding(f"does not bind the subcontractor {name} to the exit terms ({place})")


@check("exit-plan-exclusions")
def exit_plan_exclusions(evidence: Evidence) -> Findings:
    """Each category of data that is not exported has a reason. Where none is left out, nothing has to be said."""
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
