"""What an export holds of a resource, beside what searches and reads show of the same version.

A version of a resource does not change (https://hl7.org/fhir/R4/resource.html#Meta.versionId), so that what a read
shows and the export of the same version does not is lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conformance.analysis.export import output_files
from conformance.analysis.round_trip import Comparison, Loss, Resource, name_of, read
from conformance.analysis.samples import FOLLOWED, SAMPLED
from conformance.analysis.two_doors import aligned, in_one_form, narrative_adds
from conformance.checks.export_whole import whole_export
from conformance.checks.round_trip import ASPECTS, difference_told, paths, picked
from conformance.checks.round_trip import Part as Kept
from conformance.fhir.bundles import is_subsetted, matches
from conformance.model.target import DataClass
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotApplicable,
    Remark,
    StepEvidence,
    check,
)

Part = Literal["everything", "codes", "dates-and-units", "identifiers", "narrative"]
MOST_TOLD = 20
READ, AGAIN = "exported-read", "shown-again"
SEARCHES = frozenset({SAMPLED, AGAIN})


@dataclass(frozen=True)
class Beside:
    """One resource that an answer shows, compared with its export."""

    answer: Exchange
    shown: Resource
    found: Comparison


@check("export-as-read")
def export_as_read(evidence: Evidence, *, part: Part = "everything", ignore: str) -> Findings:
    """Of the resources that discovery found and that were read again, the export shows this part unaltered.

    Compared is what is certain to be the same: where version and time of the last update agree, or where the resource
    was shown alike before and after the export. References to the product may be relative or absolute, attachments
    hold their bytes or say where they are, objects that repeat stand in any order. Of `everything`, a narrative that
    was made from the elements alone is left out: it can be made again.
    """
    step, answer = whole_export(evidence)
    together = answer.memo(f"as read {ignore}", lambda: list(_beside(evidence, step, ignore)))
    values = evidence.target.data_class is DataClass.SYNTHETIC
    telling = [one for one in together if _tells(one, part)]
    lost = [(one, loss) for one in telling for loss in one.found.lost() if _of(one.shown, loss, part)]
    for one, loss in lost[:MOST_TOLD]:
        said = difference_told(loss.examples[0][1], values=values)
        yield one.answer.finding(f"shows what the export of {name_of(one.shown)} does not: {said}")
    if len(lost) > MOST_TOLD:
        yield answer.finding(
            f"led to an export in which {len(lost) - MOST_TOLD} more elements are missing or altered"
        )
    if not telling and part == "narrative":
        raise NotApplicable("no resource that was read has a narrative, in the version that was exported")
    if not telling:
        raise NoData("no resource that was read holds anything of the kind, in the version that was exported")
    kinds = {str(one.shown.get("resourceType")) for one in telling}
    yield Remark(
        f"{len(telling)} resources of {len(kinds)} types were compared with what a read shows of them"
    )


def _tells(one: Beside, part: Part) -> bool:
    if part == "narrative":
        return isinstance(one.shown.get("text"), dict)
    return any(one.found.aspects[aspect] for aspect in ASPECTS[part])


def _of(shown: Resource, loss: Loss, part: Part) -> bool:
    """Whether a loss is one of this part."""
    narrative = f"{loss.path}.".startswith(f"{shown.get('resourceType')}.text.")
    if part == "narrative" or narrative:
        return narrative and (part == "narrative" or (part == "everything" and narrative_adds(shown)))
    kept: Kept = part
    return loss.aspect in ASPECTS[kept]


def _beside(evidence: Evidence, step: StepEvidence, ignore: str) -> Iterator[Beside]:
    before = [shown for answer in evidence.discovery.exchanges for shown in _whole(answer)]
    after = [
        shown for answer in (*evidence.labelled(READ), *evidence.labelled(AGAIN)) for shown in _whole(answer)
    ]
    exported = picked(output_files(step), {name_of(one) for _, one in (*before, *after)})
    earlier = {name_of(one): one for _, one in before}
    later = {name_of(one): one for _, one in after}
    seen: set[str] = set()
    for answer, shown in (*after, *before):
        name = name_of(shown)
        if name in seen or name not in exported:
            continue
        unchanged = name in earlier and earlier[name] == later.get(name)
        if not unchanged and not _same_version(shown, exported[name]):
            continue
        seen.add(name)
        base = evidence.target.endpoint
        one, other = in_one_form(shown, base), in_one_form(exported[name], base)
        found = Comparison()
        found.take(one, aligned(one, other), paths(ignore))
        yield Beside(answer, shown, found)


def _whole(answer: Exchange) -> Iterator[tuple[Exchange, Resource]]:
    """The resources that a read or a search shows with all their elements, decimals with their digits."""
    if not answer.ok or answer.label not in {*SEARCHES, FOLLOWED, READ}:
        return
    body = read(answer.content()) or {}
    for shown in matches(body) if answer.label in SEARCHES else [body]:
        if isinstance(shown.get("id"), str) and not is_subsetted(shown):
            yield answer, shown


def _same_version(one: Resource, other: Resource) -> bool:
    told = _version(one)
    return told == _version(other) and told != (None, None)


def _version(resource: Resource) -> tuple[object, object]:
    meta = resource.get("meta")
    return (meta.get("versionId"), meta.get("lastUpdated")) if isinstance(meta, dict) else (None, None)
