"""Checks of an exit plan's registers: escrow, licences, dependencies, erasure, and evidence offered as equivalent."""

import datetime as dt
import re

from conformance.checks.exit_plan_reading import (
    ExitPlan,
    date_of,
    ends,
    length_problem,
    quoted,
    read_plan,
    says_something,
)
from conformance.checks.exit_plan_words import is_digest
from conformance.plugin import Evidence, Findings, NotApplicable, check

_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]*")
_STATED = ("scope", "method", "dates", "signatory")


@check("exit-plan-escrow")
def exit_plan_escrow(evidence: Evidence, *, deposit_every: str) -> Findings:
    """Another than the supplier stands by for its failure, with a deposit kept up, and events that release it."""
    plan = read_plan(evidence)
    kind = plan.one("ownership.escrow.kind")
    if kind not in ("escrow", "step-in"):
        yield plan.finding(f"states {quoted(kind)} at ownership.escrow.kind, neither escrow nor step-in")
        return
    agent = plan.one("ownership.escrow.agent")
    if not says_something(agent):
        yield plan.finding("names nobody who holds the deposit or may step in (ownership.escrow.agent)")
    elif _plain(agent) == _plain(plan.one("supplier.name")):
        yield plan.finding("names the supplier itself at ownership.escrow.agent, which would fail with it")
    if not says_something(plan.one("ownership.escrow.releaseEvents")):
        yield plan.finding("names no event that releases the deposit (ownership.escrow.releaseEvents)")
    if kind == "escrow":
        yield from _deposit_problems(plan, evidence.as_of, deposit_every)


@check("exit-plan-register")
def exit_plan_register(evidence: Evidence, *, path: str, members: list[str]) -> Findings:
    """The plan has a register at this path, each row of which states all these members; an empty one says *none*."""
    plan = read_plan(evidence)
    if not isinstance(plan.one(path), list):
        yield plan.finding(f"has no register at {path} (an empty list says that there are none)")
    for place, row in plan.at(f"{path}.*"):
        for name in members:
            if not isinstance(row, dict) or not says_something(row.get(name)):
                yield plan.finding(f"states no {name} at {place}")


@check("exit-plan-dependencies")
def exit_plan_dependencies(evidence: Evidence) -> Findings:
    """What would break on exit is listed with its owner, and whoever works for the supplier is not left out of it."""
    plan = read_plan(evidence)
    yield from exit_plan_register(evidence, path="dependencies", members=["name", "kind", "owner", "onExit"])
    if plan.one("dependencies") == [] and plan.at("subcontractors.*"):
        yield plan.finding("lists subcontractors, but depends on nobody (dependencies)")


@check("exit-plan-erasure-covers")
def exit_plan_erasure_covers(evidence: Evidence) -> Findings:
    """Each subcontractor that holds data erases it within the times that the plan states."""
    plan = read_plan(evidence)
    covered = [_plain(value) for _, value in plan.at("deletion.subcontractors.*")]
    for place, row in plan.rows("subcontractors"):
        if row.get("holdsData") is not False and _plain(row.get("name")) not in covered:
            yield plan.finding(
                f"does not say that {quoted(row.get('name'))} ({place}) erases its copies (deletion.subcontractors)"
            )


@check("exit-plan-certificate")
def exit_plan_certificate(evidence: Evidence) -> Findings:
    """The erasure is certified, by a method that is named, and a specimen says what, how, when and who signs."""
    plan = read_plan(evidence)
    issued = plan.one("deletion.certificate.issued")
    if issued is not True:
        yield plan.finding(f"states {quoted(issued)} at deletion.certificate.issued, not true")
    if not says_something(plan.one("deletion.certificate.method")):
        yield plan.finding("does not say by which method data is erased (deletion.certificate.method)")
    specimen = "deletion.certificate.specimen"
    if not says_something(plan.one(f"{specimen}.document")) or not is_digest(plan.one(f"{specimen}.sha256")):
        yield plan.finding(f"gives no specimen of the certificate with its SHA-256 ({specimen})")
    states = [value for _, value in plan.at(f"{specimen}.states.*")]
    missing = [name for name in _STATED if name not in states]
    if missing:
        yield plan.finding(f"has a specimen that does not state {', '.join(missing)} ({specimen}.states)")


@check("exit-plan-equivalence")
def exit_plan_equivalence(evidence: Evidence) -> Findings:
    """Evidence offered in place of what a requirement asks for is named, and decided on by a person, with a reason.

    The person is not the one who signs for the supplier.
    """
    plan = read_plan(evidence)
    if not isinstance(plan.one("equivalence"), list):
        yield plan.finding(
            "does not say whether equivalent evidence is offered (an empty list says that none is)"
        )
    elif not plan.one("equivalence"):
        raise NotApplicable("the plan offers no evidence as equivalent")
    signatory = _plain(plan.one("signatory.name"))
    for place, value in plan.at("equivalence.*"):
        row = value if isinstance(value, dict) else {}
        if not _REQUIREMENT.fullmatch(str(row.get("requirement", ""))) or not says_something(
            row.get("evidence")
        ):
            yield plan.finding(f"names no requirement and evidence at {place}")
        if row.get("decision") == "open":
            continue
        if row.get("decision") not in ("accepted", "rejected"):
            yield plan.finding(f"states no decision at {place}.decision")
        if not says_something(row.get("decider")) or not says_something(row.get("reason")):
            yield plan.finding(f"does not say who decided at {place}, and why")
        elif signatory and _plain(row["decider"]).startswith(signatory):
            yield plan.finding(f"has its own signatory decide at {place}.decider")
        decided = date_of(row.get("decidedOn"))
        if decided is None or decided > evidence.as_of:
            yield plan.finding(f"states no day up to {evidence.as_of} at {place}.decidedOn")


@check("exit-plan-staff")
def exit_plan_staff(evidence: Evidence) -> Findings:
    """The plan says how knowledge is handed over, and whether staff moves, with the ground where it does."""
    plan = read_plan(evidence)
    if not says_something(plan.one("people.knowledgeTransfer")):
        yield plan.finding("does not say how knowledge is handed over (people.knowledgeTransfer)")
    applies = plan.one("people.staffTransfer.applies")
    if not isinstance(applies, bool):
        yield plan.finding("does not say whether staff moves (people.staffTransfer.applies)")
    elif applies and not says_something(plan.one("people.staffTransfer.position")):
        yield plan.finding("does not say on what ground staff moves (people.staffTransfer.position)")


def _plain(value: object) -> str:
    return " ".join(value.casefold().split()) if isinstance(value, str) else ""


def _deposit_problems(plan: ExitPlan, today: dt.date, deposit_every: str) -> Findings:
    """What is wrong with how a deposit is kept up."""
    every = plan.one("ownership.escrow.depositEvery")
    if every is None:
        yield plan.finding("does not say how often the deposit is renewed (ownership.escrow.depositEvery)")
    elif problem := length_problem(every, at_most=deposit_every):
        yield plan.finding(f"ownership.escrow.depositEvery {problem}")
    last = plan.date("ownership.escrow.lastDeposit")
    if last is None:
        yield plan.finding("states no date at ownership.escrow.lastDeposit")
    elif last > today:
        yield plan.finding(f"gives {last} at ownership.escrow.lastDeposit, which is after {today}")
    elif today > ends(deposit_every, last):
        yield plan.finding(f"made its last deposit on {last}, more than {deposit_every} before {today}")
