"""The supplier's documents before they are written, and the ways to change one thing in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.reference.population.draw import Draw


@dataclass
class Papers:
    """The documents before they are written; a fault changes exactly one thing in them."""

    plan: dict[str, Any]
    attested_version: str
    types: Mapping[str, int]
    sizes: Mapping[str, int]
    attested: list[str]
    register: dict[str, Any]
    schema: dict[str, Any]


PaperChange = Callable[[Papers, Draw], None]


def setting(*path: str | int, to: Any) -> PaperChange:
    """A change that states something else at one place of the plan."""

    def change(papers: Papers, _: Draw) -> None:
        holder: Any = papers.plan
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = to

    return change


def removing(*path: str) -> PaperChange:
    """A change that leaves out one optional member of the plan."""

    def change(papers: Papers, _: Draw) -> None:
        holder: Any = papers.plan
        for part in path[:-1]:
            holder = holder[part]
        del holder[path[-1]]

    return change


def not_attesting(requirement: str) -> PaperChange:
    """A change whose attestation does not name this requirement."""

    def change(papers: Papers, _: Draw) -> None:
        papers.attested.remove(requirement)

    return change
