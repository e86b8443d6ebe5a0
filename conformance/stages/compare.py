"""Compare: several verified reports side by side, or a new one beside an old one.

Both take what `verify` alone can make. Bids that were measured against other requirements or with other limits are
shown, and said not to be comparable.
"""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from conformance.errors import UsageError, closest
from conformance.model.attestation import Verified
from conformance.model.comparison import (
    Bid,
    Cell,
    Change,
    Changes,
    Comparison,
    Decision,
    Difference,
    Equivalence,
    MeasuredRow,
    Row,
    Score,
    TenderNote,
    Turn,
    Weights,
)
from conformance.model.limit_text import in_short
from conformance.model.report import RequirementResult
from conformance.model.verdict import Outcome

_TESTED = frozenset({Outcome.PASS, Outcome.FAIL})


def compare(
    reports: Sequence[Verified],
    weights: Weights | None = None,
    decisions: Sequence[Decision] = (),
    tender: TenderNote | None = None,
) -> Comparison:
    """The bids in the order given, requirement by requirement.

    `tender` is the pack that all were held against; its weights were checked when it was made.

    Raises UsageError for fewer than two reports, and for weights or decisions that fit nothing.
    """
    if len(reports) < 2:  # noqa: PLR2004 - two are the fewest that can be compared
        raise UsageError("it takes two reports at least to compare")
    bids = _labelled(reports)
    results = [{result.id: result for result in one.report.requirements} for one in reports]
    named = dict.fromkeys(id_ for each in results for id_ in each)
    _refuse_idle(None if tender else weights, decisions, named, bids)
    rows = tuple(_row([each.get(id_) for each in results], bids, weights, decisions) for id_ in named)
    return Comparison(
        profile=reports[0].report.profile.title,
        bids=bids,
        differences=tuple(_differences(reports)),
        rows=rows,
        scores=tuple(_score(rows, index) for index in range(len(bids))),
        measured=tuple(_measured(reports)),
        weights=weights,
        tender=tender,
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
        values = [in_short(r.report.parameters, name) or "none" for r in reports]
        yield from differing(f"parameter {name}", values, matters=True)
    deciding = [frozenset(result.id for result in r.report.requirements if result.binds) for r in reports]
    if len(set(digests)) == 1 and len(set(deciding)) > 1:
        counts = tuple(f"{len(ids)} requirements" for ids in deciding)
        yield Difference(what="what decides", values=counts, matters=True)
    yield from differing("phase", [r.report.target.phase for r in reports], matters=True)
    yield from differing("judged as of", [str(r.report.as_of) for r in reports], matters=False)
    yield from differing("environment", [r.report.target.environment for r in reports], matters=False)
    yield from differing("kind of data", [r.report.target.data_class for r in reports], matters=False)
    yield from differing(
        "writing permitted", ["yes" if r.report.target.may_write else "no" for r in reports], matters=False
    )
    yield from differing("run by", [r.record.runner.role for r in reports], matters=False)
    yield from differing("tool", [f"{r.record.tool.version}" for r in reports], matters=False)


def _refuse_idle(
    weights: Weights | None, decisions: Sequence[Decision], named: Collection[str], bids: Sequence[Bid]
) -> None:
    if weights is not None and (problem := weights.objection(named)):
        raise UsageError(problem)
    for decision in decisions:
        what = decision.what
        if what.requirement not in named:
            known = closest(what.requirement, named)
            raise UsageError(f"a decision names {what.requirement!r}, which no requirement has{known}")
        if not any(_is_about(what, bid) for bid in bids):
            known = closest(what.product, [bid.product for bid in bids])
            whose = f" of {what.supplier!r}" if what.supplier else ""
            raise UsageError(f"a decision names the product {what.product!r}{whose}, which is no bid{known}")


def _is_about(what: Equivalence, bid: Bid) -> bool:
    return what.product == bid.product and what.supplier in {"", bid.supplier}


def _row(
    results: Sequence[RequirementResult | None],
    bids: Sequence[Bid],
    weights: Weights | None,
    decisions: Sequence[Decision],
) -> Row:
    """The requirement over all bids. It binds where it does in any: nobody is let off by a report of their own."""
    known = [result for result in results if result is not None]
    first, binds = known[0], any(result.binds for result in known)
    cells = []
    for result, bid in zip(results, bids, strict=True):
        decided = [d for d in decisions if d.what.requirement == first.id and _is_about(d.what, bid)]
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
        binds=binds,
        points="" if weights is None or binds else weights.of(first.id),
        cells=tuple(cells),
    )


def _measured(reports: Sequence[Verified]) -> Iterator[MeasuredRow]:
    """Each number that a report has, with that of every bid."""
    known = {m.id: m for one in reports for m in one.report.measurements}
    for id_, first in known.items():
        yield MeasuredRow(
            id=id_,
            title=first.title,
            group=first.group,
            definition=first.definition,
            values=tuple(next((m for m in one.report.measurements if m.id == id_), None) for one in reports),
        )


def _because(result: RequirementResult) -> str:
    told = [text for v in result.verdicts if v.outcome is result.outcome for text in (*v.findings, v.because)]
    return result.because or next((text for text in told if text), "")


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
