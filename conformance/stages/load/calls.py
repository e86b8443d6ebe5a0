"""The calls of a profile, held against the catalogue and the names they may use, each mistake at its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import Problem, UnknownName, closest
from conformance.model.marked_yaml import Marked, Path, list_of, mapping_of
from conformance.model.placeholders import named
from conformance.model.profile import Call
from conformance.plugin import Kind, Part
from conformance.stages.load.shape import in_our_words

SOURCES = (".source", ".id")
"""What a slot gives beside its value: the resource that it was taken from, and that resource's id."""


@dataclass
class Calls:
    """The calls of a profile, held against the catalogue and the names they may use.

    They are read from the YAML itself, so that those of a profile with mistakes of shape are looked at too.
    """

    marked: Marked
    catalog: Catalog
    parameters: set[str]

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the calls and the sources of all requirements, and with the call that discovers."""
        yield from self._one("probe", self.marked.value.get("discover"), ("discover",), frozenset())
        for index, requirement in enumerate(list_of(self.marked.value.get("requirements"))):
            path: Path = ("requirements", index)
            yield from self._of_source(mapping_of(requirement).get("source"), path)
            yield from self._each("check", mapping_of(requirement).get("when"), (*path, "when"), frozenset())
            for number, test in enumerate(list_of(mapping_of(requirement).get("tests"))):
                yield from self._of_test(mapping_of(test), (*path, "tests", number))

    def _of_source(self, source: Any, path: Path) -> Iterator[Problem]:
        for is_parameter, name in named(source):
            if not is_parameter or name not in self.parameters:
                said = f"{'$' * is_parameter}{{{name}}} in a source names no parameter of this profile"
                yield self.marked.problem((*path, "source"), f"{said}{closest(name, self.parameters)}")

    def _of_test(self, test: Mapping[str, Any], path: Path) -> Iterator[Problem]:
        drawn = mapping_of(test.get("draw"))
        slots = mapping_of(test.get("slots"))
        values = frozenset(drawn) | {slot + suffix for slot in slots for suffix in ("", *SOURCES)}
        if "each" in test:
            yield from self._one("enumerator", test["each"], (*path, "each"), frozenset())
            values |= self._given_by(test["each"])
        yield from self._one("probe", test.get("probe"), (*path, "probe"), values)
        yield from self._each("probe", test.get("also"), (*path, "also"), values)
        yield from self._each("check", test.get("when"), (*path, "when"), frozenset())
        yield from self._each("check", test.get("expect"), (*path, "expect"), values)
        for name, call in drawn.items():
            yield from self._one("generator", call, (*path, "draw", name), frozenset())

    def _given_by(self, written: Any) -> frozenset[str]:
        """What the rows of an enumerator fill; nothing where there is no such enumerator, which is told already."""
        try:
            return frozenset(self.catalog.find("enumerator", Call.model_validate(written).name).gives)
        except (ValidationError, UnknownName):
            return frozenset()

    def _each(self, kind: Kind, calls: Any, path: Path, values: frozenset[str]) -> Iterator[Problem]:
        for index, call in enumerate(list_of(calls)):
            yield from self._one(kind, call, (*path, index), values)

    def _one(self, kind: Kind, written: Any, path: Path, values: frozenset[str]) -> Iterator[Problem]:
        try:
            call = Call.model_validate(written)
        except ValidationError:
            return  # already told as a mistake of shape
        try:
            part = self.catalog.find(kind, call.name)
        except UnknownName as error:
            yield self.marked.problem(path, error.message)
        else:
            yield from _argument_problems(part, call, (*path, call.name), self.marked)
        for argument, value in call.arguments.items():
            for is_parameter, name in named(value):
                said = self._unfilled(kind, name, values, is_parameter=is_parameter)
                if said:
                    yield self.marked.problem((*path, call.name, argument), said)

    def _unfilled(self, kind: Kind, name: str, values: frozenset[str], *, is_parameter: bool) -> str:
        """Why nothing fills this placeholder; empty where something does."""
        written = f"${{{name}}}" if is_parameter else f"{{{name}}}"
        if kind == "generator":
            return f"{written} cannot stand here: values are drawn when the suite is planned, before any is filled in"
        known = self.parameters if is_parameter else values
        if name in known:
            return ""
        what = "parameter of this profile" if is_parameter else "slot or drawn value that can be used here"
        return f"{written} names no {what}{closest(name, known)}"


def _argument_problems(part: Part, call: Call, path: Path, marked: Marked) -> Iterator[Problem]:
    wrong: dict[str, list[str]] = {}
    try:
        part.arguments.model_validate(call.arguments)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            name = str(mistake["loc"][0]) if mistake["loc"] else ""
            if mistake["type"] == "extra_forbidden":
                said = f"takes no argument {name!r}{closest(name, part.arguments.model_fields)}"
                yield marked.problem((*path, name), f"{part.kind} {part.name!r} {said}")
            elif mistake["type"] == "missing" and len(mistake["loc"]) == 1:
                yield marked.problem(path, f"{part.kind} {part.name!r} needs the argument {name!r}")
            elif not any(named(call.arguments.get(name))):
                wrong.setdefault(name, []).append(in_our_words(mistake["msg"]))
            # otherwise its type is known once the placeholder is filled
    for name, said_of_it in wrong.items():
        said = " or ".join(dict.fromkeys(said_of_it)).replace(" or must be ", " or ")
        yield marked.problem((*path, name), f"{part.kind} {part.name!r}, argument {name!r}: {said}")
