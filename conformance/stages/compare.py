"""Compare: several verified reports side by side, or a new one beside an old one.

Both take what `verify` alone can make. Bids that were measured against other requirements or with other limits are
shown, and said not to be comparable.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase

from conformance.errors import UsageError, closest
from conformance.model.attestation import Verified
from conformance.model.base import compact
from conformance.model.comparison import (
    Bid,
    Cell,
    Change,
    Changes,
    Comparison,
    Difference,
    Equivalence,
    Row,
    Score,
    Turn,
    Weights,
)
from conformance.model.policy import number
from conformance.model.report import RequirementResult
from conformance.model.verdict import Outcome

_TESTED = frozenset({Outcome.PASS, Outcome.FAIL})
_MOST_SHOWN = 60


def compare(
    reports: Sequence[Verified], weights: Weights | None = None, decisions: Sequence[Equivalence] = ()
) -> Comparison:
    """The bids in the order given, requirement by requirement.

    Raises UsageError for fewer than two reports, and for weights or decisions that fit nothing.
    """
    if len(reports) < 2:  # noqa: PLR2004 - two are the fewest that can be compared
        raise UsageError("it takes two reports at least to compare")
    bids = _labelled(reports)
    named: dict[str, RequirementResult] = {}
    for one in reports:
        for result in one.report.requirements:
            named.setdefault(result.id, result)
    _refuse_idle(weights, decisions, named, bids)
    rows = tuple(_row(first, reports, bids, weights, decisions) for first in named.values())
    return Comparison(
        profile=reports[0].report.profile.title,
        bids=bids,
        differences=tuple(_differences(reports)),
        rows=rows,
        scores=tuple(_score(rows, index) for index in range(len(bids))),
        weights=weights,
    )


def changes(old: Verified, new: Verified) -> Changes:
    """What is better, worse or newly tested in the new report."""
    before = {result.id: result for result in old.report.requirements}
    after = {result.id: result for result in new.report.requirements}
    found = [_change(before.get(id_), after.get(id_)) for id_ in dict.fromkeys((*before, *after))]
    earlier, later = _labelled((old, new))
    return Changes(
        old=earlier,
        new=later,
        differences=tuple(_differences((old, new))),
        changes=tuple(change for change in found if change is not None),
        unchanged=sum(change is None for change in found),
    )


def _labelled(reports: Sequence[Verified]) -> tuple[Bid, ...]:
    made: list[Bid] = []
    for position, one in enumerate(reports):
        card = one.report.target
        name = _named(one)
        label = f"{name} [{position + 1}]" if sum(_named(other) == name for other in reports) > 1 else name
        made.append(
            Bid(
                label=label,
                supplier=card.supplier,
                product=card.product,
                version=card.version,
                environment=card.environment,
                endpoint=card.endpoint,
                result=one.report.result,
                methods=one.report.methods,
                runner=one.record.runner,
                signers=tuple(f"{s.name} ({', '.join(s.roles)})" for s in one.signers),
                as_of=one.report.as_of,
                report_digest=one.predicate.report_digest,
            )
        )
    return tuple(made)


def _named(one: Verified) -> str:
    card = one.report.target
    return " ".join(part for part in (card.product, card.version) if part) or card.endpoint


def _differences(reports: Sequence[Verified]) -> Iterator[Difference]:
    def differing(what: str, values: Sequence[str], *, matters: bool) -> Iterator[Difference]:
        if len(set(values)) > 1:
            yield Difference(what=what, values=tuple(values), matters=matters)

    profiles = [f"{r.report.profile.profile}@{r.report.profile.version}" for r in reports]
    digests = [r.report.profile.digest for r in reports]
    if len(set(digests)) > 1 and len(set(profiles)) == 1:
        yield from differing("profile (SHA-256)", digests, matters=True)
    yield from differing("profile", profiles, matters=True)
    for name in sorted({name for r in reports for name in r.report.parameters}):
        values = [_value(r.report.parameters, name) for r in reports]
        yield from differing(f"parameter {name}", values, matters=True)
    yield from differing("phase", [r.report.target.phase for r in reports], matters=True)
    yield from differing("judged as of", [str(r.report.as_of) for r in reports], matters=False)
    yield from differing("environment", [r.report.target.environment for r in reports], matters=False)
    yield from differing("kind of data", [r.report.target.data_class for r in reports], matters=False)
    yield from differing(
        "writing permitted", ["yes" if r.report.target.may_write else "no" for r in reports], matters=False
    )
    yield from differing("run by", [r.record.runner.role for r in reports], matters=False)
    yield from differing("tool", [f"{r.record.tool.version}" for r in reports], matters=False)


def _value(parameters: dict[str, object], name: str) -> str:
    if name not in parameters:
        return "none"
    text = compact(parameters[name]).decode()
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _refuse_idle(
    weights: Weights | None,
    decisions: Sequence[Equivalence],
    named: dict[str, RequirementResult],
    bids: Sequence[Bid],
) -> None:
    for pattern, points in (weights.points | {"": weights.default} if weights else {}).items():
        if number(points) is None:
            raise UsageError(
                f"the weight {points!r} of {pattern or 'the default'} is no number as decimal text"
            )
        if pattern and not any(fnmatchcase(id_, pattern) for id_ in named):
            raise UsageError(
                f"the weights name {pattern!r}, which no requirement has{closest(pattern, named)}"
            )
    products = {bid.product for bid in bids}
    for decision in decisions:
        if decision.requirement not in named:
            known = closest(decision.requirement, named)
            raise UsageError(f"a decision names {decision.requirement!r}, which no requirement has{known}")
        if decision.product not in products:
            known = closest(decision.product, products)
            raise UsageError(f"a decision names the product {decision.product!r}, which is no bid{known}")


def _row(
    first: RequirementResult,
    reports: Sequence[Verified],
    bids: Sequence[Bid],
    weights: Weights | None,
    decisions: Sequence[Equivalence],
) -> Row:
    cells = []
    for one, bid in zip(reports, bids, strict=True):
        result = next((r for r in one.report.requirements if r.id == first.id), None)
        decided = [d for d in decisions if d.requirement == first.id and d.product == bid.product]
        cells.append(
            Cell(
                outcome=result.outcome if result else None,
                because=_because(result) if result else "",
                advisory=result.advisory if result else "",
                equivalence=decided[-1] if decided and result else None,
            )
        )
    return Row(
        id=first.id,
        level=first.level,
        method=first.method,
        text=first.text,
        source=first.source,
        binds=first.binds,
        points="" if weights is None or first.binds else _points(first.id, weights),
        cells=tuple(cells),
    )


def _because(result: RequirementResult) -> str:
    told = [text for v in result.verdicts if v.outcome is result.outcome for text in (*v.findings, v.because)]
    return result.because or next((text for text in told if text), "")


def _points(id_: str, weights: Weights) -> str:
    return next((p for pattern, p in weights.points.items() if fnmatchcase(id_, pattern)), weights.default)


def _score(rows: Sequence[Row], index: int) -> Score:
    binding = [row.cells[index] for row in rows if row.binds]
    scored = [(Decimal(row.points), row.cells[index]) for row in rows if row.points]
    shown = [cell for cell in binding if cell.met]
    return Score(
        mandatory=len(binding),
        mandatory_met=len(shown),
        by_equivalence=sum(
            cell.equivalence is not None and cell.outcome not in {Outcome.PASS, Outcome.INAPPLICABLE}
            for cell in shown
        ),
        points=str(sum((points for points, cell in scored if cell.outcome is Outcome.PASS), Decimal(0))),
        of=str(sum((points for points, _ in scored), Decimal(0))),
        not_shown=sum(
            cell.outcome in {Outcome.INCONCLUSIVE, Outcome.UNTESTED, None} and not cell.met
            for cell in binding
        ),
    )


def _change(was: RequirementResult | None, now: RequirementResult | None) -> Change | None:
    known = now or was
    if known is None or (was and now and was.outcome is now.outcome):
        return None
    return Change(
        id=known.id,
        level=known.level,
        text=known.text,
        turn=_turn(was, now),
        was=was.outcome if was else None,
        now=now.outcome if now else None,
        because=_because(now) if now else "",
    )


def _turn(was: RequirementResult | None, now: RequirementResult | None) -> Turn:
    if was is None or now is None:
        return Turn.ADDED if was is None else Turn.REMOVED
    before, after = was.outcome, now.outcome
    if before in _TESTED and after in _TESTED:
        return Turn.BETTER if after is Outcome.PASS else Turn.WORSE
    if after is Outcome.FAIL:
        return Turn.WORSE
    if after in _TESTED:
        return Turn.NEWLY_TESTED
    return Turn.NO_LONGER_TESTED if before in _TESTED else Turn.OTHER
