"""What `inspect` found, as one self-contained page: pictures with a table beside each, readable without any script."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from math import log10

from jinja2 import Environment

from conformance.model.inspection import Inspection, Place, Trouble
from conformance.views import inspection_table, page

__all__ = ["inspection_page"]

PUBLISHED = (
    "http://hl7.org/",
    "https://hl7.org/",
    "http://terminology.hl7.org/",
    "http://snomed.info/",
    "http://loinc.org",
    "http://unitsofmeasure.org",
    "http://www.nlm.nih.gov/",
    "http://hl7.org.uk/",
    "https://fhir.hl7.org.uk/",
    "https://fhir.nhs.uk/",
    "https://dmd.nhs.uk",
    "http://dicom.nema.org/",
    "http://www.whocc.no/",
    "http://id.who.int/",
    "urn:ietf:",
    "urn:iso:",
    "urn:oid:2.16.840.1.113883.",
)
"""Beginnings of URLs of bodies which publish standards; all others are somebody's own, as far as we know."""

MOST_SIDES = 30
MOST_PLACES = 5
MOST_FILES = 500


@dataclass(frozen=True)
class Bar:
    """A bar of a chart that is 100 wide."""

    name: str
    count: int
    width: float
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """A square of the matrix: column and row, how dark it is (0 to 1), whether something leads nowhere, and words."""

    column: int
    row: int
    shade: float
    lost: bool
    told: str


@dataclass(frozen=True)
class Matrix:
    """References by the type that holds them (rows) and the type that they name (columns)."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    cells: tuple[Cell, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Kind:
    """One kind of trouble over all files."""

    name: str
    count: int
    error: bool
    places: tuple[tuple[str, Place], ...]


def inspection_page(found: Inspection, source: str) -> str:
    """The whole page; `source` is what was inspected, as the user named it."""
    return (
        _environment()
        .get_template("inspection.html.j2")
        .render(
            found=found,
            source=source,
            verdict=inspection_table.verdict(found).partition(": ")[2],
            bars=_bars(found),
            kinds=_kinds(found),
            matrix=_matrix(found),
            dangling=sum(cell.dangling for cell in found.references),
            files=found.files[:MOST_FILES],
        )
    )


@cache
def _environment() -> Environment:
    environment = page.environment()
    environment.globals["published"] = is_published
    return environment


def is_published(url: str) -> bool:
    """Whether a system or URL belongs to a body that publishes standards."""
    return url.startswith(PUBLISHED)


def _bars(found: Inspection) -> list[Bar]:
    most = max((max(kind.resources, kind.declared or 0) for kind in found.types), default=0) or 1
    return [
        Bar(kind.name, kind.resources, round(100 * kind.resources / most, 2))
        for kind in sorted(found.types, key=lambda kind: (-kind.resources, kind.name))
    ]


def _kinds(found: Inspection) -> list[Kind]:
    counts: Counter[str] = Counter()
    places: dict[str, list[tuple[str, Place]]] = {}
    errors: dict[str, bool] = {}
    for file in found.files:
        for trouble in file.troubles:
            counts[trouble.kind] += trouble.count
            errors[trouble.kind] = trouble.error
            places.setdefault(trouble.kind, []).extend(_first(file.name, trouble))
    return [
        Kind(name, counts[name], errors[name], tuple(places[name][:MOST_PLACES]))
        for name in sorted(counts, key=lambda name: (not errors[name], -counts[name], name))
    ]


def _first(name: str, trouble: Trouble) -> list[tuple[str, Place]]:
    return [(name, place) for place in trouble.places[:MOST_PLACES]]


def _matrix(found: Inspection) -> Matrix:
    weight: Counter[str] = Counter()
    for one in found.references:
        weight[one.source] += one.references
        weight[one.target] += one.references
    shown = {name for name, _ in sorted(weight.items(), key=lambda item: (-item[1], item[0]))[:MOST_SIDES]}
    chosen = [one for one in found.references if one.source in shown and one.target in shown]
    sources = tuple(sorted({one.source for one in chosen}))
    targets = tuple(sorted({one.target for one in chosen}))
    darkest = log10(1 + max((one.references for one in chosen), default=1))
    cells = tuple(
        Cell(
            targets.index(one.target),
            sources.index(one.source),
            round(log10(1 + one.references) / darkest, 3),
            lost=bool(one.dangling),
            told=f"{one.source} to {one.target}: {one.references:,} references, {one.dangling:,} lead nowhere",
        )
        for one in chosen
    )
    return Matrix(sources, targets, cells, len(found.references) - len(chosen))
