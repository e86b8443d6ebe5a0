"""The console command `conformance`: runs one command and turns whatever went wrong into words and an exit code."""

import contextlib
import gc
import importlib
import io
import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from conformance.cli.ahead import Ahead, begun_ahead
from conformance.errors import ConformanceError

MODULES = {
    "check-target": "running",
    "cleanup": "running",
    "demo": "running",
    "fhirpath": "fhirpath",
    "inspect": "inspecting",
    "plan": "running",
    "rehearse": "rehearsing",
    "replay": "running",
    "run": "running",
    "validate": "validating",
}
"""Where commands stand that are called often: called by name, they need no other module, which takes long to load."""

os.environ.setdefault(
    "PYDANTIC_DISABLE_PLUGINS", "__all__"
)  # looking for them takes long, and none may judge here
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's threads for matrices: there are none here

RARELY = (100_000, 50, 50)
"""How seldom to look for cycles of garbage: looking while modules load takes a tenth of a short command's time."""

INTERNAL, USAGE, INTERRUPTED = 3, 2, 130


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and end the process with the documented exit code."""
    gc.set_threshold(*RARELY)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for terminals that cannot show every character
    try:
        code = run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # once more, while the first one was being told
        code = INTERRUPTED
    if code == INTERRUPTED:
        _leave(code)
    gc.freeze()  # what is left goes with the process: it need not be searched for garbage first
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code. A person's mistake never shows a traceback."""
    try:
        with begun_ahead(arguments) as ahead:
            return _called(arguments, ahead)
    except ConformanceError as error:
        return _tell(error.message, error.hint, error.exit_code)
    except KeyboardInterrupt:
        return _tell("interrupted", "", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _tell(
            "this machine has no more memory for it", "End other programs, or use another machine.", INTERNAL
        )
    except Exception as error:  # noqa: BLE001 - a person is told in words; CONFORMANCE_DEBUG shows the rest
        return _ours(error)


def _called(arguments: list[str], ahead: Ahead | None) -> int:
    import typer

    try:
        result: Any = _application(arguments)(
            arguments, standalone_mode=False, prog_name="conformance", obj=ahead
        )
        if result == INTERRUPTED:  # the library takes a Ctrl-C that no command took, and says nothing
            return _tell("interrupted", "", INTERRUPTED)
        return result if isinstance(result, int) else 0
    except typer.Exit as stop:
        return stop.exit_code
    except typer.TyperException as error:
        return _mistaken(error.format_message())
    except typer.Abort as stop:
        if isinstance(stop.__cause__, EOFError):  # which the library takes for the end of what a person types
            return _ours(stop.__cause__)
        return _tell("interrupted", "", INTERRUPTED)


def _application(arguments: list[str]) -> Callable[..., Any]:
    """The application, with the command that is called; with all of them where that is not known."""
    module = MODULES.get(arguments[0] if arguments else "", "commands")
    return _built(f"conformance.cli.{module}")


@cache
def _built(module: str) -> Callable[..., Any]:
    """The application with the commands of a module, made once: what each takes is read from its signature."""
    import typer

    from conformance.cli.app import app

    importlib.import_module(module)
    return typer.main.get_command(app)


def _ours(error: BaseException) -> int:
    """Tell of a fault of the harness. Raises it where CONFORMANCE_DEBUG is set."""
    if os.environ.get("CONFORMANCE_DEBUG"):
        raise error
    hint = "This is a fault of the harness. CONFORMANCE_DEBUG=1 shows where it happened."
    return _tell(f"internal error: {type(error).__name__}: {error}", hint, INTERNAL)


def _leave(code: int) -> NoReturn:
    """End at once: threads that a second Ctrl-C left waiting for a server are not waited for."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _mistaken(said: str) -> int:
    """Tell of a call that does not fit. Where no command was named, what is said is the help, and no error."""
    if said.startswith("Usage: "):
        print(said, file=sys.stderr)
        return USAGE
    return _tell(said, "`--help` shows what each command takes.", USAGE)


def _tell(message: str, hint: str, code: int) -> int:
    from conformance.views.text import clean

    print(f"error: {clean(message)}", file=sys.stderr)
    if hint:
        print(f"  {clean(hint)}", file=sys.stderr)
    return code
