"""Which walk runs: the compiled one where it was built from these very sources, else the pure one."""

import hashlib
import os
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from conformance.fhir.validation.accept import closures, comparing, leaves
from conformance.fhir.validation.accept.walk import Walk

__all__ = ["engine", "tests", "walk_type"]

SOURCES = (
    "plan.py",
    "lexical.py",
    "walk.py",
    "targets.py",
    "rules.py",
    "bundles.py",
    "closures.py",
    "comparing.py",
    "leaves.py",
    "_core.pyx",
    "layouts.pxi",
    "scanners.pxi",
)
"""What the compiled core has to agree with, as `build_core` names it too."""


def engine() -> str:
    """`compiled`, or `pure` with the reason why the compiled core is not used."""
    return _chosen()[1]


def walk_type() -> type[Any]:
    """The class of the walk."""
    core, _ = _chosen()
    return Walk if core is None else core.Walk


def tests() -> Any:
    """What has the functions that tests are put together from: those in Python, or the same ones compiled."""
    core, _ = _chosen()
    return _pure() if core is None else core


@cache
def _pure() -> SimpleNamespace:
    return SimpleNamespace(
        **{name: getattr(module, name) for module in (closures, comparing, leaves) for name in module.__all__}
    )


def _chosen() -> tuple[ModuleType | None, str]:
    if os.environ.get("CONFORMANCE_PURE") == "1":
        return None, "pure (CONFORMANCE_PURE is 1)"
    return _compiled()


@cache
def _compiled() -> tuple[ModuleType | None, str]:
    try:
        from conformance.fhir.validation.accept import _core  # type: ignore[attr-defined, unused-ignore] # noqa: PLC0415
    except ImportError:
        return None, "pure (the compiled core was not built)"
    if _digest() != _core.DIGEST:
        return None, "pure (the compiled core was built from other sources: install the package again)"
    return _core, "compiled"


def _digest() -> str:
    here = Path(__file__).resolve().parent
    found = hashlib.sha256()
    try:
        for name in SOURCES:
            found.update((here / name).read_bytes())
    except OSError:
        return ""
    return found.hexdigest()
