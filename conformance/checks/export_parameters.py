"""Checks of the parameters of a kick-off: what was asked for is what is exported.

Each compares an export with parameters with one without. A parameter that a server refuses, as it may, makes the
requirement inapplicable; one that it takes and does not heed fails. Source:
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from conformance.analysis.export import (
    export_steps,
    exported,
    is_whole,
    manifest,
    parameter,
    parameters,
    without_parameters,
)
from conformance.analysis.facts import FileFacts
from conformance.analysis.instants import instant
from conformance.checks.export_content import strangers
from conformance.checks.export_reading import accepted, kick_off_of, manifest_of, output_of, quoted
from conformance.checks.export_selection import (
    Asked,
    Resource,
    all_exported,
    asked,
    last_updated,
    name_of,
)
from conformance.checks.picking import listed
from conformance.fhir.references import named
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, StepEvidence, check


@check("export-since-supported")
def since_is_supported(evidence: Evidence) -> Findings:
    """A kick-off with `_since` is taken up, and leaves out what did not change since, if there is any.

    What resources that did change refer to may come along, whenever it changed.
    """
    step, full = step_with(evidence, "_since"), full_export(evidence)
    request = kick_off_of(step)
    if not request.ok:
        yield request.finding(f"answered {request.status}, though _since is to be supported")
        return
    since = asked(step).since
    part, whole = exported(step), exported(full)
    answer, _ = manifest_of(step)
    old = {n for n, text in whole.updated.items() if since and (at := instant(text)) and at <= since}
    referred = {name for _, target in part.references if (name := named(target))}
    telling = {name for name in old if name not in referred}
    if not telling:
        raise NoData("everything in the full export changed after _since, or is referred to by what did")
    if all(part.has(name) for name in telling):
        yield answer.finding(
            f"led to all {len(telling)} resources that did not change after"
            f" {quoted(parameter(step, '_since')[0])}, such as {min(telling)}: _since is not heeded"
        )


@check("export-until-heeded")
def until_is_heeded(evidence: Evidence) -> Findings:
    """An export with `_until` holds what changed before that moment, and nothing that changed later."""
    step, full = step_with(evidence, "_until"), full_export(evidence)
    accepted(step, "_until")
    answer, _ = manifest_of(step)
    limit = asked(step).until
    if limit is None:
        raise NoData("the moment that was sent is no instant")
    part, whole = exported(step), exported(full)
    referred = {name for _, target in part.references if (name := named(target))}
    late = [
        n for n, text in part.updated.items() if n not in referred and (at := instant(text)) and at >= limit
    ]
    if late:
        yield answer.finding(
            f"led to {len(late)} resources that changed at or after"
            f" {quoted(parameter(step, '_until')[0])}, such as {min(late)}"
        )
    early = [name for name, text in whole.updated.items() if (at := instant(text)) and at < limit]
    if not early or len(early) == len(whole.updated):
        raise NoData(
            "the full export does not have resources that changed before the moment and others after it"
        )
    yield from _missing(answer, step, part, early, "changed before that moment")


@check("export-without-type-whole")
def without_type_whole(evidence: Evidence) -> Findings:
    """What an export with `_type` holds is in the export without it too, as long as it did not change between."""
    full = full_export(evidence)
    answer, listing = manifest_of(full)
    if not is_whole(full):
        raise NoData(
            "some of the export without _type could not be fetched or read, so nothing can be missed in it"
        )
    found, until = exported(full), instant(listing.get("transactionTime"))
    compared = False
    for step in export_steps(evidence):
        if not parameter(step, "_type") or not kick_off_of(step).ok or manifest(step) is None:
            continue
        part = exported(step)
        compared = compared or bool(part.updated)
        gone = [n for n, text in part.updated.items() if not found.has(n) and _was_there(text, until)]
        kinds = {name.partition("/")[0] for name in gone}
        if gone and not _is_later(step, full) and any(found.counts.get(kind) for kind in kinds):
            raise NotJudgeable("resources may have been deleted between the two exports")
        if gone:
            yield answer.finding(
                f"led to an export without {len(gone)} of {len(part.updated)} resources that are exported when"
                f" {', '.join(parameter(step, '_type'))} is asked for, such as {min(gone)}"
            )
    if not compared:
        raise NoData("no export with _type holds a resource with a time of its last update")


@check("export-option-heeded")
def option_heeded(evidence: Evidence, *, option: str) -> Findings:
    """A server that does not support a parameter refuses it: one that takes it restricts the export by it."""
    step = step_with(evidence, option)
    accepted(step, option)
    output_of(step)
    wish, seen = asked(step), 0
    judge = _judge_of(option, wish)
    strays = []
    for resource in all_exported(step):
        verdict = judge(resource)
        seen += verdict is not None
        if verdict is False:
            strays.append(name_of(resource))
    if not seen:
        raise NoData(f"the export with {option} holds nothing that it could be judged by")
    if strays:
        yield kick_off_of(step).finding(
            f"was taken up with {option}, which was then ignored: it led to {listed(strays)}"
        )


@check("export-patients-only")
def patients_only(evidence: Evidence) -> Findings:
    """An export for some patients holds nothing from the compartment of another patient."""
    step = step_with(evidence, "patient")
    accepted(step, "the parameter patient")
    output_of(step)
    wanted = {f"Patient/{patient}" for patient in asked(step).patients}
    yield from strangers(step, wanted, kick_off_of(step), "who were not asked for")


@check("export-filters-alternative")
def filters_alternative(evidence: Evidence) -> Findings:
    """Several filters for one type are alternatives: what meets any of them is exported."""
    step, full = step_with(evidence, "_typeFilter"), full_export(evidence)
    accepted(step, "these filters")
    answer, _ = manifest_of(step)
    wish, part = asked(step), exported(step)
    matching = [
        resource for resource in all_exported(full, wish.filters or ()) if wish.wanted(resource) is True
    ]
    if not matching:
        raise NoData("no resource of the full export is known to meet one of the filters")
    early = [name_of(resource) for resource in matching if _is_before(resource, step)]
    yield from _missing(answer, step, part, early, "meet one of the filters")


@check("export-parameters-heeded")
def parameters_heeded(evidence: Evidence) -> Findings:
    """An export with several parameters holds what meets all of them, and nothing that fails a type or a filter."""
    step, full = _first(evidence), full_export(evidence)
    accepted(step, "these parameters together")
    answer, _ = manifest_of(step)
    wish, part, request = asked(step), exported(step), kick_off_of(step)
    if not exported(full).resources:
        raise NoData("the full export holds nothing")
    # What _elements has cut is judged by the whole resource.
    unmet, due = set[str](), list[str]()
    for one in all_exported(full, wish.types):
        if wish.filtered(one) is False:
            unmet.add(name_of(one))
        elif wish.wanted(one) is True and _is_before(one, step):
            due.append(name_of(one))
    strays = [name_of(one) for one in all_exported(step) if not wish.of_type(one) or name_of(one) in unmet]
    if strays:
        yield request.finding(f"led to {len(strays)} resources that were not asked for: {listed(strays)}")
    yield from _missing(answer, step, part, due, "were asked for")


def takes_anything(evidence: Evidence, option: str, nonsense: str) -> bool:
    """Whether this value, which nobody supports, was taken up: who does that may not know the parameter at all."""
    return any(
        nonsense in parameter(step, option) and kick_off_of(step).ok for step in export_steps(evidence)
    )


def _missing(
    answer: Exchange, step: StepEvidence, part: FileFacts, due: list[str], why: str
) -> Iterator[str]:
    missing = [name for name in due if not part.has(name)]
    if not missing:
        return
    if not is_whole(step):
        raise NoData("some of the export could not be fetched or read, so nothing can be missed in it")
    yield answer.finding(
        f"led to an export without {len(missing)} of {len(due)} resources that {why}: {listed(missing)}"
    )


def _judge_of(option: str, wish: Asked) -> Callable[[Resource], bool | None]:
    judges: dict[str, Callable[[Resource], bool | None]] = {
        "_type": wish.of_type,
        "patient": wish.about,
        "_typeFilter": lambda one: (
            wish.filtered(one) if one["resourceType"] in (wish.filters or {}) else None
        ),
        "_elements": lambda one: not wish.surplus(one["resourceType"], one),
    }
    return judges[option]


def _is_before(resource: Resource, step: StepEvidence) -> bool:
    """Whether the resource was there, as it is, when the export was made."""
    listing: dict[str, Any] = manifest(step) or {}
    until, at = instant(listing.get("transactionTime")), last_updated(resource)
    return until is None or at is None or at <= until


def _is_later(step: StepEvidence, full: StepEvidence) -> bool:
    one, other = (instant((manifest(each) or {}).get("transactionTime")) for each in (step, full))
    return one is not None and other is not None and one >= other


def _was_there(text: str, until: dt.datetime | None) -> bool:
    at = instant(text)
    return at is not None and (until is None or at <= until)


def step_with(evidence: Evidence, name: str) -> StepEvidence:
    """The first export of a case whose kick-off had this parameter. Raises NoData."""
    step = next((step for step in export_steps(evidence) if parameter(step, name)), None)
    if step is None:
        raise NoData(f"no export with {name} was begun")
    return step


def _first(evidence: Evidence) -> StepEvidence:
    step = next((step for step in export_steps(evidence) if parameters(step)), None)
    if step is None:
        raise NoData("no export with parameters was begun")
    return step


def full_export(evidence: Evidence) -> StepEvidence:
    """The export without parameters. Raises NoData where there is none to compare with."""
    full = without_parameters(evidence)
    if full is None:
        raise NoData("no export without parameters was made to compare with")
    manifest_of(full)
    return full
