"""The seams of a supplier that records vaccinations, each with what the honest one does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.reference.behaviour.export import unchanged

Json = dict[str, Any]


@dataclass(frozen=True)
class VaccinationBehaviour:
    """What a record of a vaccination must have, and what becomes of it.

    `unasked` names rules that are not kept (see `vaccinating.RULES`). `kept` is given each resource that is about to
    be kept and says what is kept instead. `matches` is whether $match finds anybody.
    """

    unasked: frozenset[str] = frozenset()
    duplicates_refused: bool = True
    identifier_is_fixed: bool = True
    matches: bool = True
    kept: Callable[[Json], Json] = unchanged
