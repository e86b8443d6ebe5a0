"""Checks of an exit plan's dates: delivered, reviewed, rehearsed, and updated before the contract is extended."""

from conformance.checks.exit_plan_reading import ends, read_plan
from conformance.checks.exit_plan_words import is_digest
from conformance.plugin import Evidence, Findings, check


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
    if start and issued and issued > ends(due, start):
        yield plan.finding(
            f"was issued on {issued} (review.issued), more than {due} after the contract's start on {start}"
        )
    for path, date in (("review.issued", issued), ("review.lastReviewed", reviewed)):
        if date and date > today:
            yield plan.finding(f"gives {date} at {path}, which is after {today}")
    if reviewed and today > ends(review, reviewed):
        yield plan.finding(
            f"was last reviewed on {reviewed} (review.lastReviewed), more than {review} before {today}"
        )
    if following is None:
        yield plan.finding("states no date at review.nextReviewDue")
    elif following < today:
        yield plan.finding(
            f"should have been reviewed by {following} (review.nextReviewDue), which is before {today}"
        )
    elif reviewed and following > ends(review, reviewed):
        yield plan.finding(
            f"is next reviewed by {following} (review.nextReviewDue), more than {review} after {reviewed}"
        )


@check("exit-plan-rehearsed")
def exit_plan_rehearsed(evidence: Evidence, *, at_most: str) -> Findings:
    """An export was taken and loaded elsewhere not longer ago than the limit, and a report of it is pinned."""
    plan, today = read_plan(evidence), evidence.as_of
    rehearsed = plan.date("review.lastRehearsed")
    if rehearsed is None:
        yield plan.finding("does not say when the exit was last rehearsed (review.lastRehearsed)")
    elif rehearsed > today:
        yield plan.finding(f"says that the exit was rehearsed on {rehearsed}, which is after {today}")
    elif today > ends(at_most, rehearsed):
        yield plan.finding(
            f"says that the exit was rehearsed on {rehearsed}, more than {at_most} before {today}"
        )
    if not is_digest(plan.one("review.rehearsalReportSha256")):
        yield plan.finding("does not pin the rehearsal's report (review.rehearsalReportSha256)")


@check("exit-plan-before-extension")
def exit_plan_before_extension(evidence: Evidence, *, lead: str) -> Findings:
    """An updated plan is due so long before the day by which the buyer decides whether to extend the contract."""
    plan = read_plan(evidence)
    decision, due = plan.date("contract.extensionDecision"), plan.date("review.planBeforeExtension")
    end, issued = plan.date("contract.end"), plan.date("review.issued")
    if decision is None:
        yield plan.finding("does not say by when the buyer decides to extend (contract.extensionDecision)")
    elif end is not None and decision > end:
        yield plan.finding(
            f"has the buyer decide on {decision} (contract.extensionDecision), after the contract's end on {end}"
        )
    if due is None:
        yield plan.finding("does not say by when an updated plan is due (review.planBeforeExtension)")
    elif decision is not None and ends(lead, due) > decision:
        yield plan.finding(
            f"has an updated plan due on {due}, less than {lead} before the decision on {decision}"
        )
    if due is not None and issued is not None and due <= issued:
        yield plan.finding(f"has an updated plan due on {due}, not after the first one of {issued}")


@check("exit-plan-recent")
def exit_plan_recent(evidence: Evidence, *, path: str, at_most: str) -> Findings:
    """The date at this path lies not in the future, and not longer ago than the limit."""
    plan, today = read_plan(evidence), evidence.as_of
    day = plan.date(path)
    if day is None:
        yield plan.finding(f"states no date at {path}")
    elif day > today:
        yield plan.finding(f"gives {day} at {path}, which is after {today}")
    elif today > ends(at_most, day):
        yield plan.finding(f"gives {day} at {path}, more than {at_most} before {today}")
