"""Which innermost loop runs: the compiled one where it was built from these very sources, else the pure one."""

import hashlib
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from conformance.analysis.scale import gathering as gathering_in_python
from conformance.analysis.scale import records as records_in_python
from conformance.analysis.scale.gathering import Gathering
from conformance.analysis.scale.records import Records
from conformance.analysis.scale.splitting import Line, Lines

__all__ = ["engine", "keep_memory", "plain_targets", "reduced", "take_all"]

SOURCES = (
    "gathering.py",
    "kinds.py",
    "piece.py",
    "records.py",
    "scanning.py",
    "splitting.py",
    "_core.pyx",
    "_quick.pxi",
    "_scanner.h",
    "_tally.h",
)
"""What the compiled core has to agree with, as `build_core` names it too."""


def take_all(regions: Iterable[Line | Lines], gathering: Gathering) -> None:
    """Gather from all these lines, by the compiled core where it may be used."""
    _core().take_all(regions, gathering)


def plain_targets(texts: Iterable[str]) -> list[str]:
    """`gathering.plain_target` of each text, by the compiled core where it may be used."""
    return list(map(_core().plain_target, texts))


def reduced(several: Iterable[Records]) -> Records:
    """As `records.reduced`, by the compiled core where it may be used."""
    by: Any = records_in_python if engine() == "pure" else _compiled()
    found: Records = by.reduced(several)
    return found


def keep_memory() -> None:
    """Have this process keep memory that the compiled core frees: for one that examines and does nothing else."""
    if engine() == "compiled":
        _compiled().keep_memory()


def _core() -> Any:
    return gathering_in_python if engine() == "pure" else _compiled()


def engine() -> str:
    """`compiled` or `pure`."""
    return "pure" if os.environ.get("CONFORMANCE_PURE") == "1" or _compiled() is None else "compiled"


@cache
def _compiled() -> Any:
    if sys.byteorder != "little":  # records are written as they lie in memory
        return None
    try:
        from conformance.analysis.scale import _core  # type: ignore[attr-defined, unused-ignore] # noqa: PLC0415
    except ImportError:
        return None
    here, found = Path(__file__).resolve().parent, hashlib.sha256()
    try:
        for name in SOURCES:
            found.update((here / name).read_bytes())
    except OSError:
        return None
    return _core if found.hexdigest() == _core.DIGEST else None
