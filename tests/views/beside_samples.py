"""A comparison and an explanation in which every member says something."""

import datetime as dt

from conformance.model.comparison import (
    Bid,
    Cell,
    Comparison,
    Decision,
    Difference,
    Equivalence,
    MeasuredRow,
    Row,
    Score,
    TenderNote,
    Weights,
)
from conformance.model.explanation import (
    ExplainedCase,
    ExplainedLimit,
    Explanation,
    Rule,
    SeenBody,
    SeenExchange,
)
from conformance.model.measurement import Measurement
from conformance.model.report import MethodVerdict, ProfileRef, RequirementResult, Runner, Tool
from conformance.model.target import TargetCard

TODAY = dt.date(2026, 11, 22)


def explanation(text: str) -> Explanation:
    """One in which everything that a server or a tester can write is this text."""
    body = SeenBody(sha256="a" * 64, size=9, media_type=text, kept=True, text=text, cut=3)
    exchange = SeenExchange(
        id="x1", sha256="b" * 64, at="", elapsed_ms=1, method="GET", url=text, request_headers={"a": text},
        request_body=body, status=200, headers=(("b", text),), body=body, failure="", curl=text,
    )  # fmt: skip
    case = ExplainedCase(
        id="R-1/1", outcome="fail", because=text, findings=(text,), remarks=(text,), expected=text,
        basis="judged anew here", drawn={"v": text}, filled={"w": [text]},
        sent=(Rule(name="request", arguments={"path": text}, says=text),),
        judged_by=(Rule(name="status", arguments={}, says=""),), exchanges=(exchange,), replay="conformance replay x",
    )  # fmt: skip
    result = RequirementResult(
        id="R-1", origin="p@1.0.0", level="SHALL", method="automated", phase="tender", text=text, source=text,
        outcome="fail", because=text, advisory=text,
    )  # fmt: skip
    tool = Tool(name="conformance", version="1")
    return Explanation(
        requirement=result, recipes=(text,), gates=(), cases=(case,),
        limits=(ExplainedLimit(name="l", value=text, default=1, basis=text, set_by=text),),
        profile=ProfileRef(profile="p", version="1.0.0", title=text, digest="c" * 64),
        target=TargetCard(endpoint="https://example.org", product=text, version=text, supplier=text),
        runner=Runner(name=text), signers=(text,), started_at=text, finished_at=text, as_of="2026-11-22",
        tested_with=tool, verified_with=tool, digests={"profile": "c" * 64}, packages=(text,),
        again=(("look", text),),
    )  # fmt: skip


def comparison(text: str = "x") -> Comparison:
    """Two bids in which everything that others can write is this text."""
    verdict = MethodVerdict(method="automated", gates=True, result="FAILED", totals={"fail": 1})
    bids = tuple(
        Bid(
            label=f"{text} {n}", supplier=text, product=text, version=text, environment="sandbox",
            endpoint="https://example.org", result="FAILED", methods=(verdict,), runner=Runner(name=text),
            signers=(text,), as_of=TODAY, report_digest="a" * 64,
        )
        for n in (1, 2)
    )  # fmt: skip
    what = Equivalence(
        requirement="R-1",
        supplier=text,
        product=text,
        who=text,
        accepted=text,
        reason=text,
        evidence=text,
        on=TODAY,
    )
    cells = (
        Cell(outcome="fail", because=text, equivalence=Decision(what=what, signers=(text,))),
        Cell(outcome=None),
    )
    number = Measurement(
        id="cost-x", title=text, group=text, value="1.0", unit=text, definition=text, note=text
    )
    score = Score(mandatory=1, mandatory_met=1, by_equivalence=1, points="0", of="1", not_shown=0)
    return Comparison(
        profile=text, bids=bids, scores=(score, score),
        differences=(Difference(what=text, values=(text, text), matters=True),),
        rows=(
            Row(id="R-1", level="SHALL", method="automated", text=text, source=text, binds=True, cells=cells),
            Row(id="R-2", level="SHOULD", method="documented", text=text, source=text, binds=False, points="1",
                cells=(Cell(outcome="pass"), Cell(outcome="pass"))),
        ),
        measured=(MeasuredRow(id="cost-x", title=text, group=text, definition=text, values=(number, None)),),
        weights=Weights(points={"*": "1"}),
        tender=TenderNote(title=text, buyer=text, reference=text, opens=TODAY, digest="b" * 64, signers=(text,)),
    )  # fmt: skip
