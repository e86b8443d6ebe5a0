"""`conformance fhirpath`: what a FHIRPath expression gives on resources in a file or on standard input."""

import json as json_text
import sys
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conformance.cli.app import app
from conformance.cli.running import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.fhir.fhirpath import Expression, Model, Services
    from conformance.outside.resource_files import Piece

FAILED = 2
MOST_BYTES = 256 * 1024 * 1024
SHOWN = 500


@app.command("fhirpath")
def fhirpath(
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="A FHIRPath expression.")],
    file: Annotated[
        str, typer.Argument(help="Resources as JSON, NDJSON or XML, also .gz; - for standard input.")
    ],
    json: Json = False,
) -> int:
    """Evaluate a FHIRPath expression: one result a line, as type, value and location.

    Types are those of FHIR R4. Ends with 0, or 2 where the expression or a resource cannot be used; other
    resources of the file are still evaluated.
    """
    from conformance.fhir.fhirpath import compile_expression
    from conformance.outside.resource_files import listed, pieces

    compiled = compile_expression(expression)
    files, _ = listed([file])
    show = _AsJson() if json else _AsLines()
    failed = False
    with show:
        for name in files:
            for piece in pieces(name, most_bytes=MOST_BYTES):
                failed = not _evaluated(compiled, piece, show) or failed
    return FAILED if failed else 0


def _evaluated(compiled: "Expression", piece: "Piece", show: "_AsJson | _AsLines") -> bool:
    """Show what an expression gives on one resource; False where it failed, which is then told on stderr."""
    from conformance.errors import UsageError

    place = f"{piece.file}:{piece.line}" if piece.line else piece.file
    try:
        resource = _resource(piece)
        found = compiled.evaluate(resource, model=_model(), services=_services())
    except UsageError as error:
        _complain(f"error: {place}: {error.message}")
        return False
    for item in found:
        show.row(place if piece.line else "", _row(item))
    return True


@cache
def _model() -> "Model":
    from conformance.fhir.definitions import r4
    from conformance.fhir.fhirpath import DefinitionsModel

    return DefinitionsModel(r4())


def _resource(piece: "Piece") -> dict[str, Any]:
    from conformance.errors import Unreadable
    from conformance.fhir.definitions import r4
    from conformance.fhir.documents import is_xml, read_json, read_xml

    if piece.trouble:
        raise Unreadable(piece.trouble)
    document = read_xml(piece.data, r4()) if is_xml(piece.data) else read_json(piece.data)
    if not isinstance(document.value, dict):
        worst = next((problem.words for problem in document.problems if problem.severity == "fatal"), "")
        raise Unreadable(worst or "this is no FHIR resource: it is no object")
    return document.value


@cache
def _services() -> "Services":
    """What the loaded definitions can decide; `trace()` is shown on stderr."""
    from conformance.fhir.definitions import r4
    from conformance.fhir.fhirpath import Node, Services
    from conformance.fhir.terminology.facade import Terminology
    from conformance.fhir.validation.xhtml import narrative_problems

    terminology = Terminology(r4())

    def member_of(item: object, value_set: str) -> bool | None:
        coded = item.value if isinstance(item, Node) else item
        if isinstance(coded, dict) and "coding" in coded:
            answer = terminology.validate_concept(value_set, coded)
        elif isinstance(coded, dict | str):
            answer = terminology.validate(value_set, coded)
        else:
            return None
        return None if answer.cannot_tell else answer.is_member

    def html_ok(text: str) -> bool:
        return not any(problem.is_error for problem in narrative_problems(text))

    def trace(name: str, items: Any) -> None:
        for item in items:
            _complain(f"trace {name}: {_shown(_row(item)['value'])}")

    return Services(member_of=member_of, html_ok=html_ok, trace=trace)


def _row(item: Any) -> dict[str, Any]:
    from conformance.fhir.fhirpath import Node, location
    from conformance.fhir.fhirpath.values import text, type_of

    if not isinstance(item, Node):
        value = item if isinstance(item, bool | int | Decimal) else text(item)
        return {"type": str(type_of(item)), "value": value, "location": None}
    return {"type": str(type_of(item)), "value": item.value, "location": location(item)}


def _shown(value: Any) -> str:
    """A value on one line, cut where it is very long."""
    from conformance.views.text import one_line, shortened

    return shortened(one_line(value if isinstance(value, str) else _json(value)), SHOWN)


class _AsLines:
    """One line a result: type, value and location, with tabs between them."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass

    def row(self, place: str, row: dict[str, Any]) -> None:
        parts = [place] if place else []
        parts += [row["type"], _shown(row["value"]), row["location"] or ""]
        print("\t".join(parts).rstrip("\t"))


class _AsJson:
    """One JSON array of all results, written as they come."""

    def __init__(self) -> None:
        self.any = False

    def __enter__(self) -> None:
        sys.stdout.write("[")

    def __exit__(self, *_: object) -> None:
        sys.stdout.write("\n]\n" if self.any else "]\n")

    def row(self, place: str, row: dict[str, Any]) -> None:
        whole = {"resource": place, **row} if place else row
        sys.stdout.write((",\n  " if self.any else "\n  ") + _json(whole))
        self.any = True


def _json(value: Any) -> str:
    """JSON in which decimals keep the digits that they were written with."""
    return "".join(_written(value))


def _written(value: Any) -> "Iterator[str]":
    if isinstance(value, dict):
        yield "{"
        for place, (name, part) in enumerate(value.items()):
            yield f"{', ' if place else ''}{json_text.dumps(name)}: "
            yield from _written(part)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for place, part in enumerate(value):
            yield ", " if place else ""
            yield from _written(part)
        yield "]"
    else:
        yield str(value) if isinstance(value, Decimal) else json_text.dumps(value)


def _complain(words: str) -> None:
    from conformance.views.text import clean

    print(clean(words), file=sys.stderr)
