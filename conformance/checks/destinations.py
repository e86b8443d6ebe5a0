"""Checks of an export that was loaded into servers that somebody else made."""

from dataclasses import dataclass, field
from typing import Literal

from conformance.analysis.export import output_files
from conformance.analysis.lines import lines
from conformance.analysis.round_trip import Comparison, Resource, name_of, read
from conformance.checks.export_reading import job
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed
from conformance.checks.round_trip import MOST_TOLD, paths, remark, told
from conformance.fhir.bundles import matches
from conformance.model.target import DataClass
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

REFUSED = frozenset({400, 404, 406, 409, 410, 412, 415, 422})
"""So a server answers to content that it does not take; other errors are about access, limits or its own trouble."""
MOST_WORDS = 200


@check("destination-keeps")
def destination_keeps(evidence: Evidence, *, ignore: str, servers: Literal[1, 2] = 1) -> Findings:
    """All that was exported is taken by another server and read back from there without a loss.

    `servers` says in how many different ones that has to be seen. Only the element paths in `ignore` may differ; what
    a server adds is no loss. A refusal of a resource is told with what the server says about it.
    """
    whole_export(evidence)
    names = [name for step in evidence.steps for name in step.notes.get("destinations") or []]
    held = {
        name: why
        for step in evidence.steps
        for name, why in (step.notes.get("destinations-held") or {}).items()
    }
    if not names:
        raise NoData("the target file names no destination")
    if len(names) < servers:
        raise NoData(f"the target file names {len(names)} destination, and {servers} are asked for")
    for name in names[:servers]:
        if name in held:
            raise NotJudgeable(held[name])
        yield from _lost_in(evidence, name, ignore)


@dataclass
class _Outcome:
    """What became of an export in one destination; `silent` are resources of which nobody can tell."""

    compared: Comparison = field(default_factory=Comparison)
    refused: list[tuple[str, Exchange]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def _lost_in(evidence: Evidence, name: str, ignore: str) -> Findings:
    outcome = _outcome(evidence, name, ignore)
    found, refused = outcome.compared, outcome.refused
    if not found.resources and not refused:
        raise NotJudgeable(f"the destination {name} took nothing of the export")
    for reference, answer in refused[:MOST_TOLD]:
        yield answer.finding(
            f"of the destination {name} answered {answer.status} to {reference}: {what_it_said(answer)}"
        )
    if len(refused) > MOST_TOLD:
        more = len(refused) - MOST_TOLD
        yield refused[0][1].finding(f"of the destination {name}: {more} more resources were refused")
    for loss in list(found.lost())[:MOST_TOLD]:
        values = evidence.target.data_class is DataClass.SYNTHETIC
        shown = _of(evidence, "destination-read", name)[0]
        yield shown.finding(f"of the destination {name} {told(loss, {}, values=values)}")
    if found.unreadable:
        raise NotJudgeable(f"{found.unreadable} lines of the export hold no JSON object that could be loaded")
    if outcome.silent:
        raise NotJudgeable(
            f"the destination {name} did not take or give back {len(outcome.silent)} resources:"
            f" {listed(outcome.silent)}"
        )
    yield remark(found, ignore, f" with what the destination {name} gave back")


def _outcome(evidence: Evidence, name: str, ignore: str) -> _Outcome:
    back = {
        name_of(one): one for answer in _of(evidence, "destination-read", name) for one in _resources(answer)
    }
    last = {one.about.get("reference", ""): one for one in _of(evidence, "destination-put", name)}
    outcome = _Outcome()
    for file in output_files(job(evidence)):
        for line in lines(file.chunks()):
            resource = read(line) if line.strip() else None
            if resource is None:
                outcome.compared.unreadable += bool(line.strip())
                continue
            reference = name_of(resource)
            answer = last.get(reference)
            if reference in back:
                outcome.compared.take(resource, back[reference], paths(ignore))
            elif answer is not None and answer.status in REFUSED and not answer.failure:
                outcome.refused.append((reference, answer))
            else:
                outcome.silent.append(reference)
    return outcome


def _of(evidence: Evidence, label: str, name: str) -> list[Exchange]:
    return [one for one in evidence.labelled(label) if one.about.get("destination") == name]


def _resources(answer: Exchange) -> list[Resource]:
    bundle = read(answer.content()) if answer.ok else None
    return matches(bundle) if bundle is not None else []


def what_it_said(answer: Exchange) -> str:
    """What an OperationOutcome says, in short."""
    issues = (answer.resource("OperationOutcome") or {}).get("issue")
    said = [
        str(issue.get("diagnostics") or (issue.get("details") or {}).get("text") or issue.get("code"))
        for issue in issues or []
        if isinstance(issue, dict)
    ]
    text = "; ".join(said) or "without saying why"
    return text if len(text) <= MOST_WORDS else f"{text[:MOST_WORDS]} …"
