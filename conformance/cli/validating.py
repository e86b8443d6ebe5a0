"""`conformance validate`: judge FHIR resources in files, folders or what is piped in."""

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conformance import __version__
from conformance.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.fhir.definitions.library import Definitions
    from conformance.session.validate import Judged, Judgement

FORMATS = ("table", "json", "ndjson", "sarif", "outcome")


@app.command("validate")
def validate(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, or - for standard input.")],
    structure: Annotated[
        list[str] | None,
        typer.Option(
            "--structure", help="Canonical of a structure that every resource of its type must meet."
        ),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option("--package", help="A FHIR package: name@version, .tgz or folder; may be repeated."),
    ] = None,
    tx: Annotated[str, typer.Option("--tx", help="URL of a FHIR terminology server.")] = "",
    form: Annotated[
        str, typer.Option("--format", "-f", help=f"How to show what was found: {', '.join(FORMATS)}.")
    ] = "table",
    warnings: Annotated[
        bool, typer.Option("--warnings", "-w", help="Also find what is only a warning; slower.")
    ] = False,
    fhir_version: Annotated[
        str, typer.Option("--fhir-version", help="4.0.1 comes with the harness; others with --package.")
    ] = "4.0.1",
    max_size: Annotated[int, typer.Option("--max-size", help="The most MB that one resource may be.")] = 100,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> int:
    """Judge FHIR resources: JSON, XML, NDJSON, each also with .gz. Ends with 0, or 1 where there are errors."""
    from conformance.errors import UnknownName, UsageError
    from conformance.outside.resource_files import listed
    from conformance.session.validate import Judgement, judge_files, workbench

    if form not in FORMATS:
        raise UnknownName("format", form, FORMATS)
    if max_size < 1:
        raise UsageError("--max-size is at least 1 MB")
    files, passed = listed(paths)
    validator, acceptor = workbench(
        packages=package or (),
        structures=structure or (),
        tx=tx,
        fhir_version=fhir_version,
        warnings=warnings,
    )
    told = Judgement()
    with _progress(files, quiet=quiet) as after:
        found = judge_files(
            files, validator, acceptor, told=told, most_bytes=max_size * 1_000_000, after=after
        )
        _stream(form, found)
    _end(form, told, len(passed), validator.definitions)
    if not told.summary.resources:
        raise UsageError(
            "nothing was judged: no resource was found", hint="Name files or folders with FHIR resources."
        )
    return 0 if told.summary.valid else 1


def _stream(form: str, found: "Iterator[Judged]") -> None:
    from conformance.views.validation_records import findings, one_outcome, outcomes

    if form == "ndjson":
        for one in found:
            for line in findings(one.file, one.line, one.resource, one.outcome):
                print(line)
    elif form == "outcome":
        for text in outcomes(one_outcome(one.file, one.line, one.resource, one.outcome) for one in found):
            sys.stdout.write(text)
    else:
        for _ in found:
            pass


def _end(form: str, told: "Judgement", passed: int, definitions: "Definitions") -> None:
    if form == "table":
        from conformance.cli.show import Show
        from conformance.views.validation_table import summary_view

        shown = summary_view(told.summary, files=told.files, passed_over=passed, seconds=told.seconds)
        Show().console.print(shown, crop=False)
        return
    if form == "sarif":
        from conformance.views.validation_sarif import sarif

        _print_json(sarif(told.summary, __version__), indent=2)
    elif form in {"json", "ndjson"}:
        from conformance.views.validation_records import summary_record

        record = summary_record(
            told.summary,
            tool=f"conformance {__version__}",
            engine=told.engine,
            fhirVersion=definitions.fhir_version,
            packages=[str(package) for package in definitions.packages],
            errata=definitions.errata_version,
            files=told.files,
            filesPassedOver=passed,
            explained=told.explained,
            seconds=round(told.seconds, 3),
        )
        if form == "json":
            _print_json(record, indent=2)
        else:
            _print_json({"summary": record}, indent=None)


def _print_json(value: dict[str, Any], indent: int | None) -> None:
    print(json.dumps(value, indent=indent, ensure_ascii=True, allow_nan=False))


@contextmanager
def _progress(files: list[str], *, quiet: bool) -> "Iterator[Callable[[str, int], None]]":
    """A bar over the bytes of all files, on stderr, where somebody is there to see it."""
    if quiet or not sys.stderr.isatty():
        yield lambda _file, _read: None
        return
    from rich.console import Console
    from rich.progress import Progress

    sizes = {file: Path(file).stat().st_size for file in files if file != "-"}
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("judging", total=sum(sizes.values()) or None)
        before: dict[str, int] = {}

        def after(file: str, read: int) -> None:
            if read != before.get(file):
                before[file] = read
                bars.update(task, completed=sum(before.values()))

        yield after
