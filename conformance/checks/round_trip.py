"""Checks of the way out: what an export loses in a store, beside what reads show, and on its way back in."""

from collections.abc import Iterable, Mapping
from typing import Literal

import orjson

from conformance.analysis.export import output_files
from conformance.analysis.lines import lines
from conformance.analysis.round_trip import (
    Comparison,
    Loss,
    Resource,
    compared,
    name_of,
    read,
    with_reasons,
)
from conformance.checks.exit_plan_reading import quoted
from conformance.checks.export_reading import job
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed
from conformance.fhir.capability import ways_in
from conformance.fhir.difference import Aspect, Difference
from conformance.model.evidence import Content
from conformance.model.target import DataClass
from conformance.plugin import Evidence, Findings, NoData, NotJudgeable, Remark, check

Part = Literal["everything", "codes", "dates-and-units", "identifiers"]
ASPECTS: dict[Part, frozenset[Aspect]] = {
    "everything": frozenset({"codes", "dates", "units", "identifiers", "other"}),
    "codes": frozenset({"codes"}),
    "dates-and-units": frozenset({"dates", "units"}),
    "identifiers": frozenset({"identifiers"}),
}
MOST_TOLD = 20
NOTHING_SAID = frozenset({401, 403, 409, 412, 422, 429, 501})
"""With these a server refuses a resource by rules that are its own and say nothing about the format."""


@check("our-loader-keeps")
def our_loader_keeps(evidence: Evidence, *, part: Part = "everything", ignore: str) -> Findings:
    """What was exported comes back from our loader, a typed store of FHIR R4, without a loss of this part of it.

    The store holds what R4 has an element and a form for, in an order that matters, with the precision of dates and
    decimals. Only the element paths in `ignore` (separated by commas) may differ. It shows that a system that keeps to
    R4 can hold the export; whether another product takes it over is for `destination-keeps` to show.
    """
    _, answer = whole_export(evidence)
    back, refused = evidence.document("our-loader"), evidence.document("our-loader-refused")
    if back is None or refused is None:
        raise NoData("the export was not loaded")
    found = _comparison(evidence, back, ignore)
    if not found.resources:
        raise NoData("the export holds no resource, so nothing could be lost")
    reasons = with_reasons(lines(refused.chunks()))
    if part == "everything":
        if found.unreadable:
            yield answer.finding(f"led to an export with {found.unreadable} lines that hold no JSON object")
        if found.missing:
            why = reasons.get((found.missing_examples[0], "")) or _first(reasons)
            yield answer.finding(
                f"led to an export of which {found.missing} of {found.resources} resources cannot be stored as FHIR R4"
                f" at all: {listed(found.missing_examples)}{f' ({why})' if why else ''}"
            )
    losses = [one for one in found.lost() if one.aspect in ASPECTS[part]]
    for loss in losses[:MOST_TOLD]:
        said = told(loss, reasons, values=evidence.target.data_class is DataClass.SYNTHETIC)
        yield answer.finding(f"led to an export of which a store of FHIR R4 {said}")
    if len(losses) > MOST_TOLD:
        yield answer.finding(f"led to an export with losses at {len(losses) - MOST_TOLD} more element paths")
    if not any(found.aspects[aspect] for aspect in ASPECTS[part]):
        raise NoData("the export holds nothing of the kind")
    yield remark(found, ignore)


@check("imports-own-export")
def imports_own_export(evidence: Evidence, *, ignore: str) -> Findings:
    """A few resources of each type, taken from the target's own export and created anew, are read back as they were.

    Only the ids and the element paths in `ignore` may differ. A refusal by a rule of the server's own (a duplicate,
    a right that is lacking) says nothing; one of a resource that the target exported itself as malformed does. A
    target that declares no way at all to take resources in does not import; where it declares another way than
    create, that way cannot be tried from outside.
    """
    sent = evidence.labelled("import")
    if not sent:
        yield from _without_create(evidence)
        return
    exported = picked(output_files(job(evidence)), {one.about.get("reference", "") for one in sent})
    reads = {one.about.get("reference", ""): one for one in evidence.labelled("imported-read")}
    shown = 0
    refused: list[str] = []
    for create in sent:
        name = create.about.get("reference", "")
        if not create.ok:
            if create.failure or create.status in NOTHING_SAID:
                refused.append(f"{name} ({create.failure or create.status})")
            else:
                yield create.finding(f"answered {create.status} to {name}, which the target exported itself")
            continue
        answer = reads.get(name)
        after = read(answer.content()) if answer is not None and answer.ok else None
        if answer is None or after is None:
            yield create.finding(
                f"took {name} from the target's own export, but it cannot be read afterwards"
            )
            continue
        shown += 1
        found = Comparison()
        found.take(exported[name], after, [*paths(ignore), "id"])
        for loss in found.lost():
            said = difference_told(
                loss.examples[0][1], values=evidence.target.data_class is DataClass.SYNTHETIC
            )
            yield answer.finding(f"shows that {name} was imported with a loss: {said}")
    if refused and not shown:
        raise NotJudgeable(f"the target refused what it exported, by rules of its own: {listed(refused)}")
    if refused:
        yield Remark(f"refused by rules of the target's own: {listed(refused)}")


def _without_create(evidence: Evidence) -> Findings:
    """What it means that nothing could be created: a way in that cannot be tried, or none."""
    (answer, *_) = evidence.labelled("declared-types") or (None,)
    statement = answer.resource("CapabilityStatement") if answer is not None and answer.ok else None
    if answer is None or statement is None:
        raise NoData("the target gives no capability statement, so it is not known how it takes resources in")
    ways = ways_in(statement)
    if ways:
        raise NoData(
            "the target declares create for no type that it exports; that it takes resources in by"
            f" {listed(sorted(ways))} cannot be tried from outside"
        )
    yield answer.finding(
        "declares no way to take resources in: neither create, update or patch of any type, nor batch or transaction,"
        " nor an operation to import"
    )


def _comparison(evidence: Evidence, back: Content, ignore: str) -> Comparison:
    """All files of the export beside what came back, compared once for all checks that ask."""
    step = job(evidence)
    ignored = paths(ignore)
    return back.memo(
        f"compared {ignored}",
        lambda: compared(
            (line for file in output_files(step) for line in lines(file.chunks())),
            lines(back.chunks()),
            ignored,
        ),
    )


def picked(files: Iterable[Content], wanted: set[str]) -> dict[str, Resource]:
    """The exported resources of these names (`Patient/1`), decimals with their digits."""
    found: dict[str, Resource] = {}
    for line in (line for file in files for line in lines(file.chunks())):
        try:
            glanced = orjson.loads(line)
        except ValueError:
            continue
        if isinstance(glanced, dict) and name_of(glanced) in wanted:
            found[name_of(glanced)] = read(line) or glanced
    return found


def paths(ignore: str) -> list[str]:
    """The element paths that stand in a parameter, separated by commas."""
    return sorted(path.strip() for path in ignore.split(",") if path.strip())


Reasons = Mapping[tuple[str, str], str]


def told(loss: Loss, reasons: Reasons, *, values: bool) -> str:
    """One loss in words, to be read after who lost it; values only where they are about nobody."""
    name, first = loss.examples[0]
    why = reasons.get((name, first.place))
    verb = "cannot keep" if loss.kind == "lost" else "alters"
    often = f"in {loss.resources} resources" if loss.resources > 1 else "in one resource"
    of = "" if loss.aspect == "other" else f" ({loss.aspect})"
    because = f"; {why}" if why else ""
    return f"{verb} {loss.path}{of} {often}, first {name}: {difference_told(first, values=values)}{because}"


def difference_told(found: Difference, *, values: bool) -> str:
    """One difference in words; values only where they are about nobody."""
    if not values:
        return f"{found.place} is {found.kind}"
    if found.kind == "altered":
        return f"{found.place} is {quoted(_plain(found.after))}, not {quoted(_plain(found.before))}"
    return f"{found.place} ({quoted(_plain(found.before))}) is {found.kind}"


def _plain(value: object) -> object:
    return value if isinstance(value, str | bool | int | dict | list) or value is None else str(value)


def _first(reasons: Reasons) -> str:
    return next(iter(reasons.values()), "")


def remark(found: Comparison, ignore: str, beside: str = "") -> Remark:
    """How much was compared, and by which list of what may differ."""
    return Remark(
        f"{found.resources} resources were compared element by element{beside}; only these paths may differ:"
        f" {', '.join(paths(ignore)) or 'none'}"
    )
