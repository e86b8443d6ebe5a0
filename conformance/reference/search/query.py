"""A search as the supplier understood it: conditions, order, page size, and the parameters it heeded.

See https://hl7.org/fhir/R4/search.html. What it does not know it leaves out, or refuses if the client asked for
strict handling; modifiers and values it cannot use are always refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.reference.behaviour.results import ReadingBehaviour
from conformance.reference.behaviour.whole import SearchBehaviour
from conformance.reference.forms.outcomes import bad_request
from conformance.reference.records.parameters import Parameter, parameter
from conformance.reference.records.store import Store
from conformance.reference.search.clauses import Clause, on_date, unescape
from conformance.reference.search.conditions import (
    any_of,
    combined,
    condition,
    cut,
    read_all,
    unsupported_modifier,
)
from conformance.reference.search.shaping import RESULT_PARAMETERS, Shape

SORTED_BY_VERSION = {"_id": "id", "_lastUpdated": "updated"}
_ABOUT_THE_ANSWER = frozenset({"_format", "_pretty"})
_WIDELY_KNOWN = frozenset({"missing", "exact", "contains", "not"})


@dataclass(frozen=True)
class SortKey:
    """One key of the order: a parameter of the type, or the name of a column of the versions."""

    by: Parameter | str
    descending: bool


@dataclass(frozen=True)
class Query:
    """A search that can be run."""

    resource_type: str
    clauses: tuple[Clause, ...] = ()
    sort: tuple[SortKey, ...] = ()
    shape: Shape = field(default_factory=Shape)
    heeded: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reader:
    """What is needed to read a search of one type."""

    store: Store
    resource_type: str
    base_url: str
    behaviour: SearchBehaviour = field(default_factory=SearchBehaviour)
    reading: ReadingBehaviour = field(default_factory=ReadingBehaviour)

    def read(self, given: Iterable[tuple[str, str]], *, strict: bool) -> Query:
        """The search that these parameters ask for; refuses (400) what cannot be understood."""
        clauses: list[Clause] = []
        sort: list[SortKey] = []
        heeded: list[tuple[str, str]] = []
        shape = Shape()
        for name, value in self._meant(given):
            if name == "_sort":
                keys = self._sort(value, strict=strict)
                sort.extend(keys)
                value = ",".join(_sort_text(key) for key in keys)  # noqa: PLW2901 - as it was heeded
                if not keys:
                    continue
            elif name in RESULT_PARAMETERS:
                shaped = shape.with_parameter(self.resource_type, name, value, self.reading)
                if shaped is None:
                    _unknown(f"{name}={value}", strict=strict)
                    continue
                shape, value = shaped  # noqa: PLW2901 - as it was heeded
            elif name == "_query" and self.reading.named_query_refused:
                raise bad_request(f"There is no named query {value!r}", "not-supported")
            elif (condition := self._condition(name, value)) is not None:
                clauses.append(condition)
            else:
                _unknown(f"the parameter {name!r} of {self.resource_type}", strict=strict)
                continue
            heeded.append((name, value))
        return Query(
            self.resource_type, combined(clauses, self.behaviour.values), tuple(sort), shape, tuple(heeded)
        )

    def _meant(self, given: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The parameters that are for the search and have a value: an empty one is no error."""
        for name, value in given:
            if not value and self.reading.empty_refused:
                raise bad_request(f"The parameter {name!r} has no value")
            if value and name not in _ABOUT_THE_ANSWER:
                yield name if self.reading.modifiers_refused else _without_modifier(name), value

    def _condition(self, full_name: str, value: str) -> Clause | None:
        name, _, modifier = full_name.partition(":")
        if name in {"_id", "_lastUpdated"}:
            if modifier:
                raise unsupported_modifier(full_name)
            read = self._id if name == "_id" else self._last_updated
            return any_of(
                read_all(read, cut(value, self.behaviour.values), self.behaviour.values),
                self.behaviour.values,
            )
        return condition(self.store, self.base_url, self.behaviour, self.resource_type, (full_name, value))

    def _id(self, text: str) -> Clause:
        identifier = unescape(text)
        sql = "SELECT pk FROM versions WHERE type = ? AND id = ?"
        if not self.behaviour.id_brings_another:
            return Clause(sql, (self.resource_type, identifier))
        others = "SELECT min(id) FROM current WHERE type = ? AND deleted = 0"
        return Clause(
            f"{sql} OR type = ? AND id = coalesce(({others} AND id > ?), ({others}))",
            (self.resource_type, identifier, *[self.resource_type] * 2, identifier, self.resource_type),
        )

    def _last_updated(self, text: str) -> Clause:
        where = on_date("_lastUpdated", text, ("updated", "updated + 1000"), self.behaviour.values)
        if not self.behaviour.last_updated_heeded:
            return Clause("SELECT pk FROM versions WHERE type = ?", (self.resource_type,))
        return Clause(
            f"SELECT pk FROM versions WHERE type = ? AND ({where.sql})",  # noqa: S608 - own columns
            (self.resource_type, *where.arguments),
        )

    def _sort(self, text: str, *, strict: bool) -> list[SortKey]:
        keys = []
        for part in text.split(","):
            name = part.removeprefix("-")
            by = SORTED_BY_VERSION.get(name) or parameter(self.resource_type, name)
            if by is None or (isinstance(by, Parameter) and by.kind == "composite"):
                _unknown(f"_sort={part}", strict=strict)
            else:
                keys.append(SortKey(by, part.startswith("-")))
        return keys


def _without_modifier(name: str) -> str:
    plain, _, modifier = name.partition(":")
    return name if modifier in _WIDELY_KNOWN or plain.startswith("_") else plain


def _sort_text(key: SortKey) -> str:
    columns = {column: name for name, column in SORTED_BY_VERSION.items()}
    name = columns[key.by] if isinstance(key.by, str) else key.by.name
    return f"-{name}" if key.descending else name


def _unknown(what: str, *, strict: bool) -> None:
    if strict:
        raise bad_request(f"Not supported by this server: {what}", "not-supported")
