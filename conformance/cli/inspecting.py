"""`conformance inspect`: what the files of an export hold, at any size."""

import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conformance.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

    from conformance.cli.ahead import Ahead
    from conformance.model.inspection import Inspection
    from conformance.outside.cluster import ClusterAddress
    from conformance.session.inspection_sources import Export
    from conformance.session.inspection_tasks import Task

WORTH_BYTES = 20_000_000
"""Less than this is read before anybody could read a bar."""


@app.command("inspect")
def inspect(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="A folder with NDJSON files, a manifest with its files beside it, or a manifest's URL."
        ),
    ],
    target: Annotated[
        Path | None, typer.Option("--target", help="A target file, for the credentials that a URL needs.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="All facts as JSON, on stdout.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write a page with pictures to this file.")
    ] = None,
    validate: Annotated[
        bool, typer.Option("--validate/--no-validate", help="Whether each resource is validated, too.")
    ] = True,
    package: Annotated[
        list[str] | None,
        typer.Option("--package", help="A FHIR package to validate by: name@version, .tgz or folder."),
    ] = None,
    base: Annotated[
        list[str] | None,
        typer.Option("--base", help="Base URL of the server that exported: its own references."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=0, help="Processes; 0 is one a processor.")] = 0,
    engine: Annotated[
        str,
        typer.Option(
            "--engine", help="local, or dask://HOST:PORT of a scheduler; files are on shared storage."
        ),
    ] = "local",
    insecure_cluster: Annotated[
        bool, typer.Option("--insecure-cluster", help="Speak to the scheduler without TLS.")
    ] = False,
    cluster_ca: Annotated[
        str, typer.Option("--cluster-ca", help="File of the cluster's CA certificate.")
    ] = "",
    cluster_cert: Annotated[str, typer.Option("--cluster-cert", help="File of our certificate for it.")] = "",
    cluster_key: Annotated[str, typer.Option("--cluster-key", help="File of our key for it.")] = "",
    show_ids: Annotated[
        bool, typer.Option("--show-ids", help="Name resources in examples, not only their places.")
    ] = False,
    work: Annotated[
        Path | None, typer.Option("--work", help="Where to keep what is done until all is done.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> int:
    """Facts about exported files: counts, validity, references, codes. Ends with 0, or 1 where there are errors."""
    from conformance.cli.interrupting import interruptible

    work = work or _kept_at()
    brought = work / "downloads"
    with interruptible("What is done is kept: the same command goes on with it."), ExitStack() as stack:
        ahead = _ahead(context.obj, source, workers)
        export = ahead.export if ahead else _found(source, target, brought, quiet=quiet)
        if engine != "local":
            begun = None
        elif ahead:
            begun = ahead.workers
        else:
            from conformance.cli.ahead import began

            begun = stack.enter_context(began(export, workers, validate=validate and not package))
        if begun is not None and begun.number == 1:  # the work is done here
            from conformance.analysis.scale.engine import keep_memory

            keep_memory()
        from conformance.session.inspect import Order, inspect
        from conformance.session.inspection_tasks import Settings

        order = Order(
            files=export.files,
            work=work,
            settings=Settings(
                bases=tuple(dict.fromkeys([*export.bases, *(one.rstrip("/") for one in base or ())])),
                validate=validate,
                packages=tuple(package or ()),
            ),
            workers=workers,
            show_ids=show_ids,
            passed=export.passed,
            cluster=None
            if engine == "local"
            else _address(engine, insecure_cluster, cluster_ca, cluster_cert, cluster_key),
        )
        with _progress(sum(file.size for file in export.files), quiet=quiet) as after:
            found = inspect(order, after, begun)
    if html is not None:
        from conformance.views.inspection_page import inspection_page

        _write(html, inspection_page(found, _named(source)))
    from conformance.cli.show import Show

    Show(json=json).data(found.plain(), *([] if json else _tables(found)))
    if _is_url(source):
        from conformance.outside.places import erase
        from conformance.session.inspection_downloads import place_of

        erase(place_of(source, brought))
    return 1 if found.errors else 0


def _address(*told: Any) -> "ClusterAddress":
    from conformance.outside.cluster import ClusterAddress

    return ClusterAddress(*told)


def _kept_at() -> Path:
    from conformance.outside.places import user_folder

    return user_folder("XDG_CACHE_HOME", ".cache") / "inspections"


def _ahead(begun: "Ahead | None", source: str, number: int) -> "Ahead | None":
    """What was begun before the command line was read, where that is what it asks for."""
    return begun if begun and (begun.source, begun.number) == (source, number) else None


def _found(source: str, target: Path | None, brought: Path, *, quiet: bool) -> "Export":
    if _is_url(source):
        return _downloaded(source, target, brought, quiet=quiet)
    from conformance.session.inspection_sources import found_at

    return found_at(source)


def _tables(found: "Inspection") -> "list[RenderableType]":
    from conformance.views.inspection_table import inspection_table

    return [inspection_table(found)]


def _named(source: str) -> str:
    """What was inspected, as a title: without the folders above it, and without the query of a URL."""
    return source.partition("?")[0] if "://" in source else Path(source).resolve().name


def _write(path: Path, text: str) -> None:
    from conformance.errors import UsageError
    from conformance.outside.whole_files import write_whole

    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="Name another file with --html."
        ) from error


def _is_url(source: str) -> bool:
    return source.lower().startswith(("https://", "http://"))


def _downloaded(url: str, target_file: Path | None, into: Path, *, quiet: bool) -> "Export":
    from urllib.parse import urlsplit

    from conformance.cli.show import aside
    from conformance.errors import UsageError
    from conformance.outside.target_file import read_target, target_at
    from conformance.session.inspection_downloads import downloaded

    try:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    except ValueError as error:
        raise UsageError(f"{url!r} is no URL: {error}") from error
    target = read_target(target_file) if target_file is not None else target_at(origin)
    folder = target_file.parent if target_file is not None else Path()

    def after(name: str) -> None:
        if not quiet and sys.stderr.isatty():
            aside(f"downloaded {name}")

    return downloaded(url, target, folder, into, after)


@contextmanager
def _progress(size: int, *, quiet: bool) -> "Iterator[Callable[[Task], None]]":
    """What to call after each task; the first call loads what shows how far it is: workers need not wait for it."""
    if quiet or size < WORTH_BYTES or not sys.stderr.isatty():
        yield lambda _task: None
        return
    bars: list[Callable[[int], None]] = []
    with ExitStack() as stack:

        def after(task: "Task") -> None:
            if not bars:
                bars.append(stack.enter_context(_bar(size)))
            bars[0](task.size)

        yield after


@contextmanager
def _bar(size: int) -> "Iterator[Callable[[int], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("inspecting"), BarColumn(), DownloadColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        shown = bars.add_task("", total=size)
        yield lambda read: bars.advance(shown, read)
