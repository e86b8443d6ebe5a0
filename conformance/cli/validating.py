"""`conformance validate`: judge FHIR resources in files, folders or what is piped in."""

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from conformance import __version__
from conformance.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.fhir.definitions.problems import DefinitionProblem
    from conformance.session.validate import Bench, Judged, Judgement

FORMATS = ("table", "json", "ndjson", "sarif", "outcome")
ALLOWED = ("example-urls", "json-comments")
REFUSED = ("html-in-markdown", "unknown-extensions", "unknown-modifiers", "wrong-displays")
STREAMED = frozenset({"ndjson", "outcome"})
MEGABYTE = 1_000_000
MOST_PROBLEMS = 10

Value = TypeVar("Value", str, int)


@app.command("validate")
def validate(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, or - for standard input.")],
    structure: Annotated[
        list[str] | None,
        typer.Option(
            "--structure",
            help="A structure that every resource must meet: its canonical, or its id or name. May be repeated.",
        ),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option("--package", help="A FHIR package: name@version, .tgz or folder. May be repeated."),
    ] = None,
    tx: Annotated[list[str] | None, typer.Option("--tx", help="URL of a FHIR terminology server.")] = None,
    form: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", help=f"How to show what was found: {', '.join(FORMATS)}."),
    ] = None,
    warnings: Annotated[
        bool, typer.Option("--warnings", "-w", help="Also find what is only a warning; slower.")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", help=f"Let stand what FHIR forbids: {', '.join(ALLOWED)}. May be repeated."),
    ] = None,
    refuse: Annotated[
        list[str] | None,
        typer.Option(
            "--refuse", help=f"An error, though none by FHIR: {', '.join(REFUSED)}. May be repeated; slower."
        ),
    ] = None,
    fhir_version: Annotated[
        list[str] | None,
        typer.Option("--fhir-version", help="4.0.1 comes with the harness; others with --package."),
    ] = None,
    max_size: Annotated[
        list[int] | None, typer.Option("--max-size", help="The most MB that one resource may be: 100.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> int:
    """Judge FHIR resources: JSON, XML, NDJSON, each also with .gz. Ends with 0, or 1 where there are errors."""
    from conformance.cli.validation_progress import progress
    from conformance.errors import Interrupted, UsageError
    from conformance.fhir.validation.leeway import Allowed, Leeway, Refused
    from conformance.outside.resource_files import listed
    from conformance.session.validate import Judgement, judge_files, workbench

    shown_as = _one("--format", form, "table")
    _known("format", [shown_as], FORMATS)
    _known("thing to allow", allow or (), ALLOWED)
    _known("thing to refuse", refuse or (), REFUSED)
    leeway = Leeway(frozenset(map(Allowed, allow or ())), frozenset(map(Refused, refuse or ())))
    most = _one("--max-size", max_size, 100)
    if most < 1:
        raise UsageError("--max-size is at least 1 MB")
    files, passed = listed(paths)
    told = Judgement()
    with workbench(
        packages=package or (),
        structures=structure or (),
        tx=_one("--tx", tx, ""),
        fhir_version=_one("--fhir-version", fhir_version, "4.0.1"),
        warnings=warnings,
        leeway=leeway,
    ) as bench:
        told_before = {problem.message for problem in bench.problems}
        _complain(bench.problems)
        if "-" in files and sys.stdin.isatty():
            print("Reading what you type: end it with Ctrl-D.", file=sys.stderr)
        streamed_here = shown_as in STREAMED and sys.stdout.isatty()
        with _whole_records(told), progress(files, quiet=quiet or streamed_here) as after:
            found = judge_files(files, bench, told=told, most_bytes=most * MEGABYTE, after=after)
            _stream(shown_as, found, told)
        _end(shown_as, told, len(passed), bench)
        _complain([problem for problem in bench.problems if problem.message not in told_before])
    sys.stdout.flush()
    if told.interrupted:
        raise Interrupted("interrupted before everything was judged")
    if not told.summary.resources:
        raise UsageError(
            "nothing was judged: no resource was found", hint="Name files or folders with FHIR resources."
        )
    return 0 if told.summary.valid else 1


@contextmanager
def _whole_records(told: "Judgement") -> "Iterator[None]":
    """The first Ctrl-C ends the judging, and waits for what is being written; the second ends everything."""

    def interrupt(_number: int, _frame: object) -> None:
        if told.interrupted or not told.handed_out:
            raise KeyboardInterrupt
        told.interrupted = True

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _known(kind: str, given: "Sequence[str]", known: "Sequence[str]") -> None:
    from conformance.errors import UnknownName

    for name in given:
        if name not in known:
            raise UnknownName(kind, name, known)


def _one(option: str, given: "Sequence[Value] | None", default: Value) -> Value:
    """The value of an option that is taken once; the same value twice does no harm, two values contradict."""
    from conformance.errors import UsageError

    values = list(dict.fromkeys(given or [default]))
    if len(values) > 1:
        raise UsageError(
            f"{option} is given with {len(values)} values: {', '.join(map(str, values))}",
            hint="Give it once.",
        )
    return values[0]


def _complain(problems: "Sequence[DefinitionProblem]") -> None:
    """Say on stderr what is wrong with the loaded packages: resources are judged all the same."""
    from conformance.views.text import one_line

    for problem in problems[:MOST_PROBLEMS]:
        print(f"warning: {one_line(problem.message)}", file=sys.stderr)
        if problem.hint:
            print(f"  {one_line(problem.hint)}", file=sys.stderr)
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        print(f"warning: … and {more:,} more: --format json lists them.", file=sys.stderr)


def _stream(form: str, found: "Iterator[Judged]", told: "Judgement") -> None:
    """Let all be judged; write what is written one resource after another."""
    if form == "ndjson":
        from conformance.views.validation_records import findings

        for one in found:
            for line in findings(one.file, one.line, one.resource, one.outcome):
                print(line)
    elif form == "outcome":
        from conformance.views.validation_outcomes import one_outcome, outcomes, run_outcome

        def whole() -> tuple[dict[str, object], int]:
            return run_outcome(told.summary, complete=not told.interrupted), told.summary.resources

        records = (one_outcome(one.file, one.line, one.resource, one.outcome) for one in found)
        for text in outcomes(records, whole):
            sys.stdout.write(text)
    else:
        for _ in found:
            pass


def _end(form: str, told: "Judgement", passed: int, bench: "Bench") -> None:
    """Write what is known when everything was judged."""
    if form == "table":
        _table(told, passed)
    elif form == "sarif":
        from conformance.views.validation_records import as_json
        from conformance.views.validation_sarif import sarif

        log = sarif(told.summary, __version__, problems=bench.problems, complete=not told.interrupted)
        print(as_json(log, indent=2))
    elif form in {"json", "ndjson"}:
        from conformance.views.validation_records import as_json, problem_records, summary_record

        definitions = bench.definitions
        record = summary_record(
            told.summary,
            tool=f"conformance {__version__}",
            engine=told.engine,
            fhirVersion=definitions.fhir_version,
            packages=[
                {"name": name, "version": version, "sha256": digest}
                for name, version, digest in definitions.packages
            ],
            definitions=definitions.digest,
            errata=definitions.errata.version,
            definitionProblems=problem_records(bench.problems),
            structures=list(bench.structures),
            allowed=sorted(bench.leeway.allowed),
            refused=sorted(bench.leeway.refused),
            complete=not told.interrupted,
            files=told.files,
            filesPassedOver=passed,
            explained=told.explained,
            seconds=round(told.seconds, 3),
        )
        print(as_json(record, indent=2) if form == "json" else as_json({"summary": record}))


def _table(told: "Judgement", passed: int) -> None:
    from conformance.views.validation_table import plain, rendered, summary_lines

    lines = summary_lines(
        told.summary,
        files=told.files,
        passed_over=passed,
        seconds=told.seconds,
        interrupted=told.interrupted,
    )
    if not sys.stdout.isatty():
        sys.stdout.write(plain(lines))
        return
    from conformance.cli.show import Show

    Show().console.print(rendered(lines), crop=False)
