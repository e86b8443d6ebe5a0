"""The check that certain types of resources, which a buyer cannot do without, are exported whole."""

from conformance.analysis.bracket import brackets
from conformance.analysis.export import exported
from conformance.checks.export_whole import whole_export
from conformance.fhir.capability import searchable_types
from conformance.plugin import Evidence, Findings, NoData, NotJudgeable, check


@check("types-exported")
def types_exported(evidence: Evidence, *, types: list[str]) -> Findings:
    """Each of these types is offered, and the export of everything holds as many of it as a search counts."""
    step, answer = whole_export(evidence)
    counts = exported(step).counts
    totals, _ = brackets(evidence)
    offered = searchable_types(evidence.capability_statement or {})
    empty, changed, uncounted = [], [], []
    for kind in types:
        if kind not in offered:
            yield f"the target declares no {kind} that can be searched: nobody can tell whether all is exported"
            continue
        bracket = totals.get(kind)
        if bracket is None:
            uncounted.append(kind)
        elif not bracket.highest:
            empty.append(kind)
        elif not bracket.holds(counts.get(kind, 0), 0):
            if not bracket.unchanged:
                changed.append(kind)
                continue
            yield answer.finding(
                f"led to an export with {counts.get(kind, 0)} resources of type {kind}, but a search counts"
                f" {bracket.highest}"
            )
    if changed or uncounted:
        why = (
            f"{', '.join(changed)} changed meanwhile" if changed else f"no total is stated for {uncounted[0]}"
        )
        raise NotJudgeable(f"whether all was exported cannot be told: {why}")
    if empty:
        raise NoData(f"the target holds no {' and no '.join(empty)}")
