"""The files of `conformance exit-plan`: read within a limit of size, never written over."""

from pathlib import Path

from conformance.errors import UsageError
from conformance.model.evidence import LARGEST_PLAN


def plan_bytes(path: Path, what: str = "exit plan") -> bytes:
    """The content of a file. Raises UsageError where it cannot be read or is too large to be what it should be."""
    try:
        size = path.stat().st_size
        if size > LARGEST_PLAN:
            raise UsageError(
                f"the {what} {path} has {size:,} bytes; it may have {LARGEST_PLAN:,} at the most",
                hint="Data does not belong in it, and a document is referred to by its name and its SHA-256.",
            )
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"the {what} {path} cannot be read: {(error.strerror or str(error)).lower()}"
        ) from error


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises UsageError where it is, or cannot be written."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"{path} is there already", hint="Name another file, or move that one away."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from error
