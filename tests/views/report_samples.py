"""A report to look at: told in full, with as many failures, warnings and unknowns as a test asks for."""

import datetime as dt
from collections import Counter

from conformance.model.profile import Level, Method, Phase
from conformance.model.report import (
    MethodVerdict,
    ProfileRef,
    Report,
    RequirementResult,
    Result,
    Runner,
    RunnerRole,
    RunRecord,
    SubResult,
    Tool,
)
from conformance.model.target import DataClass, Environment, TargetCard
from conformance.model.verdict import EvidenceRef, Outcome, Verdict
from conformance.views.signature import SignatureNote

SIGNED = SignatureNote(signed=True, key_id="41e91a0b" * 8, role="tester")
RECORD = RunRecord(
    run_id="run-1",
    started_at="2026-11-22T17:05:00Z",
    finished_at="2026-11-22T17:09:30Z",
    runner=Runner(role=RunnerRole.BUYER, name="Jo Bloggs", organisation="North Trust"),
    tool=Tool(name="conformance", version="0.1.0"),
    requests=1843,
    bytes_received=48_300_000,
    seconds=272,
)


def result(number, outcome, *, level=Level.SHALL, method=Method.AUTOMATED, said="", cases=1):
    """One requirement with this outcome; `said` is what was found, or why nothing can be said."""
    name = f"REQ-{number}"
    failed = outcome is Outcome.FAIL
    verdicts = tuple(
        Verdict(
            case=f"{name}/{case}",
            requirement=name,
            outcome=outcome,
            findings=(said or f"GET /Patient/{number} answered 200, not 404",) if failed else (),
            because="" if failed else said,
            expected=f"the status 404 for {number}" if failed else "",
            curl=f"curl --include --globoff 'https://x.example/Patient/{number}?a=b&c={'d' * 90}'"
            if failed
            else "",
            evidence=(EvidenceRef(id=f"exchange-{number}", sha256=f"{number:064x}"),),
        )
        for case in range(1, cases + 1)
    )
    return RequirementResult(
        id=name,
        origin=f"part-{number % 3}",
        level=level,
        method=method,
        phase=Phase.TENDER,
        text=f"The text of requirement {number} says what a server does.",
        source=f"https://hl7.org/fhir/R4/http.html#clause-{number}",
        outcome=outcome,
        warning=failed and not level.binding,
        because="" if failed else said,
        verdicts=verdicts,
    )


def report(*requirements, overall=Result.INCONCLUSIVE, **rest):
    """A report over these requirements."""
    methods = tuple(
        MethodVerdict(
            method=method,
            gates=method is not Method.ATTESTED,
            result=overall,
            totals=dict(Counter(r.outcome for r in requirements if r.method is method)),
        )
        for method in dict.fromkeys(r.method for r in requirements)
    )
    members = {
        "run_id": "run-1",
        "profile": ProfileRef(
            profile="exit-core", version="0.1.0", title="Leaving a supplier", digest="9f2c" * 16
        ),
        "target": TargetCard(
            supplier="Acme Health",
            product="Acme Records",
            version="4.2",
            endpoint="https://fhir.acme.example/r4",
            environment=Environment.SANDBOX,
            data_class=DataClass.SYNTHETIC,
        ),
        "as_of": dt.date(2026, 11, 22),
        "suite_digest": "ab12" * 16,
        "parameters": {"notice.days": 30, "export.maxHours": 24},
        "overrides": ("notice.days=30",),
        "result": overall,
        "methods": methods,
        "sub_results": (
            SubResult(id="leave", title="Can be left", rests_on=(Method.AUTOMATED,), result=overall),
        ),
        "requirements": requirements,
    }
    return Report(**(members | rest))


def of_every_kind():
    """A report with requirements of every outcome, level and method."""
    return report(
        result(1, Outcome.PASS),
        result(2, Outcome.FAIL, said="POST /$export answered 500", cases=5),
        result(3, Outcome.FAIL, method=Method.DOCUMENTED, said="the exit plan names no person"),
        result(4, Outcome.FAIL, level=Level.SHOULD, said="no ETag was sent"),
        result(5, Outcome.FAIL, level=Level.MAY, said="no gzip was offered"),
        result(6, Outcome.INCONCLUSIVE, said="no answer within 60 s"),
        result(7, Outcome.UNTESTED, said="no permission to write"),
        result(8, Outcome.UNTESTED, said="no permission to write", method=Method.ATTESTED),
        result(9, Outcome.INAPPLICABLE, said="applies from the phase exit on"),
        result(10, Outcome.INAPPLICABLE, said="binds the client", method=Method.OUT_OF_SCOPE),
        overall=Result.FAILED,
    )
