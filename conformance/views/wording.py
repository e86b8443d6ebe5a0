"""The words that all views share: what an outcome, a verdict, a method and a role mean to a reader."""

import shlex
from collections.abc import Iterable, Mapping

from conformance.model.base import Json
from conformance.model.composition import Change, ChangeKind
from conformance.model.profile import Method
from conformance.model.report import (
    MethodVerdict,
    Report,
    RequirementResult,
    Result,
    Runner,
    RunnerRole,
    RunRecord,
)
from conformance.model.target import DataClass
from conformance.model.verdict import Outcome
from conformance.views.selection import failing
from conformance.views.signature import SignatureNote
from conformance.views.text import counted, day, one_line

SYMBOL = {
    Outcome.PASS: "✓",
    Outcome.FAIL: "✗",
    Outcome.INCONCLUSIVE: "?",
    Outcome.UNTESTED: "○",
    Outcome.INAPPLICABLE: "–",  # noqa: RUF001 - a dash is meant
}
RESULT_SYMBOL = {
    Result.PASSED: SYMBOL[Outcome.PASS],
    Result.FAILED: SYMBOL[Outcome.FAIL],
    Result.INCONCLUSIVE: SYMBOL[Outcome.INCONCLUSIVE],
    Result.NOT_TESTED: SYMBOL[Outcome.UNTESTED],
}
OUTCOME_MEANING = {
    Outcome.PASS: "Every case that was tried, and that applies, met the requirement.",
    Outcome.FAIL: "At least one case showed that the requirement is not met.",
    Outcome.INCONCLUSIVE: "It was tried, but the evidence cannot tell: no answer that could be judged came "
    "back, the target changed meanwhile, or the test itself had trouble. Neither a pass nor a fail.",
    Outcome.UNTESTED: "It was not tried, or not all of it: no test exists, permission or data was lacking, "
    "or a precondition did not hold. The reason is given each time. Neither a pass nor a fail.",
    Outcome.INAPPLICABLE: "The requirement does not bind here: it concerns an optional capability that the "
    "product does not claim, a later phase of the contract, or something outside the scope of the test.",
}
RESULT_MEANING = {
    Result.PASSED: "Every SHALL and SHALL NOT passed or does not apply, and at least one passed.",
    Result.FAILED: "At least one binding requirement failed.",
    Result.INCONCLUSIVE: "No binding requirement failed, but at least one is inconclusive or untested.",
    Result.NOT_TESTED: "No binding requirement was judged by a test.",
}
METHOD_TITLE = {
    Method.AUTOMATED: "Tested",
    Method.DOCUMENTED: "Documented",
    Method.ATTESTED: "Attested",
    Method.OUT_OF_SCOPE: "Out of scope",
}
METHOD_MEANING = {
    Method.AUTOMATED: "Requests were sent to the product and its answers judged.",
    Method.DOCUMENTED: "Judged on what the supplier's published or submitted documents say.",
    Method.ATTESTED: "Somebody responsible declared it over their signature.",
    Method.OUT_OF_SCOPE: "Statements that nobody outside the product can observe, or that bind others.",
}
ROLE = {
    RunnerRole.LAB: "an independent laboratory",
    RunnerRole.BUYER: "the buyer",
    RunnerRole.SUPPLIER: "the supplier, as a self-test",
    RunnerRole.BODY: "a standards body",
    RunnerRole.SELF: "a person who stated no role",
}
DATA_MEANING = {
    DataClass.SYNTHETIC: "synthetic: about no real person",
    DataClass.PSEUDONYMISED: "pseudonymised: answers were judged, and their content not kept",
    DataClass.LIVE: "live: about real people; answers were judged, and their content not kept",
}
SHOWN_METHODS = (Method.AUTOMATED, Method.DOCUMENTED, Method.ATTESTED)
NOT_SUMMED = (
    "Each method proves something different, so the totals stand side by side and are never added up. "
    "Totals count requirements of every level; only SHALL and SHALL NOT decide a verdict."
)
UNSIGNED_MEANING = (
    "Nobody has vouched for this report with a signature, and nothing would show it if it were changed."
)
EMBEDDED_MEANING = (
    "The target was the reference supplier built into the test harness. "
    "This is a demonstration and says nothing about any product."
)
LIMITS = tuple(
    """\
It relates only to the item named above: that version, in that installation, at that address, at that time. Another \
version, configuration or installation may behave otherwise.
Tests are samples. A pass means that the cases tried found no fault; it does not mean that there is none.
What is documented or attested was not observed by the test; it is as good as the document or the person behind it.
It is no certificate and no legal advice, and says nothing of clinical safety, information security or data \
protection beyond the requirements listed.
Quote it whole. A part of it, without what is not known and the limits, says something else.
""".splitlines()
)
"""What no report can say, told in each that people read."""
SIGNED_MEANING = (
    "What counts is the signed record: this view only repeats it, and is not signed itself. "
    "The command conformance verify checks signature, files and verdicts."
)
NOTHING_FAILED = "No binding requirement was seen to fail."


def headline(report: Report, signature: SignatureNote) -> str:
    """The report in one line, as in `FAILED (UNSIGNED): Acme Records 4.2 against Leaving a supplier`."""
    mark = "" if signature.signed else " (UNSIGNED)"
    return f"{report.result}{mark}: {product(report)} against {one_line(report.profile.title)}"


def outcomes(totals: Mapping[Outcome, int]) -> str:
    """Totals in words, as in `12 pass, 3 fail`, in one order everywhere; `no requirement` where there is none."""
    return ", ".join(f"{totals[o]} {o}" for o in Outcome if totals.get(o)) or "no requirement"


def method_line(method: MethodVerdict) -> str:
    """The verdict of a method with its totals, as in `Tested: FAILED (12 pass, 3 fail); decides the result`."""
    title = METHOD_TITLE[method.method]
    if not method.totals:
        return f"{title}: the profile has no such requirement"
    part = "decides the result" if method.gates else "does not decide the result"
    return f"{title}: {method.result} ({outcomes(method.totals)}); {part}"


def signature_line(signature: SignatureNote) -> str:
    """Whether the report is signed, with what key and in what role."""
    if not signature.signed:
        return f"UNSIGNED. {UNSIGNED_MEANING}"
    role = f" in the role {one_line(signature.role)}" if signature.role else ""
    return f"Signed with the key {one_line(signature.key_id)}{role}."


def conclusion(report: Report) -> str:
    """The result of the report in one or two sentences that promise no more than was shown."""
    gating = {method.method for method in report.methods if method.gates}
    failed = failing(report)
    if report.result is Result.FAILED:
        return _failed(len(failed), len([r for r in failed if r.method in gating]))
    if report.result is Result.PASSED:
        return (
            "Every binding requirement that decides the result passed or does not apply. "
            "This holds for the cases tried and for the version and installation named here."
        )
    open_points = [r for r in report.requirements if r.binds and r.method in gating]
    inconclusive = sum(r.outcome is Outcome.INCONCLUSIVE for r in open_points)
    untested = sum(r.outcome is Outcome.UNTESTED for r in open_points)
    if report.result is Result.NOT_TESTED:
        return "Nothing was tested that could decide the result. Nothing follows from this about the product."
    return (
        "No binding requirement that decides the result was seen to fail, but not all were shown to be met: "
        f"{counted(inconclusive, 'is', 'are')} inconclusive and {counted(untested, 'is', 'are')} untested. "
        "This is not a pass."
    )


def _failed(everywhere: int, gating: int) -> str:
    others = everywhere - gating
    if not gating:
        return f"A part of the profile with a verdict of its own failed: {_unmet(others)}."
    apart = f" In methods that do not decide the result, {_unmet(others)}." if others else ""
    return f"{_unmet(gating)}.{apart}"


def _unmet(number: int) -> str:
    return f"{counted(number, 'binding requirement')} {'is' if number == 1 else 'are'} not met"


def run_by(runner: Runner) -> str:
    """Who ran the test and in what role, as in `the buyer (Jo Bloggs, North Trust)`."""
    names = ", ".join(name for name in (one_line(runner.name), one_line(runner.organisation)) if name)
    return f"{ROLE[runner.role]} ({names})" if names else ROLE[runner.role]


def product(report: Report) -> str:
    """What was tested, by name: product and version, or the endpoint where no product is named."""
    card = report.target
    named = " ".join(part for part in (one_line(card.product), one_line(card.version)) if part)
    return named or one_line(card.endpoint)


def shown_methods(report: Report) -> tuple[MethodVerdict, ...]:
    """All three methods that can have a verdict; those that the profile does not use have no totals."""
    return three_methods(report.methods)


def three_methods(methods: Iterable[MethodVerdict]) -> tuple[MethodVerdict, ...]:
    """The same of methods that are not, or not yet, in a report."""
    given = {method.method: method for method in methods}
    return tuple(
        given.get(method, MethodVerdict(method=method, gates=False, result=Result.NOT_TESTED))
        for method in SHOWN_METHODS
    )


def change_line(change: Change) -> str:
    """What a profile changed of another, as in `FHIR-READ-03: raised from SHOULD to SHALL by acme@1.0.0 (why)`."""
    leave = f"; derogation {change.derogation}" if change.derogation else ""
    why = f" ({one_line(change.reason)}{leave})" if change.reason else ""
    if change.kind is ChangeKind.LEFT_OUT:
        return f"{change.of}: {change.by} takes over {change.now:,} of its {change.was:,} requirements{why}"
    verb = "set" if change.kind is ChangeKind.PARAMETER else change.kind
    values = f"from {_plain(change.was)} to {_plain(change.now)}"
    return f"{one_line(change.name)} of {change.of}: {verb} {values} by {change.by}{why}"


def _plain(value: Json) -> str:
    return one_line(value) if isinstance(value, str) else str(value)


def left_behind(record: RunRecord) -> str:
    """What the run created in the target and could not remove, in words; empty where nothing."""
    return ", ".join(one_line(item) for item in record.left_behind)


def replay_line(run: str, case: str) -> str:
    """The command that judges one case of a run again, from its evidence."""
    return f"conformance replay {shlex.quote(one_line(run))} --only {shlex.quote(one_line(case))}"


def saved(number: int) -> str:
    """How many requests were not sent again, to be put behind the number of those that were; empty for none."""
    return f" ({number:,} more answered by what was asked before)" if number else ""


def waived(requirement: RequirementResult) -> str:
    """Who accepted the outcome, until when and why, and whether that had run out; empty where nobody did."""
    given = requirement.waiver
    if given is None:
        return ""
    ended = "; it had run out by the day of this run" if requirement.lapsed else ""
    return f"by {one_line(given.who)} until {day(given.until)}: {one_line(given.reason)}{ended}"


def bound_to(report: Report, record: RunRecord) -> list[tuple[str, str]]:
    """What ties the report to one procurement, one product and one time, by name; only what is there."""
    facts = [
        ("For the procurement", one_line(record.binding.procurement_ref)),
        ("Nonce", one_line(record.binding.nonce)),
        ("Counts until", one_line(record.valid_until)),
        ("CapabilityStatement, SHA-256", report.observed.capability_statement),
        ("TLS key, SHA-256", report.observed.tls_key),
    ]
    return [(name, value) for name, value in facts if value]
