"""Checks of what an export holds, given the parameters and the level of its kick-off.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from conformance.analysis.export import (
    export_steps,
    exported,
    is_whole,
    output_files,
    parameter,
    with_parameter,
    without_parameters,
)
from conformance.analysis.facts import FileFacts, facts_of, resources
from conformance.analysis.instants import instant
from conformance.checks.export_deletions import deletions
from conformance.checks.export_reading import accepted, kick_off_of, manifest_of, output_of, quoted
from conformance.checks.export_selection import name_of
from conformance.checks.picking import listed
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.fhir.compartments import owners
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    Json,
    NoData,
    NotJudgeable,
    Remark,
    StepEvidence,
    check,
)

MOST_EXAMPLES = 3
PATIENT = "Patient"
PAIR = 2


@check("export-since-complete")
def since_is_complete(evidence: Evidence) -> Findings:
    """Each resource of the full export that changed after `_since` is in the export with `_since` too."""
    step, full = _with(evidence, "_since"), without_parameters(evidence)
    manifest_of(full)
    request = kick_off_of(step)
    if not request.ok:
        yield request.finding(f"answered {request.status}, though _since is to be supported")
        return
    answer, listing = manifest_of(step)
    since, until = instant(parameter(step, "_since")[0]), instant(listing.get("transactionTime"))
    changed = _changed(exported(full), since, until) if full is not None and since is not None else []
    if not changed:
        raise NoData("no resource of the full export is known to have changed after _since")
    if not is_whole(step):
        raise NoData(
            "some of the export with _since could not be fetched or read, so nothing can be missed in it"
        )
    found, gone = exported(step), deletions(step)
    missing = [name for name in changed if not found.has(name) and name not in gone]
    if missing:
        examples = ", ".join(missing[:MOST_EXAMPLES])
        yield answer.finding(
            f"led to an export without {len(missing)} of {len(changed)} resources that changed after"
            f" {quoted(parameter(step, '_since')[0])}: {examples}"
        )


@check("export-types-heeded")
def types_are_heeded(evidence: Evidence) -> Findings:
    """An export with `_type` holds resources of these types only."""
    step = _with(evidence, "_type")
    accepted(step, "_type")
    output_of(step)
    answer, _ = manifest_of(step)
    asked = {name.strip() for value in parameter(step, "_type") for name in value.split(",")}
    counts = exported(step).counts
    if not counts:
        raise NoData("the export with _type holds no resource")
    for kind in sorted(set(counts) - asked):
        wanted = ", ".join(sorted(asked))
        yield answer.finding(
            f"led to {counts[kind]} resources of type {quoted(kind)}; only {wanted} was asked for"
        )


@check("export-type-filter-heeded")
def type_filter_is_heeded(evidence: Evidence, *, type: str, element: str, value: str) -> Findings:  # noqa: A002
    """An export with `_typeFilter` holds only those resources of the type whose element has this value."""
    step, full = _with(evidence, "_typeFilter"), without_parameters(evidence)
    accepted(step, "_typeFilter")
    manifest_of(step)
    manifest_of(full)
    if full is None or all(resource.get(element) == value for resource in _of_type(full, type)):
        raise NoData(f"the full export has no {type} of another {element} that the filter could leave out")
    found = list(_of_type(step, type))
    if not found:
        raise NoData(f"the export with _typeFilter holds no {type}")
    others = [resource for resource in found if resource.get(element) != value]
    if others:
        example = f"{type}/{others[0].get('id')} with {quoted(others[0].get(element))}"
        request = kick_off_of(step)
        yield request.finding(
            f"led to {len(others)} of {len(found)} that do not meet the filter, such as {example}"
        )


@check("export-group-members-only")
def group_members_only(evidence: Evidence) -> Findings:
    """An export of a group holds no patient, and no data about a patient, that is not a member."""
    step = next((s for s in export_steps(evidence) if "/Group/" in kick_off_of(s).url), None)
    if step is None:
        raise NoData("no group was exported")
    request = accepted(step, "the export of a group")
    members = _members(evidence)
    output_of(step)
    yield from strangers(step, members, request, "who are no members")


def strangers(step: StepEvidence, wanted: set[str], request: Exchange, who: str) -> Findings:
    """What an export holds of the compartments of other patients than these, `Patient/id`.

    What is in the compartments of some of these and of another as well is no breach that anybody could be sure of: a
    remark tells of it. Raises NoData where the export holds nothing about any patient.
    """
    seen = 0
    others: dict[str, str] = {}
    shared: list[str] = []
    for resource in _all(step):
        about = {f"{PATIENT}/{patient}" for patient in owners(resource).patients}
        seen += bool(about)
        foreign = sorted(about - wanted)
        if foreign and about & wanted:
            shared.append(name_of(resource))
        elif foreign:
            others.setdefault(foreign[0], name_of(resource))
    if not seen:
        raise NoData("the export holds no patient and nothing about one")
    if others:
        examples = listed(f"{about} (in {where})" for about, where in sorted(others.items()))
        yield request.finding(f"led to data of {len(others)} patients {who}: {examples}")
    if shared:
        yield Remark(f"{len(shared)} exported resources are about another patient too, such as {shared[0]}")


@check("export-repeated-as-comma")
def repeated_as_comma(evidence: Evidence) -> Findings:
    """Two values of `_type` give the same types, repeated as parameters or joined by a comma."""
    steps = [step for step in export_steps(evidence) if parameter(step, "_type")]
    repeated = next((step for step in steps if len(parameter(step, "_type")) > 1), None)
    joined = next((step for step in steps if any("," in value for value in parameter(step, "_type"))), None)
    if repeated is None or joined is None:
        raise NoData("the two exports to compare were not made")
    accepted(joined, "_type")
    request = kick_off_of(repeated)
    if request.status in CLIENT_ERRORS:
        yield request.finding(
            f"answered {request.status}, though the same values joined by a comma are taken up"
        )
        return
    accepted(repeated, "_type")
    answer, _ = manifest_of(repeated)
    manifest_of(joined)
    one, other = exported(repeated).counts, exported(joined).counts
    if not one and not other:
        raise NoData("neither export holds a resource")
    if set(one) != set(other):
        yield answer.finding(
            f"led to {_types(one)}; the same values joined by a comma led to {_types(other)}"
        )
    elif len(one) < PAIR:
        raise NoData(
            f"both exports hold {_types(one)} only, which one of the two values alone would give too"
        )


@check("export-filters-joined")
def filters_joined(evidence: Evidence) -> Findings:
    """Several filters give the same resources, repeated as parameters or joined by a comma."""
    steps = [step for step in export_steps(evidence) if parameter(step, "_typeFilter")]
    repeated = next((step for step in steps if len(parameter(step, "_typeFilter")) > 1), None)
    joined = next((step for step in steps if len(parameter(step, "_typeFilter")) == 1), None)
    if repeated is None or joined is None:
        raise NoData("the two exports to compare were not made")
    accepted(joined, "several filters joined by a comma")
    request = kick_off_of(repeated)
    if request.status in CLIENT_ERRORS:
        yield request.finding(
            f"answered {request.status}, though the same filters joined by a comma are taken up"
        )
        return
    manifest_of(joined)
    answer, _ = manifest_of(repeated)
    one, other = exported(repeated), exported(joined)
    if not one.resources and not other.resources:
        raise NoData("neither export holds a resource")
    if one.ids != other.ids:
        yield answer.finding(
            f"led to {one.resources} resources; the same filters joined by a comma led to {other.resources}, or others"
        )


def _types(counts: dict[str, int]) -> str:
    return quoted(", ".join(sorted(counts)) or "nothing")


def _with(evidence: Evidence, name: str) -> StepEvidence:
    step = with_parameter(evidence, name)
    if step is None:
        raise NoData(f"no export with {name} was begun")
    return step


def _changed(facts: FileFacts, since: dt.datetime, until: dt.datetime | None) -> list[str]:
    """What changed after the one moment and not after the other, which is when the later export was made."""
    moments = ((name, instant(text)) for name, text in facts.updated.items())
    return sorted(name for name, at in moments if at and at > since and (until is None or at <= until))


def _all(step: StepEvidence) -> Iterator[dict[str, Any]]:
    for file in output_files(step):
        yield from resources(file)


def _of_type(step: StepEvidence, kind: str) -> Iterator[dict[str, Any]]:
    for file in output_files(step):
        if facts_of(file).counts.get(kind):
            yield from (resource for resource in resources(file) if resource["resourceType"] == kind)


def _members(evidence: Evidence) -> set[str]:
    """The patients whom the group names as members, whether active or not."""
    groups = (
        group for exchange in evidence.exchanges if exchange.ok and (group := exchange.resource("Group"))
    )
    group = next(groups, None)
    listed = group.get("member") if group is not None else None
    members = {
        _last_two(target)
        for member in (listed if isinstance(listed, list) else [])
        if isinstance(member, dict) and (target := _target(member.get("entity")))
    }
    if not members:
        raise NoData("the group could not be read, or does not list its members")
    if unclear := sorted(member for member in members if not member.startswith(f"{PATIENT}/")):
        raise NotJudgeable(
            f"the group names {len(unclear)} of its members otherwise than as Patient/id, such as {unclear[0]!r}, "
            "so who belongs to it cannot be told from outside"
        )
    return members


def _target(reference: Json) -> str:
    target = reference.get("reference") if isinstance(reference, dict) else None
    return target if isinstance(target, str) else ""


def _last_two(url: str) -> str:
    """`Type/id` of a literal reference, absolute or not, of a version or not."""
    parts = url.partition("/_history/")[0].rstrip("/").split("/")
    return "/".join(parts[-2:])
