"""How the faults of exports are written down: by the number of their requirement and what they change."""

from dataclasses import replace
from typing import Any

from conformance.reference.behaviour import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.fault import Change, Fault

PROFILE = "bulk-data-export"


def fault(  # noqa: PLR0913 - what there is to say of a fault
    name: str,
    number: str,
    summary: str,
    change: Change,
    level: str = "SHALL",
    also: tuple[str, ...] = (),
    ends: int | None = None,
) -> Fault:
    """A fault that the requirement `BDE-number` notices; `also` are others that it explains.

    `ends` is the exit code of a run against it, where the level does not tell: what it explains may be binding, or
    leave something binding untested.
    """
    exit_code = ends if ends is not None else 1 if level.startswith("SHALL") else 0
    explained = tuple(each if each.startswith("EXIT-") else f"BDE-{each}" for each in also)
    return Fault(name, PROFILE, f"BDE-{number}", level, exit_code, summary, explained, change=change)


def asked(**changed: Any) -> Change:
    """A change of what is made of the parameters of a kick-off."""
    return _part("parameters", changed)


def arranged(**changed: Any) -> Change:
    """A change of files by patient, and of manifests in pages and parts."""
    return _part("organised", changed)


def polled(**changed: Any) -> Change:
    """A change of what the polling address tells."""
    return _part("status", changed)


def gone(**changed: Any) -> Change:
    """A change of how deletions are told."""
    return _part("deletions", changed)


def both(one: Change, other: Change) -> Change:
    """Two changes, one after the other."""
    return lambda honest, draw: other(one(honest, draw), draw)


def _part(name: str, changed: dict[str, Any]) -> Change:
    def change(honest: Behaviour, _: Draw) -> Behaviour:
        part = replace(getattr(honest.export, name), **changed)
        return replace(honest, export=replace(honest.export, **{name: part}))

    return change
