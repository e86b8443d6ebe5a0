"""From what all tasks came to, to the facts that are told: names for numbers, words for hashes, sentences."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from conformance import __version__
from conformance.analysis.scale.gathering import NUMBER
from conformance.analysis.scale.kinds import Kind
from conformance.analysis.scale.piece import Piece
from conformance.analysis.scale.piece import Trouble as Kind_
from conformance.analysis.scale.summing import Cell, Example, Joined
from conformance.model.inspection import (
    Elsewhere,
    FileFacts,
    Frequent,
    Inspection,
    Place,
    References,
    Trouble,
    TypeFacts,
    Words,
)
from conformance.outside.export_reading import ExportFile
from conformance.session.inspection_facts import Facts
from conformance.session.inspection_tasks import Settings

__all__ = ["inspection", "made_ready"]

NAME = {number: name for name, number in NUMBER.items()} | {0: "?"}
NO_NUMBER = -1
"""Of a type that a manifest names and FHIR does not: no resource is counted under it."""
LIVED_WITH = frozenset({Kind_.BLANK, Kind_.CARRIAGE_RETURN, Kind_.NO_FINAL_NEWLINE})
"""What every reader of NDJSON that we know of takes: told, but no error."""
SHOWN = 50
"""So many words of each kind are told."""
MOST_NAMED = 5
LONGEST_SHOWN = 200
"""Longer codes, URLs and ids are cut where they are told: one may have megabytes."""
WORDS = {
    Kind.SYSTEM: "code system",
    Kind.CODE: "code",
    Kind.EXTENSION: "extension",
    Kind.MODIFIER: "modifier extension",
    Kind.IDENTIFIER: "identifier system",
}

Texts = Callable[[Sequence[tuple[Kind, Example]], tuple[str, ...]], dict[tuple[Kind, int, int], str]]


def made_ready() -> None:
    """Have the library make now what it needs for telling facts: it takes a while, and is done when first needed."""
    Inspection.model_rebuild()


def inspection(
    facts: Facts,
    settings: Settings,
    texts: Texts,
    *,
    passed: Sequence[str] = (),
    problems: Sequence[str] = (),
    show_ids: bool,
) -> Inspection:
    """The facts as they are told. `texts` reads words again; ids are only told where that was asked."""
    files = tuple(
        _file(file, piece, digest)
        for file, piece, digest in zip(facts.files, facts.pieces, facts.digests, strict=True)
    )
    words = _words(facts.joined, texts, settings.bases)
    examples = _Examples(facts, texts, settings.bases, show_ids=show_ids)
    types = tuple(_types(facts, examples))
    references = tuple(_references(facts.joined, examples))
    return Inspection(
        tool=f"conformance {__version__}",
        fhir_version=settings.fhir_version if settings.validate else "",
        packages=settings.packages,
        validated=settings.validate,
        files=files,
        types=types,
        references=references,
        elsewhere=tuple(_elsewhere(facts.pieces)),
        words=words,
        errors=tuple(_errors(files, types)),
        warnings=tuple(_warnings(files, references)),
        not_looked_at=tuple(_not_looked_at(settings, passed, problems)),
    )


def _file(file: ExportFile, piece: Piece, digest: str) -> FileFacts:
    troubles = tuple(
        Trouble(
            kind=kind.value,
            count=piece.troubles[kind],
            error=kind not in LIVED_WITH,
            places=tuple(Place(line=one.line, offset=one.offset, why=one.why) for one in piece.told[kind]),
        )
        for kind in Kind_
        if piece.troubles[kind]
    )
    return FileFacts(
        name=file.name,
        size=file.size,
        sha256=digest,
        packed=file.packed,
        length=piece.end,
        lines=piece.lines,
        resources=piece.resources,
        counts={kind or "?": count for kind, count in sorted(piece.counts.items())},
        declared_type=file.type,
        declared_count=file.count,
        troubles=troubles,
    )


class _Examples:
    """Where a few things stand, as words; ids only where they may be shown."""

    def __init__(self, facts: Facts, texts: Texts, bases: tuple[str, ...], *, show_ids: bool) -> None:
        self._files = facts.files
        cells = [one for cell in facts.joined.matrix.values() for one in cell.examples]
        repeated = [one for several in facts.joined.repeated.values() for one in several]
        wanted = [(Kind.REFERENCE, one) for one in cells] + [(Kind.DEFINED, one) for one in repeated]
        self._texts = texts(wanted, bases) if show_ids else {}

    def told(self, kind: Kind, examples: Sequence[Example]) -> tuple[str, ...]:
        return tuple(self._one(kind, one) for one in examples)

    def _one(self, kind: Kind, one: Example) -> str:
        text = self._texts.get((kind, one.high, one.low), "")
        place = f"{self._files[one.file].name}, byte {one.offset}"
        return f"{_told(text)} ({place})" if text else place


def _told(text: str) -> str:
    """A text as it is told: not of megabytes, and without half characters, which no JSON may hold."""
    whole = text[:LONGEST_SHOWN].encode("utf-8", "replace").decode()
    return whole if len(text) <= LONGEST_SHOWN else f"{whole}…"


def _types(facts: Facts, examples: _Examples) -> Iterator[TypeFacts]:
    resources: Counter[str] = Counter()
    updated: dict[str, list[str]] = {}
    declared: Counter[str] = Counter()
    for file, piece in zip(facts.files, facts.pieces, strict=True):
        resources.update(piece.counts)
        for kind, bounds in piece.updated.items():
            updated.setdefault(kind, []).extend(bounds)
        if file.count is not None and file.type:
            declared[file.type] += file.count
    joined = facts.joined
    for kind in sorted(resources.keys() | declared.keys()):
        number = NUMBER.get(kind, NO_NUMBER if kind else 0)
        instants = updated.get(kind, [""])
        yield TypeFacts(
            name=kind or "?",
            resources=resources[kind],
            ids=joined.distinct[number],
            repeats=joined.repeats[number],
            repeated=examples.told(Kind.DEFINED, joined.repeated.get(number, ())),
            declared=declared.get(kind),
            updated_first=min(instants),
            updated_last=max(instants),
        )


def _references(joined: Joined, examples: _Examples) -> Iterator[References]:
    named = sorted((NAME[source], NAME[target], cell) for (source, target), cell in joined.matrix.items())
    for source, target, cell in named:
        yield _cell(source, target, cell, examples)


def _cell(source: str, target: str, cell: Cell, examples: _Examples) -> References:
    return References(
        source=source,
        target=target,
        references=cell.references,
        targets=cell.targets,
        dangling=cell.dangling,
        missing=cell.missing,
        examples=examples.told(Kind.REFERENCE, cell.examples),
    )


def _elsewhere(pieces: Sequence[Piece]) -> Iterator[Elsewhere]:
    total: Counter[tuple[str, str]] = Counter()
    for piece in pieces:
        total.update(piece.others)
    for (source, form), count in sorted(total.items()):
        yield Elsewhere(source=source or "?", form=form, count=count)


def _words(joined: Joined, texts: Texts, bases: tuple[str, ...]) -> tuple[Words, ...]:
    shown = {kind: joined.words.get(kind, [])[:SHOWN] for kind in WORDS}
    read = texts([(kind, one) for kind, examples in shown.items() for one in examples], bases)

    def frequent(kind: Kind) -> Iterator[Frequent]:
        for one in shown[kind]:
            text = read.get((kind, one.high, one.low))
            if text is not None:
                yield Frequent(text=_told(text), count=one.count)

    return tuple(
        Words(kind=name, distinct=kinds[0], count=kinds[1], frequent=tuple(frequent(kind)))
        for kind, name in WORDS.items()
        if (kinds := joined.kinds.get(kind)) is not None
    )


def _errors(files: Sequence[FileFacts], types: Sequence[TypeFacts]) -> Iterator[str]:
    yield from _troubles(files, error=True)
    for file in files:
        if file.declared_count is not None and file.declared_count != file.resources:
            yield f"{file.name}: the manifest says {file.declared_count:,} resources, {file.resources:,} are there"
        others = {kind: count for kind, count in file.counts.items() if kind != file.declared_type}
        if file.declared_type and others:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in others.items())
            yield f"{file.name}: the manifest says {file.declared_type}, but {kinds} are there"
    for kind in types:
        if kind.repeats:
            yield f"{kind.name}: {kind.repeats:,} lines repeat an id that another line has"
    if not any(file.resources for file in files):
        yield "there is no resource in any file"


def _warnings(files: Sequence[FileFacts], references: Sequence[References]) -> Iterator[str]:
    yield from _troubles(files, error=False)
    for cell in references:
        if cell.dangling:
            yield (
                f"{cell.source} to {cell.target}: {cell.dangling:,} of {cell.references:,} references lead to"
                f" {cell.missing:,} resources that the export does not have"
            )


def _troubles(files: Sequence[FileFacts], *, error: bool) -> Iterator[str]:
    for file in files:
        for trouble in file.troubles:
            if trouble.error is error:
                first = trouble.places[0]
                why = f" ({first.why})" if first.why else ""
                times = f"{trouble.count:,} times, first in" if trouble.count > 1 else "in"
                yield f"{file.name}: {trouble.kind}, {times} line {first.line:,}{why}"


def _not_looked_at(settings: Settings, passed: Sequence[str], problems: Sequence[str]) -> Iterator[str]:
    yield from (f"part of a package: {problem}" for problem in problems)
    if passed:
        more = ", …" if len(passed) > MOST_NAMED else ""
        yield f"{len(passed):,} files that are not named as NDJSON: {', '.join(passed[:MOST_NAMED])}{more}"
    if not settings.validate:
        yield "whether resources are valid: left out with --no-validate"
    else:
        yield "codes of systems that no loaded package holds, such as SNOMED CT and LOINC, and names of codes"
        yield "extensions and profiles that no loaded package defines"
    yield "whether the export is complete: that takes the server that exported it (`conformance run`)"
