"""The plan that both walkers follow: one `Plan` for each type or backbone element, one `Row` for each JSON property.

A plan is data, not code: which names an object may have, what each value must be, which must be there, which
exclude each other, and what is asked of the object as a whole once its parts are right. The pure walker (`walk`)
and the compiled one (`_core`) read the same plans.
"""

from collections.abc import Callable
from typing import Any

__all__ = ["FORMAT", "Check", "Json", "Kind", "Plan", "Refused", "Row", "Special"]

FORMAT = 1
"""The version of this layout; the compiled core carries the digest of the files that define it."""

Json = dict[str, Any]
Check = Callable[[Any], Any]
"""Whether a scalar is certainly right."""
Special = Callable[..., int]
"""A property that needs more than a table: called with the walk, the row, the object and the value."""


class Refused(Exception):
    """The resource is not certainly right; `explain` has to look."""


class Kind:
    """How a property is visited."""

    SCALAR = 0
    SCALARS = 1
    OBJECT = 2
    OBJECTS = 3
    CHOICE_SCALAR = 4
    CHOICE_OBJECT = 5
    SPECIAL = 6


class Row:
    """One property: `name` in JSON, the element's `path` and `type` as extension contexts name them.

    `check` judges a scalar, `special` a property with rules of its own; `plan` is that of an object and is made by
    `build` when it is first needed. `bit` marks the choice (`value[x]`) that the property is one form of.
    `targets` are the resource types that a Reference may lead to (None: any). `overlays` are tests of an object
    that stands here beyond those of its type. `core` is what the compiled walk made of it.
    """

    __slots__ = ("bit", "build", "check", "core", "kind", "name", "overlays", "path", "plan", "special", "targets",
                 "type")  # fmt: skip

    def __init__(
        self, name: str, path: str, type_name: str, kind: int, *, build: "Callable[[], Plan] | None" = None
    ) -> None:
        self.name = name
        self.path = path
        self.type = type_name
        self.kind = kind
        self.build = build
        self.check: Check | None = None
        self.core: Any = None
        self.special: Special | None = None
        self.plan: Plan | None = None
        self.bit = 0
        self.targets: frozenset[str] | None = None
        self.overlays: tuple[Callable[..., Any], ...] = ()

    def planned(self) -> "Plan":
        """The plan of the objects that stand here, made the first time."""
        if self.plan is None:
            if self.build is None:
                raise Refused
            self.plan = self.build()
        return self.plan


class Plan:
    """What an object of one type or backbone element must be.

    `rows` gives for each property its kind, its check and its `Row`; `required` the names that must be there,
    `required_bits` the choices of which one must be; `after` what is asked of an object whose parts are right
    (called with object, walk and row). `quick` knows some objects that are certainly right, but for the overlays of
    the row where they stand (`quick.Met`); None where there is no short cut. `core` is what the compiled walk made
    of it.
    """

    __slots__ = ("after", "core", "path", "quick", "required", "required_bits", "rows", "type")

    def __init__(self, path: str, type_name: str) -> None:
        self.path = path
        self.type = type_name
        self.rows: dict[str, tuple[int, Any, Row]] = {}
        self.required: frozenset[str] = frozenset()
        self.required_bits = 0
        self.core: Any = None
        self.after: tuple[Callable[[Json, Any, Row], Any], ...] = ()
        self.quick: Any = None

    def add(self, row: Row) -> None:
        """Adds a property; the second place of its entry is what the walkers call for its kind."""
        self.rows[row.name] = (row.kind, row.special if row.kind == Kind.SPECIAL else row.check, row)
