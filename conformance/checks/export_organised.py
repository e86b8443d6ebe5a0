"""Checks of exports organised by patient, of manifests in pages and parts, and of a separate export status.

Sources: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-organization and
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-status-request
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from conformance.analysis.export import files, is_received, listed, without_parameters
from conformance.analysis.facts import resources
from conformance.checks.export_parameters import step_with, takes_anything
from conformance.checks.export_reading import accepted, manifest_of, named, quoted
from conformance.checks.export_selection import all_exported, asked, name_of
from conformance.checks.picking import listed as some
from conformance.fhir.compartments import owners
from conformance.fhir.references import named as reference_to
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, StepEvidence, check

Aspect = Literal["blocks", "untyped", "whole", "header-repeated", "continuation", "compartment"]
ORGANISER = "organizeOutputBy"
NO_TYPE = "NoSuchType"
PATIENT = "Patient"


@dataclass
class Block:
    """What stands between two headers of a file; `owner` is the patient of its header, empty where it has none."""

    owner: str
    index: int
    names: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@check("export-organised")
def organised(evidence: Evidence, *, aspect: Aspect) -> Findings:
    """Files that are organised by patient are as the guide wants them.

    `blocks`: each begins with a header that names a patient, then comes that patient, then what refers to it.
    `untyped`: output items have no type. `whole`: no block is split over files. Where one is, `header-repeated`: the
    next file begins with the header, and `continuation`: the item says in continuesInFile where the block goes on.
    `compartment`: a block holds all of the patient's compartment that is exported otherwise.
    Who passes over the parameter, whatever its value, does not support it, and is bound by none of this.
    """
    step = step_with(evidence, ORGANISER)
    accepted(step, ORGANISER)
    answer, listing = manifest_of(step)
    items = listed(listing, "output")
    _supported(evidence, step)
    if aspect == "untyped":
        for index, item in items:
            if "type" in item:
                yield answer.finding(
                    f"lists output[{index}] with type {quoted(item['type'])}, though organised by patient"
                )
        return
    blocks = [block for index, file in sorted(files(step).items()) for block in _blocks(index, file)]
    if not blocks:
        raise NoData("the organised export holds nothing")
    shown = files(step)
    if aspect == "blocks":
        yield from _well_formed(blocks, shown, dict(items))
    elif aspect == "compartment":
        yield from _whole_compartments(evidence, blocks, answer)
    else:
        yield from _splits(aspect, blocks, shown, dict(items), answer)


@check("manifest-organised-by")
def organised_by(evidence: Evidence) -> Findings:
    """The manifest of an export that is organised says in outputOrganizedBy by what."""
    step = step_with(evidence, ORGANISER)
    accepted(step, ORGANISER)
    answer, listing = manifest_of(step)
    _supported(evidence, step)
    if listing.get("outputOrganizedBy") != PATIENT:
        yield answer.finding(
            f"has outputOrganizedBy {quoted(listing.get('outputOrganizedBy'))}, not {PATIENT!r}"
        )


def _supported(evidence: Evidence, step: StepEvidence) -> None:
    """Raises NotApplicable where the parameter changed nothing, and a type that does not exist was taken as well."""
    _, listing = manifest_of(step)
    untouched = "outputOrganizedBy" not in listing and all(
        "type" in item for _, item in listed(listing, "output")
    )
    if not untouched or not takes_anything(evidence, ORGANISER, NO_TYPE):
        return
    if not any(
        _header(resource) is not None
        for file in files(step).values()
        if is_received(file)
        for resource in resources(file)
    ):
        raise NotApplicable(
            f"the target passes over {ORGANISER}, whatever its value, so that it does not support it; it should say so"
        )


def _blocks(index: int, file: Exchange) -> Iterator[Block]:
    if not is_received(file):
        return
    block: Block | None = None
    for resource in resources(file):
        owner = _header(resource)
        if owner is not None:
            if block is not None:
                yield block
            block = Block(owner, index)
            continue
        block = block or Block("", index)
        name = name_of(resource)
        block.names.append(name)
        owned = owners(resource)
        if owned.whole and owned.patients and block.owner.partition("/")[2] not in owned.patients:
            block.foreign.append(name)
    if block is not None:
        yield block


def _header(resource: dict[str, Any]) -> str | None:
    """The patient that a header names; None for what is no header, empty for one that names nobody."""
    if resource["resourceType"] != "Parameters":
        return None
    given = resource.get("parameter")
    for parameter in given if isinstance(given, list) else []:
        if isinstance(parameter, dict) and parameter.get("name") == "header":
            value = parameter.get("valueReference")
            return reference_to(value.get("reference")) or "" if isinstance(value, dict) else ""
    return ""


def _well_formed(
    blocks: list[Block], shown: dict[int, Exchange], items: dict[int, dict[str, Any]]
) -> Findings:
    continued = {
        place["url"] for item in items.values() if (place := {"url": item.get("continuesInFile")})["url"]
    }
    told: set[tuple[int, str]] = set()

    def once(block: Block, sentence: str) -> Iterator[str]:
        if (block.index, sentence.split(maxsplit=1)[0]) not in told:
            told.add((block.index, sentence.split(maxsplit=1)[0]))
            yield shown[block.index].finding(f"({named(shown[block.index])}) {sentence}")

    first = {block.index: block for block in reversed(blocks)}
    for block in blocks:
        goes_on = block is first[block.index] and items.get(block.index, {}).get("url") in continued
        if not block.owner:
            yield from once(block, "holds resources without a header that names a patient before them")
        elif not goes_on and block.names[:1] != [block.owner]:
            yield from once(block, f"has a header for {block.owner}, which is not followed by that patient")
        if block.owner and block.foreign:
            yield from once(
                block, f"puts {some(block.foreign)} into the block of {block.owner}, which they are not about"
            )


def _splits(
    aspect: Aspect,
    blocks: list[Block],
    shown: dict[int, Exchange],
    items: dict[int, dict[str, Any]],
    answer: Exchange,
) -> Findings:
    by_index: dict[int, list[Block]] = {}
    for block in blocks:
        by_index.setdefault(block.index, []).append(block)
    split = _split(by_index, items)
    if not split and aspect != "whole":
        raise NotApplicable("no block is split over files")
    for before, after in split:
        last, first = by_index[before][-1], by_index[after][0]
        url = items.get(after, {}).get("url")
        if aspect == "whole":
            yield answer.finding(
                f"splits the block of {last.owner or 'a patient'} over output[{before}] and output[{after}]"
            )
        elif aspect == "header-repeated" and not first.owner:
            yield shown[after].finding(
                f"({named(shown[after])}) goes on with a block without repeating its header"
            )
        elif aspect == "continuation" and items.get(before, {}).get("continuesInFile") != url:
            yield answer.finding(
                f"does not say in output[{before}].continuesInFile that its block goes on in {url}"
            )


def _split(by_index: dict[int, list[Block]], items: dict[int, dict[str, Any]]) -> list[tuple[int, int]]:
    """Pairs of files between which a block is split: by what the manifest says, or by what the files hold."""
    index_of = {item.get("url"): index for index, item in items.items()}
    found = {
        (index, index_of[item["continuesInFile"]])
        for index, item in items.items()
        if item.get("continuesInFile") in index_of and index in by_index
    }
    order = sorted(by_index)
    for before, after in pairwise(order):
        first = by_index[after][0]
        same = bool(first.owner) and first.owner == by_index[before][-1].owner
        if not first.owner or (same and first.names[:1] != [first.owner]):
            found.add((before, after))
    return sorted(pair for pair in found if pair[1] in by_index)


def _whole_compartments(evidence: Evidence, blocks: list[Block], answer: Exchange) -> Findings:
    full = without_parameters(evidence)
    manifest_of(full)
    wish = asked(step_with(evidence, ORGANISER))
    held: dict[str, set[str]] = {}
    for block in blocks:
        held.setdefault(block.owner, set()).update(block.names)
    seen = {name.partition("/")[0] for names in held.values() for name in names}
    lacking: list[str] = []
    due = 0
    for resource in all_exported(full, wish.types) if full is not None else ():
        for patient in owners(resource).patients:
            owner = f"{PATIENT}/{patient}"
            # A patient who is linked to another has a block of their own.
            if owner in held and name_of(resource) not in held:
                due += 1
                if name_of(resource) not in held[owner]:
                    lacking.append(f"{name_of(resource)} in that of {owner}")
    if not due:
        raise NoData("the full export holds nothing of the compartments of the patients in the blocks")
    if lacking:
        types = ", ".join(sorted(seen))
        yield answer.finding(
            f"led to blocks (of {types}) without {len(lacking)} of {due} resources: {some(lacking)}"
        )
