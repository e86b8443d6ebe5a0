"""Load: from a profile's YAML to a resolved Profile, with all of its mistakes told at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import Problem, ProfileError, UnknownName, closest
from conformance.model.marked_yaml import Marked, Path, read_yaml
from conformance.model.placeholders import named
from conformance.model.profile import Call, Parameter, Profile, Requirement, Test
from conformance.plugin import Kind, Part

SOURCES = (".source", ".id")
"""What a slot gives beside its value: the resource that it was taken from, and that resource's id."""
PLURAL_KINDS: Mapping[Kind, str] = {"check": "checks", "probe": "probes", "generator": "generators"}


class Library(Protocol):
    """Where profiles come from."""

    def text(self, name: str) -> tuple[str, str]:
        """The YAML of the profile of that name, and the file's name. Raises UnknownName."""


def load(name: str, library: Library, catalog: Catalog) -> Profile:
    """The profile of that name with all that it extends, every call checked against the catalogue.

    Raises ProfileError with every mistake found, and UnknownName where there is no such profile.
    """
    loader = _Loader(library, catalog)
    profile = loader.resolved(name, ())
    if loader.problems or profile is None:
        raise ProfileError(loader.problems)
    return profile


@dataclass
class _Loader:
    library: Library
    catalog: Catalog

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []

    def resolved(self, name: str, above: tuple[str, ...]) -> Profile | None:
        text, file = self.library.text(name)
        marked = read_yaml(text, file)
        self.problems += marked.problems
        own = self._validated(marked)
        if own is None:
            return None
        bases = list(self._bases(own, marked, (*above, own.profile)))
        requirements = {r.id: r for base in bases for r in base.requirements}
        parameters: dict[str, Parameter] = {}
        for base in bases:
            parameters |= base.parameters
        parameters |= own.parameters
        self.problems += _Calls(own, marked, self.catalog, parameters).problems()
        for index, requirement in enumerate(own.requirements):
            if requirement.id in requirements:
                path = ("requirements", index, "id")
                self.problems.append(
                    marked.problem(path, f"the requirement id {requirement.id!r} is given twice")
                )
            requirements[requirement.id] = requirement.model_copy(update={"origin": own.label})
        return own.model_copy(
            update={
                "parameters": parameters,
                "requirements": tuple(requirements.values()),
                "extends": own.extends,
            }
        )

    def _validated(self, marked: Marked) -> Profile | None:
        if not isinstance(marked.value, dict):
            if not marked.problems:
                self.problems.append(
                    marked.problem((), "holds no profile: it must be a mapping with `profile: name`")
                )
            return None
        try:
            return Profile.model_validate(marked.value)
        except ValidationError as error:
            for mistake in error.errors(include_url=False):
                self.problems.append(_mistake(mistake, marked))
        for kind, call, path in _readable_calls(marked.value):
            self.problems += _call_problems(kind, call, path, marked, self.catalog)
        return None

    def _bases(self, own: Profile, marked: Marked, above: tuple[str, ...]) -> Iterator[Profile]:
        for index, reference in enumerate(own.extends):
            path: Path = ("extends", index)
            if reference.profile in above:
                circle = " extends ".join((*above, reference.profile))
                self.problems.append(marked.problem(path, f"goes in a circle: {circle}"))
                continue
            try:
                base = self.resolved(reference.profile, above)
            except UnknownName as error:
                self.problems.append(marked.problem(path, error.message))
                continue
            if base is not None and reference.version not in {"", base.version}:
                said = (
                    f"asks for {reference.profile} {reference.version}, but {base.version} is what there is"
                )
                self.problems.append(marked.problem(path, said))
            elif base is not None:
                yield base


@dataclass
class _Calls:
    """The calls of a well-formed profile, held against the catalogue and the names they may use."""

    profile: Profile
    marked: Marked
    catalog: Catalog
    parameters: Mapping[str, Parameter]

    def problems(self) -> Iterator[Problem]:
        for index, requirement in enumerate(self.profile.requirements):
            yield from self._of_requirement(requirement, ("requirements", index))

    def _of_requirement(self, requirement: Requirement, path: Path) -> Iterator[Problem]:
        gates: list[tuple[Kind, Call, Path]]
        gates = [("check", call, (*path, "when", n)) for n, call in enumerate(requirement.when)]
        yield from self._each(gates, set())
        for number, test in enumerate(requirement.tests):
            below = (*path, "tests", number)
            names = {*test.draw} | {slot + suffix for slot in test.slots for suffix in ("", *SOURCES)}
            calls: list[tuple[Kind, Call, Path]] = [("probe", test.probe, (*below, "probe"))]
            calls += [("probe", call, (*below, "also", n)) for n, call in enumerate(test.also)]
            calls += [("check", call, (*below, "when", n)) for n, call in enumerate(test.when)]
            calls += [("check", call, (*below, "expect", n)) for n, call in enumerate(test.expect)]
            calls += [("generator", call, (*below, "draw", name)) for name, call in test.draw.items()]
            yield from self._each(calls, names)

    def _each(self, calls: Iterable[tuple[Kind, Call, Path]], names: set[str]) -> Iterator[Problem]:
        for kind, call, path in calls:
            yield from _call_problems(kind, call, path, self.marked, self.catalog)
            for is_parameter, name in named(call.arguments):
                known = set(self.parameters) if is_parameter else names
                if name not in known:
                    written = f"${{{name}}}" if is_parameter else f"{{{name}}}"
                    what = "parameter" if is_parameter else "slot or drawn value"
                    said = f"{written} names no {what} of this {'profile' if is_parameter else 'test'}"
                    yield self.marked.problem(path, said + closest(name, known))


def _call_problems(kind: Kind, call: Call, path: Path, marked: Marked, catalog: Catalog) -> Iterator[Problem]:
    try:
        part = catalog.find(kind, call.name)
    except UnknownName as error:
        yield marked.problem(path, error.message)
        return
    yield from _argument_problems(part, call, (*path, call.name), marked)


def _argument_problems(part: Part, call: Call, path: Path, marked: Marked) -> Iterator[Problem]:
    try:
        part.arguments.model_validate(call.arguments)
    except ValidationError as error:
        for mistake in error.errors(include_url=False):
            where = tuple(mistake["loc"])
            name = str(where[0]) if where else ""
            if any(named(call.arguments.get(name))) and mistake["type"] != "extra_forbidden":
                continue  # its type is known once the placeholder is filled
            said = mistake["msg"]
            if mistake["type"] == "extra_forbidden":
                known = part.arguments.model_fields
                said = f"{part.kind} {part.name!r} takes no argument {name!r}{closest(name, known)}"
            elif mistake["type"] == "missing":
                said = f"{part.kind} {part.name!r} needs the argument {name!r}"
            else:
                said = f"{part.kind} {part.name!r}, argument {name!r}: {said}"
            yield marked.problem((*path, *where), said)


def _mistake(mistake: Any, marked: Marked) -> Problem:
    """A mistake of shape that pydantic found, in the words and at the place of the YAML."""
    path = tuple(mistake["loc"])
    said = mistake["msg"].removeprefix("Value error, ")
    if mistake["type"] == "extra_forbidden":
        holder = _holder(path)
        said = f"unknown member {path[-1]!r}{closest(str(path[-1]), holder)}"
    elif mistake["type"] == "missing":
        said = f"the member {path[-1]!r} is missing"
        path = path[:-1]
    elif mistake["type"] == "enum":
        given = str(mistake["input"])
        allowed = [word.strip("'") for word in mistake["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        said = f"{given!r} is none of {', '.join(allowed)}{closest(given, allowed)}"
    return marked.problem(path, said)


def _holder(path: Path) -> list[str]:
    """The members that the object at the end of this path may have."""
    model: Any = Profile
    if "tests" in path:
        model = Test
    elif "requirements" in path:
        model = Requirement
    elif "parameters" in path:
        model = Parameter
    return [field.alias or name for name, field in model.model_fields.items()]


def _readable_calls(value: dict[str, Any]) -> Iterator[tuple[Kind, Call, Path]]:
    """The calls that can be made out in a profile that has mistakes of shape, to tell of theirs as well."""
    requirements = value.get("requirements")
    for index, requirement in enumerate(requirements if isinstance(requirements, list) else ()):
        tests = requirement.get("tests") if isinstance(requirement, dict) else None
        for number, test in enumerate(tests if isinstance(tests, list) else ()):
            if isinstance(test, dict):
                path: Path = ("requirements", index, "tests", number)
                yield from _readable("probe", [test.get("probe")], (*path, "probe"), numbered=False)
                yield from _readable("check", test.get("expect"), (*path, "expect"))
                yield from _readable("check", test.get("when"), (*path, "when"))


def _readable(
    kind: Kind, items: Any, path: Path, *, numbered: bool = True
) -> Iterator[tuple[Kind, Call, Path]]:
    for index, item in enumerate(items if isinstance(items, list) else ()):
        try:
            yield kind, Call.model_validate(item), (*path, index) if numbered else path
        except ValidationError:
            continue  # already told as a mistake of shape
