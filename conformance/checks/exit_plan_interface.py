"""Checks of what an exit plan says about the interface and the export's limits: who may connect, how much at a time."""

from conformance.analysis.money import NoMoney, quantity
from conformance.checks.exit_plan_reading import (
    ExitPlan,
    length_problem,
    limit,
    quoted,
    read_plan,
    says_something,
)
from conformance.plugin import Evidence, Findings, NotJudgeable, check

_SCOPES = ("population", "single-patient")


@check("exit-plan-registration")
def exit_plan_registration(evidence: Evidence, *, within: str) -> Findings:
    """A third party registers by a published way, in a stated time within the limit, without the supplier's consent."""
    plan = read_plan(evidence)
    limit(within)
    if not says_something(plan.one("interface.registration.url")):
        yield plan.finding("does not say where a third party registers (interface.registration.url)")
    consent = plan.one("interface.registration.needsSupplierConsent")
    if consent is not False:
        yield plan.finding(
            f"states {quoted(consent)} at interface.registration.needsSupplierConsent: the supplier's consent is needed"
            if consent is True
            else "does not say whether the supplier has to consent (interface.registration.needsSupplierConsent)"
        )
    stated = plan.one("interface.registration.within")
    if stated is None:
        yield plan.finding("does not say how long registration takes (interface.registration.within)")
    elif problem := length_problem(stated, at_most=within):
        yield plan.finding(f"interface.registration.within {problem}")


@check("exit-plan-fees")
def exit_plan_fees(evidence: Evidence) -> Findings:
    """The plan names the address of the interface's terms, and says whether there are fees beyond the cost table."""
    plan = read_plan(evidence)
    if not says_something(plan.one("export.apiTermsUrl")):
        yield plan.finding("names no address of the terms and fees of the interface (export.apiTermsUrl)")
    fees = plan.one("interface.fees")
    charged = any(row.get("kind") == "api" for _, row in plan.rows("costs.items"))
    if fees not in ("none", "as-listed-in-costs"):
        yield plan.finding(f"states {quoted(fees)} at interface.fees, neither none nor as-listed-in-costs")
    elif fees == "as-listed-in-costs" and not charged:
        yield plan.finding(
            "says that the interface's fees are listed in its costs, which have no row of kind api"
        )


@check("exit-plan-not-rationed")
def exit_plan_not_rationed(evidence: Evidence, *, least_interval: str, rate: str = "") -> Findings:
    """Whoever holds credentials exports on their own, one patient or all, as often as needed, at a stated rate.

    `rate` is the least number of requests a second; where it is empty, any rate above zero will do.
    """
    plan = read_plan(evidence)
    if plan.one("export.selfService") is not True:
        yield plan.finding("does not say that an export needs nobody at the supplier (export.selfService)")
    scopes = [value for _, value in plan.at("export.scopes.*")]
    for scope in _SCOPES:
        if scope not in scopes:
            yield plan.finding(f"does not list the scope {scope} at export.scopes")
    yield from _rate_problems(plan, rate)
    interval = plan.one("export.limits.leastInterval")
    if interval is None:
        yield plan.finding("does not say how soon a next export may begin (export.limits.leastInterval)")
    elif problem := length_problem(interval, at_most=least_interval):
        yield plan.finding(f"export.limits.leastInterval {problem}")


@check("exit-plan-offline-route")
def exit_plan_offline_route(evidence: Evidence) -> Findings:
    """The plan names a route by which the data moves where the network is too slow."""
    plan = read_plan(evidence)
    kind = plan.one("export.offlineTransfer.kind")
    if kind not in ("cloud-to-cloud", "physical-media"):
        yield plan.finding(f"states {quoted(kind)} at export.offlineTransfer.kind, which is no route")
    if not says_something(plan.one("export.offlineTransfer.route")):
        yield plan.finding(
            "does not say how data moves where the network is too slow (export.offlineTransfer.route)"
        )


def _rate_problems(plan: ExitPlan, rate: str) -> Findings:
    """What is wrong with how many exports run at a time and how many requests are answered."""
    jobs = plan.one("export.limits.concurrentJobs")
    if not isinstance(jobs, int) or isinstance(jobs, bool) or jobs < 1:
        yield plan.finding(f"states {quoted(jobs)} at export.limits.concurrentJobs, not a number from 1 up")
    stated = plan.one("export.limits.requestsPerSecond")
    try:
        least = quantity(rate) if rate else None
    except NoMoney as error:
        raise NotJudgeable(f"the profile's rate {rate!r} cannot be used: {error}") from None
    try:
        exact = quantity(stated)
    except NoMoney as error:
        yield plan.finding(f"states {quoted(stated)} at export.limits.requestsPerSecond: {error}")
    else:
        if exact <= 0 or (least is not None and exact < least):
            wanted = f"at least {rate}" if rate else "more than 0"
            yield plan.finding(f"answers {quoted(stated)} requests a second (export.limits), not {wanted}")
