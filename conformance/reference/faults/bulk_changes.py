"""How the faults of exports are written down: by the number of their requirement and what they change."""

from dataclasses import replace
from typing import Any

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change


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
