"""The pure walker: goes once through a resource beside its plan and raises `Refused` at the first doubt.

It counts the names in all objects that it visits, which is every object of the resource, so that the caller can tell
whether the text had more of them (duplicate keys). The compiled core is the same walk in C.
"""

from collections.abc import Callable
from typing import Any

from conformance.fhir.validation.accept.bundles import entries_of
from conformance.fhir.validation.accept.keys import has_as_many
from conformance.fhir.validation.accept.plan import Json, Kind, Plan, Refused, Row

__all__ = ["DEEPEST", "Walk", "contained_in"]

SCALAR, SCALARS, OBJECT, OBJECTS = Kind.SCALAR, Kind.SCALARS, Kind.OBJECT, Kind.OBJECTS
CHOICE_OBJECT, SPECIAL = Kind.CHOICE_OBJECT, Kind.SPECIAL
DEEPEST = 60
"""Levels of objects below which nothing is accepted."""


class Walk:
    """The state of judging one resource after the other.

    `resource` is the resource that is being visited, `outermost` the one that holds it where it is contained;
    `contained` the types of the contained resources by id, `named` the ids that references name, `companions`
    counts the `_name` objects that were met, `entries` gives the types in the Bundle around by fullUrl. `row_of`
    gives the row of a resource type, None where there is none; `finish` is called with each resource whose parts are
    right and that profiles may be laid over: it has `meta`, or structures are `requested` of all.
    """

    def __init__(
        self,
        row_of: Callable[[str], Row | None],
        finish: Callable[[Json, "Walk", Row], Any],
        *,
        requested: bool = False,
    ) -> None:
        self.row_of = row_of
        self.finish = finish
        self.requested = requested
        self.resource: Json = {}
        self.outermost: Json = {}
        self.contained: dict[str, str] = {}
        self.named: set[str] = set()
        self.companions = 0
        self.entries: dict[str, str] | None = None
        self.depth = 0

    def judge(self, resource: Any) -> int:
        """The number of names in all objects of a resource that is certainly right; raises `Refused` otherwise.

        A value of an unexpected JSON type may also raise TypeError, KeyError or AttributeError: as good a refusal.
        """
        self.companions = self.depth = 0
        self.entries = entries_of(resource)
        return self.document(resource)

    def has_as_many(self, raw: bytes, met: int) -> bool:
        """Whether a valid JSON text has no more names than were met in a walk through all its objects."""
        return has_as_many(raw, met)

    def document(self, resource: Any) -> int:
        """A resource that stands for itself: the outermost one, or one in a Bundle."""
        kept = self.resource, self.outermost, self.contained, self.named
        self.resource = self.outermost = resource
        self.contained, self.named = contained_in(resource), set()
        count = self.nested(resource)
        if self.contained and not self.contained.keys() <= self.named:
            raise Refused
        self.resource, self.outermost, self.contained, self.named = kept
        return count

    def nested(self, resource: Any) -> int:
        """One resource by the type that it names."""
        row = self.row_of(resource["resourceType"])
        if row is None:
            raise Refused
        count = self.visit(row, resource)
        if (self.requested or "meta" in resource) and not self.finish(resource, self, row):
            raise Refused
        return count

    def visit(self, row: Row, found: Any) -> int:  # noqa: C901, PLR0912 - the hot loop, kept in one place
        """One object: its properties, what is required, and what is asked of it as a whole."""
        if type(found) is not dict:
            raise Refused
        plan = row.plan or row.planned()
        quick = plan.quick
        if quick is not None and quick.knows(found, self, row):
            if self.depth >= DEEPEST:
                raise Refused
            for test in row.overlays:
                if not test(found, self, row):
                    raise Refused
            return len(found)
        rows = plan.rows
        count = size = len(found)
        bits = 0
        self.depth += 1
        for name, value in found.items():
            kind, check, child = rows[name]
            if kind == SCALAR:
                if not check(value):
                    raise Refused
            elif kind == OBJECT:
                count += self.visit(child, value)
            elif kind == OBJECTS:
                if type(value) is not list or not value:
                    raise Refused
                for item in value:
                    count += self.visit(child, item)
            elif kind == SPECIAL:
                count += check(self, child, found, value, row)
            elif kind == SCALARS:
                if type(value) is not list or not value:
                    raise Refused
                for item in value:
                    if not check(item):
                        raise Refused
            else:
                if bits & child.bit:
                    raise Refused
                bits |= child.bit
                if kind == CHOICE_OBJECT:
                    count += self.visit(child, value)
                elif not check(value):
                    raise Refused
        if plan.required and not plan.required <= found.keys():
            _companions(plan, found)
        if (
            bits & plan.required_bits != plan.required_bits
            or self.depth > DEEPEST
            or (size < 2 and (not size or "id" in found))  # noqa: PLR2004 - an id alone is no content
        ):
            raise Refused
        for test in plan.after:
            if not test(found, self, row):
                raise Refused
        if quick is not None:
            quick.keep(found)
        for test in row.overlays:
            if not test(found, self, row):
                raise Refused
        self.depth -= 1
        return count


def _companions(plan: Plan, found: Json) -> None:
    """A required primitive may be there by its `_name` alone, with extensions in place of a value."""
    for name in plan.required:
        if name not in found and f"_{name}" not in found:
            raise Refused


def contained_in(resource: Json) -> dict[str, str]:
    """The types of contained resources by id; an id that is missing or given twice is refused."""
    found = resource.get("contained")
    if found is None:
        return {}
    types: dict[str, str] = {item["id"]: item["resourceType"] for item in found}
    if len(types) != len(found):
        raise Refused
    return types
