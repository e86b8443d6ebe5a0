"""Checks of what exported data is made of: extensions, codes and bytes that somebody else can understand."""

from decimal import Decimal

from conformance.analysis.export import output_files
from conformance.analysis.openness import Openness, together
from conformance.analysis.sniffing import decoded, kind_of
from conformance.analysis.supplied_definitions import LABEL, defines_extension, listed_codes, supplied
from conformance.checks.exit_plan_reading import read_plan
from conformance.checks.export_reading import job, quoted
from conformance.checks.export_whole import whole_export
from conformance.checks.lock_in import (
    codes_measured,
    opaque_measured,
    proprietary_share,
    shares_measured,
    unpublished_measured,
)
from conformance.checks.picking import listed
from conformance.fhir.published import extension_standing, system_standing
from conformance.plugin import Evidence, Exchange, Findings, Measured, NoData, NotJudgeable, check

SERVER_ERROR = 500
UNCLEAR = (
    "whether {} are published by the standards body under whose address they stand can be told only with its package "
    "(give it with --package)"
)
UNDEFINED = (
    "which neither a standard, the export, nor what the exit plan points to defines (export.definitions)"
)


@check("export-extensions-defined")
def export_extensions_defined(evidence: Evidence) -> Findings:
    """Each extension in the export is defined: by FHIR, in an installed package, in the export, or by the supplier.

    The supplier publishes where its exit plan says so (`export.definitions`). A definition has to say what the
    extension holds. What stands under the address of a standards body and is not known here cannot be told without
    that body's package; where no definition could be asked for since the target's site failed, nothing is judged.
    """
    found, shown = _found(evidence)
    own = {**found.defined, **supplied(evidence.labelled(LABEL))}
    missing: list[str] = []
    unclear: list[str] = []
    for url in sorted(found.extensions):
        standing = extension_standing(url)
        if (
            standing == "standard"
            or _packaged(evidence, "StructureDefinition", url)
            or defines_extension(own.get(url))
        ):
            continue
        (missing if standing == "own" else unclear).append(url)
    yield Measured(unpublished_measured(found, missing))
    if missing:
        _refuse_to_judge_blindly(evidence)
    for url in missing:
        why = "whose definition says nothing of what it holds" if url in own else UNDEFINED
        yield shown.finding(
            f"led to an export with the extension {quoted(url)}, {why}: {found.extensions[url]} times, as in "
            f"{listed(found.examples.get(url, []))}"
        )
    if found.without_url:
        yield shown.finding(
            f"led to an export with {found.without_url} extensions without a URL, as in "
            f"{listed(found.examples['without-url'])}"
        )
    if unclear:
        raise NotJudgeable(UNCLEAR.format(listed(unclear)))


@check("export-codes-defined")
def export_codes_defined(evidence: Evidence) -> Findings:
    """Each code of a local code system is listed, with its meaning, by a CodeSystem that is exported or published."""
    found, shown = _found(evidence)
    own = {**found.defined, **supplied(evidence.labelled(LABEL))}
    local = [system for system in sorted(found.systems) if system_standing(system) == "own"]
    unclear = [
        system
        for system in sorted(found.systems)
        if system_standing(system) == "claimed" and not _packaged(evidence, "CodeSystem", system)
    ]
    lost = {
        system: sorted(found.codes.get(system, set()) - listed_codes(own.get(system)))
        for system in local
        if not _packaged(evidence, "CodeSystem", system)
    }
    lost = {system: codes for system, codes in lost.items() if codes}
    yield Measured(codes_measured(local, lost))
    if lost:
        _refuse_to_judge_blindly(evidence)
    for system, codes in lost.items():
        why = "lists no such code with a meaning" if system in own else "is published nowhere"
        yield shown.finding(
            f"led to an export with codes of the local system {quoted(system)}, which {why}: {listed(codes)}, as in "
            f"{listed(found.examples.get(system, []))}"
        )
    if found.without_system:
        yield shown.finding(
            f"led to an export with {found.without_system} codes that name no code system, as in "
            f"{listed(found.examples['without-system'])}"
        )
    if unclear:
        raise NotJudgeable(UNCLEAR.format(listed(unclear)))


@check("export-facts-in-standard-parts")
def export_facts_in_standard_parts(evidence: Evidence, *, share_max: str) -> Findings:
    """No element has its value in a proprietary extension alone.

    And no more than this percentage of any type's elements, or of its bytes, stands in proprietary extensions and in
    bytes that nobody can recognise.
    """
    found, shown = _found(evidence)
    for measurement in shares_measured(found):
        yield Measured(measurement)
    limit = Decimal(share_max)
    whole = found.total()
    if whole.hidden:
        yield shown.finding(
            f"led to an export in which {whole.hidden} elements have a value only in a proprietary extension, as in "
            f"{listed(found.examples['hidden'])}"
        )
    for kind in sorted(found.types):
        share = proprietary_share(found.types[kind])
        if share > limit:
            yield shown.finding(
                f"led to an export in which {share} % of {kind} stands in proprietary extensions or opaque bytes, "
                f"more than {limit} %"
            )


@check("export-bytes-open")
def export_bytes_open(evidence: Evidence) -> Findings:
    """No file, attachment or text of the export is encrypted, and none is bytes that nobody can recognise.

    Bytes without the beginning of any known container and as dense as encrypted ones fail, unless the exit plan
    lists their media type as an open format: then somebody has to look.
    """
    found, shown = _found(evidence)
    blobs: list[tuple[str, str, str, str]] = [
        (f"{where} of the export", stated, kind, word) for where, stated, kind, word in found.blobs
    ]
    fetched = [answer for answer in evidence.labelled("attachment") if answer.ok and not answer.failure]
    for answer in fetched:
        stated = answer.about.get("contentType", "")
        blobs.append(
            (f"the attachment of {answer.about.get('reference', '?')}", stated, *kind_of(_content(answer)))
        )
    seen = found.blobs_seen + len(fetched)
    yield Measured(opaque_measured(blobs, seen))
    declared = _declared_formats(evidence)
    doubtful = []
    for where, stated, kind, word in blobs:
        if kind == "opaque" and stated.split(";")[0].strip().lower() in declared:
            doubtful.append(f"{where} ({stated})")
        elif kind in {"encrypted", "opaque"}:
            yield shown.finding(f"led to an export with bytes that nobody else can open: {where} is {word}")
    if doubtful:
        raise NotJudgeable(f"the plan calls the format open, and it is not known here: {listed(doubtful)}")


def _content(answer: Exchange) -> bytes:
    """The bytes of an attachment: those in a Binary, where that is the answer."""
    binary = answer.resource("Binary") if "json" in answer.media_type else None
    if binary is not None and isinstance(binary.get("data"), str):
        return decoded(binary["data"]) or b""
    return answer.content()


def _found(evidence: Evidence) -> tuple[Openness, Exchange]:
    """What is in the whole export, and the answer that carries its manifest. Raises NoData where it is empty."""
    _, shown = whole_export(evidence)
    found = shown.memo("openness", lambda: together(output_files(job(evidence))))
    if not found.types:
        raise NoData("the export holds no resource, so there is nothing to look at")
    return found, shown


def _packaged(evidence: Evidence, kind: str, url: str) -> bool:
    """Whether a package that the suite pins holds a definition of this kind."""
    definitions = evidence.definitions
    return definitions is not None and any(url in layer.canonicals(kind) for layer in definitions.layers)


def _refuse_to_judge_blindly(evidence: Evidence) -> None:
    """Raise NoData or NotJudgeable, with the reason, where what the supplier publishes could not be seen."""
    read_plan(evidence)
    for answer in evidence.labelled(LABEL):
        if answer.failure and not answer.is_faulty:
            raise NotJudgeable(f"{answer}: {answer.failure}")
        if answer.status >= SERVER_ERROR or answer.status == 429:  # noqa: PLR2004 - too many requests
            raise NotJudgeable(
                f"{answer} answered {answer.status}, so nobody knows what the supplier publishes"
            )
    left = sum(int(step.notes.get("definitions-not-asked", 0)) for step in evidence.steps)
    if left:
        raise NotJudgeable(f"{left} more definitions were not asked for")


def _declared_formats(evidence: Evidence) -> set[str]:
    """The media types that the plan lists as open formats; none without a plan."""
    try:
        plan = read_plan(evidence)
    except NoData:
        return set()
    return {
        str(row.get("mediaType", "")).lower()
        for _, row in plan.rows("export.formats")
        if row.get("royaltyFree") is True
    }
