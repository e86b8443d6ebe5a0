"""The check that what is missing in an export is told of in its own list of errors."""

import re
from collections.abc import Iterator

from conformance.analysis.bracket import brackets
from conformance.analysis.export import error_files, exported, listed
from conformance.analysis.facts import resources
from conformance.checks.completeness import DEFINITIONS, REFUSED_COUNT
from conformance.checks.export_reading import manifest_of
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed as some
from conformance.plugin import Evidence, Findings, Json, NoData, NotJudgeable, StepEvidence, check

NAMED = re.compile(r"\b([A-Z][A-Za-z]{2,50})/([A-Za-z0-9\-.]{1,64})\b")
"""A resource as a message names it; its id may hold dots, but does not end in one."""
DEEPEST = 8


@check("export-errors-reconcile")
def errors_reconcile(evidence: Evidence, *, tolerance: int = 0) -> Findings:
    """Of each type, what is exported and what the manifest's errors name or count comes to what a search counts.

    Where resources are missing and the manifest lists no error at all, they were dropped in silence. Where it lists
    errors that neither name resources nor carry counts, it cannot be told whether these are all.
    """
    step, answer = whole_export(evidence)
    _, listing = manifest_of(step)
    facts, totals = exported(step), brackets(evidence)[0]
    counted = {kind: bracket for kind, bracket in totals.items() if kind not in DEFINITIONS}
    if not any(bracket.highest for bracket in counted.values()):
        raise NoData("the target shows no totals that exported and failed resources could be held against")
    short = {
        kind: bracket.lowest - tolerance - facts.counts.get(kind, 0)
        for kind, bracket in counted.items()
        if bracket.lowest - tolerance > facts.counts.get(kind, 0)
    }
    told = {name for name in _named(step) if not facts.has(name)}
    messages = sum(_count(item.get("count")) for _, item in listed(listing, "error"))
    lacking = {
        kind: number - sum(name.startswith(f"{kind}/") for name in told) for kind, number in short.items()
    }
    unexplained = {kind: number for kind, number in lacking.items() if number > 0}
    if not unexplained:
        _require_counts(evidence)
        return
    if not listed(listing, "error"):
        words = (f"{number} of type {kind}" for kind, number in sorted(unexplained.items()))
        yield answer.finding(f"lists no error, though the export lacks {some(words)} that a search counts")
    elif told or 0 < messages < sum(unexplained.values()):
        words = (f"{number} of type {kind}" for kind, number in sorted(unexplained.items()))
        yield answer.finding(f"lists errors that do not account for {some(words)} that the export lacks")
    else:
        raise NotJudgeable(
            f"the export lacks resources of {some(sorted(unexplained))}, and its errors neither name nor count them"
        )


def _require_counts(evidence: Evidence) -> None:
    refused = {
        e.about.get("type", "") for e in brackets(evidence)[1] if e.status in REFUSED_COUNT
    } - DEFINITIONS
    if refused:
        raise NoData(
            f"the target counts no {some(sorted(refused))}, so that it is not known whether any is missing"
        )


def _named(step: StepEvidence) -> Iterator[str]:
    """The resources that messages of severity error or fatal name."""
    for file in error_files(step):
        for outcome in resources(file):
            issues = outcome.get("issue")
            for issue in issues if isinstance(issues, list) else []:
                if isinstance(issue, dict) and issue.get("severity") in {"error", "fatal", None}:
                    for text in _texts(issue, 0):
                        yield from (f"{kind}/{name.rstrip('.')}" for kind, name in NAMED.findall(text))


def _texts(value: Json, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < DEEPEST and isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item, depth + 1)


def _count(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
