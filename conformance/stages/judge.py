"""Judge: what the evidence of one case comes to. What is wrong outweighs what is in doubt."""

from functools import partial

from conformance.catalog import Catalog
from conformance.errors import NoData, NotApplicable, NotJudgeable
from conformance.model.base import compact, sha256
from conformance.model.curl import curl
from conformance.model.evidence import Content, Evidence, Finding, Measured, Remark
from conformance.model.profile import Call
from conformance.model.suite import Case
from conformance.model.verdict import EvidenceRef, Outcome, Verdict

MOST_FINDINGS = 20
LONGEST_FINDING = 600
INCIDENTAL = frozenset(
    {
        *("cleanup", "clean-up", "canary-delete", "attachment", "definition", "manifest-again"),
        *("file-again", "file-part", "file-unknown", "file-after-delete"),
    }
)
"""What is sent beside what a step is for: trouble with it is the matter of the check that looks at it, if any."""
LISTED = frozenset({"file", "file-early", "file-anonymous", "file-bad-token", "manifest-page"})
"""What a manifest names. If no client can ask for it or read it, that is a fault which the checks are there to find."""
LEAST_TELLING = (Outcome.INCONCLUSIVE, Outcome.UNTESTED, Outcome.INAPPLICABLE)
"""Where several checks cannot judge, the first of these outcomes among their reasons is the case's."""


def judge(case: Case, evidence: Evidence, catalog: Catalog) -> Verdict:
    """The verdict on a case. It never passes what was not tested, nor fails for what the harness could not do."""
    if case.inapplicable:
        return _without_evidence(case, Outcome.INAPPLICABLE, case.inapplicable)
    if case.untestable:
        return _without_evidence(case, Outcome.UNTESTED, case.untestable)
    references = _references(evidence)
    for outcome, because in _trouble(evidence):
        return Verdict(
            case=case.id,
            requirement=case.requirement,
            outcome=outcome,
            because=because,
            expected=expected(case),
            evidence=references,
        )
    findings: list[str] = []
    remarks: list[str] = []
    measured: list[Measured] = []
    doubts: list[tuple[Outcome, str]] = []
    for call in case.expect:
        found, doubt = _checked(call, evidence, catalog)
        findings += [each for each in found if not isinstance(each, Remark)]
        remarks += [each for each in found if isinstance(each, Remark) and not isinstance(each, Measured)]
        measured += [each for each in found if isinstance(each, Measured)]
        doubts += [doubt] if doubt else []
    if not findings and not doubts and not (references and case.expect):
        doubts.append((Outcome.INCONCLUSIVE, "nothing was recorded that a verdict could rest on"))
    worst = next((o for o in LEAST_TELLING if any(o is kind for kind, _ in doubts)), Outcome.PASS)
    outcome = Outcome.FAIL if findings else worst
    return Verdict(
        case=case.id,
        requirement=case.requirement,
        outcome=outcome,
        findings=_shortened(findings),
        remarks=_shortened(remarks),
        because="; ".join(dict.fromkeys(reason for kind, reason in doubts if findings or kind is outcome)),
        expected=expected(case),
        curl=_curl(findings, evidence),
        evidence=references,
        measurements=tuple(each.measurement.model_copy(update={"case": case.id}) for each in measured),
    )


def gates(calls: tuple[Call, ...], evidence: Evidence, catalog: Catalog) -> tuple[Outcome, str] | None:
    """What these gates make of a case, judged over the target's discovery; None where they are open.

    A gate that finds fault makes the case inapplicable. One that cannot tell, or crashes, leaves it untested:
    nobody is let off for what the harness could not see.
    """
    doubts: list[str] = []
    for call in calls:
        found, doubt = _checked(call, evidence, catalog)
        findings = [each for each in found if not isinstance(each, Remark)]
        if findings:
            return Outcome.INAPPLICABLE, _writable(findings[0])
        if doubt and doubt[0] is Outcome.INAPPLICABLE:
            return doubt
        doubts += [doubt[1]] if doubt else []
    return (Outcome.UNTESTED, f"it cannot be told whether this applies: {doubts[0]}") if doubts else None


def _checked(
    call: Call, evidence: Evidence, catalog: Catalog
) -> tuple[list[str], tuple[Outcome, str] | None]:
    check = catalog.find("check", call.name)
    findings: list[str] = []
    try:
        for finding in check(evidence, **call.arguments):
            findings.append(finding)  # noqa: PERF402 - what was found before a check stops is kept
    except NotApplicable as reason:
        return findings, (Outcome.INAPPLICABLE, _writable(str(reason)))
    except NoData as reason:
        return findings, (Outcome.UNTESTED, _writable(str(reason)))
    except NotJudgeable as reason:
        return findings, (Outcome.INCONCLUSIVE, _writable(str(reason)))
    except Exception as error:  # noqa: BLE001 - a check that crashes is our fault, never the target's
        said = (
            f"the check {call.name} crashed ({type(error).__name__}: {error}); this is a fault of the harness"
        )
        return [], (Outcome.INCONCLUSIVE, _writable(said))
    return findings, None


def _trouble(evidence: Evidence) -> list[tuple[Outcome, str]]:
    """What kept the steps from giving evidence that can be judged, worst first."""
    crashes = [(Outcome.INCONCLUSIVE, step.crash) for step in evidence.steps if step.crash]
    failures = [
        (Outcome.INCONCLUSIVE, f"{exchange}: {exchange.failure}")
        for exchange in evidence.exchanges
        if exchange.failure
        and exchange.label not in INCIDENTAL
        and not (exchange.is_faulty and exchange.label in LISTED)
    ]
    lacking = [(Outcome.UNTESTED, step.untestable) for step in evidence.steps if step.untestable]
    return crashes + failures + lacking


def _without_evidence(case: Case, outcome: Outcome, because: str) -> Verdict:
    return Verdict(case=case.id, requirement=case.requirement, outcome=outcome, because=because)


def _references(evidence: Evidence) -> tuple[EvidenceRef, ...]:
    contents: tuple[Content, ...] = (*evidence.exchanges, *evidence.documents)
    return tuple(content.memo("reference", partial(_reference, content)) for content in contents)


def _reference(content: Content) -> EvidenceRef:
    return EvidenceRef(id=content.id, sha256=sha256(compact(content.plain())))


def expected(case: Case) -> str:
    """What the checks of a case ask for, in words."""
    return "; ".join(_in_words(call) for call in case.expect)


def _in_words(call: Call) -> str:
    arguments = ", ".join(f"{name} {value}" for name, value in sorted(call.arguments.items()))
    return f"{call.name} ({arguments})" if arguments else call.name


def _curl(findings: list[str], evidence: Evidence) -> str:
    exchanges = {exchange.id: exchange for exchange in evidence.exchanges}
    for finding in findings:
        if isinstance(finding, Finding) and finding.shown_by in exchanges:
            return curl(exchanges[finding.shown_by])
    return curl(evidence.exchanges[-1]) if findings and evidence.exchanges else ""


def _shortened(findings: list[str]) -> tuple[str, ...]:
    kept = [
        _writable(f if len(f) <= LONGEST_FINDING else f"{f[:LONGEST_FINDING]} …")
        for f in findings[:MOST_FINDINGS]
    ]
    more = len(findings) - len(kept)
    return (*kept, f"… and {more} more of the same kind") if more else tuple(kept)


def _writable(text: str) -> str:
    """The text without the lone surrogates that a target's JSON may hold, and UTF-8 may not (RFC 3629)."""
    return str(text).encode("utf-8", "replace").decode("utf-8")
