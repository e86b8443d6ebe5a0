"""Load: from a profile's YAML to a resolved Profile, with all of its mistakes told at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import Problem, ProfileError, UsageError
from conformance.model.marked_yaml import Marked, Path, list_of, mapping_of, read_yaml
from conformance.model.profile import Parameter, Profile, Reference, Requirement
from conformance.model.versions import VersionRange
from conformance.stages.load.bases import (
    Overrides,
    changes,
    names_given,
    parameter_conflicts,
    parameter_problems,
    pinned,
    required_later,
)
from conformance.stages.load.calls import Calls
from conformance.stages.load.choosing import chosen, discovery_of, each_once, idle
from conformance.stages.load.expand import expanded
from conformance.stages.load.parts import part_problems, taken_over_parts
from conformance.stages.load.policies import policy_problems
from conformance.stages.load.shape import mistake_of
from conformance.stages.load.sources import with_sources

MOST_REQUIREMENTS = 10_000
MOST_ABOVE = 50
"""So many profiles may extend one another in a row."""


class Library(Protocol):
    """Where profiles come from."""

    def text(self, name: str, wanted: VersionRange = ..., /) -> tuple[str, str]:
        """The YAML of the profile of that name, and the file's name; of several, the newest in the range.

        Where none is in the range, one that is not. Raises UnknownName.
        """


def load(name: str, library: Library, catalog: Catalog) -> Profile:
    """The profile of that name with all that it extends, every call checked against the catalogue.

    Raises ProfileError with every mistake found, and UnknownName where there is no such profile.
    """
    loader = _Loader(library, catalog)
    profile = loader.resolved(Reference(profile=name), ())
    if loader.problems or profile is None:
        raise ProfileError(dict.fromkeys(loader.problems))
    return with_sources(profile)


@dataclass
class _Loader:
    library: Library
    catalog: Catalog

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self._resolved: dict[str, Profile | None] = {}
        self._files: dict[str, str] = {}

    def resolved(self, reference: Reference, above: tuple[str, ...]) -> Profile | None:
        """The profile with its bases; `above` are the files that extend it. Raises UsageError, _Circle."""
        wanted = VersionRange.read(reference.version)
        name = reference.profile
        text, file = self.library.text(name, wanted) if wanted.bounds else self.library.text(name)
        if file in above:
            raise _Circle([*above[above.index(file) :], file])
        if len(above) > MOST_ABOVE:
            raise UsageError(f"more than {MOST_ABOVE} profiles extend one another in a row")
        if file not in self._resolved:
            self._resolved[file] = self._made(read_yaml(text, file), (*above, file))
        return self._resolved[file]

    def _made(self, marked: Marked, above: tuple[str, ...]) -> Profile | None:
        self.problems += marked.problems
        if not isinstance(marked.value, dict):
            if not marked.problems:
                said = "holds no profile: it must be a mapping with `profile: name`"
                self.problems.append(marked.problem((), said))
            return None
        if len(list_of(marked.value.get("requirements"))) > MOST_REQUIREMENTS:
            said = f"states more than {MOST_REQUIREMENTS:,} requirements: divide it into profiles that one extends"
            self.problems.append(marked.problem(("requirements",), said))
            return None
        own = self._with_block(self._validated(marked), marked)
        references = list(self._bases(marked, above))
        bases = [chosen(base, reference) for reference, base in references]
        taken_over: dict[str, Parameter] = {}
        for base in bases:
            taken_over |= base.parameters
        inherited = self._inherited(bases, marked)
        names = {*taken_over, *mapping_of(marked.value.get("parameters"))}
        self.problems += parameter_conflicts(bases, names_given(marked), marked)
        self.problems += Calls(marked, self.catalog, names).problems()
        self.problems += _ids_given_twice(marked, inherited)
        if own is None:
            return None
        self._name_once(own, marked)
        overrides = Overrides(own, inherited, marked)
        self.problems += overrides.problems
        self.problems += parameter_problems(taken_over, own.parameters, marked)
        requirements = overrides.requirements | {
            r.id: r.model_copy(update={"origin": own.label}) for r in own.requirements
        }
        self.problems += part_problems(bases, own, requirements, marked)
        parameters = taken_over | own.parameters
        self.problems += policy_problems(own, requirements, parameters, marked)
        advisories = (*own.advisories, *overrides.advisories, *required_later(own.requirements))
        packages = dict.fromkeys(name for base in bases for name in base.packages)
        return own.model_copy(
            update={
                "parameters": parameters,
                "discovery": discovery_of((own, *bases)),
                "discover": own.discover or next((base.discover for base in bases if base.discover), None),
                "advisories": each_once(
                    a for some in (*(b.advisories for b in bases), advisories) for a in some
                ),
                "presets": each_once(p for one in (*bases, own) for p in one.presets),
                "sub_verdicts": (*taken_over_parts(bases, own).values(), *own.sub_verdicts),
                "requirements": tuple(requirements.values()),
                "packages": tuple(packages | dict.fromkeys(own.packages)),
                "bases": tuple(pinned(reference, base) for reference, base in references),
                "changes": each_once(changes(own, references, taken_over, overrides.changes)),
            }
        )

    def _name_once(self, own: Profile, marked: Marked) -> None:
        """Tell of two files that give one name to their profiles: nobody could say which of them is meant."""
        other = self._files.setdefault(own.profile, marked.file)
        if other != marked.file:
            said = f"{other} is a profile named {own.profile!r} too: one name, one profile"
            self.problems.append(marked.problem(("profile",), said))

    def _with_block(self, own: Profile | None, marked: Marked) -> Profile | None:
        """The profile with the requirements that its `fhir:` block comes to, each at the place of the block."""
        if own is None or own.fhir is None:
            return own
        from conformance.stages.load.names import unknown_names  # noqa: PLC0415 - only a block needs R4's table

        problems = list(unknown_names(own.fhir, marked))
        self.problems += problems
        if problems:
            return None
        made = tuple(Requirement.model_validate(one) for one in expanded(own.fhir, own.profile))
        twice = [
            id_ for id_, number in Counter(one.id for one in (*made, *own.requirements)).items() if number > 1
        ]
        self.problems += [marked.problem(("fhir",), f"the block asks for {id_!r} twice") for id_ in twice]
        return own.model_copy(
            update={
                "fhir": None,
                "requirements": (*made, *own.requirements),
                "packages": own.fhir.packages,
            }
        )

    def _validated(self, marked: Marked) -> Profile | None:
        try:
            return Profile.model_validate(marked.value)
        except ValidationError as error:
            self.problems += [mistake_of(mistake, marked) for mistake in error.errors(include_url=False)]
            return None

    def _bases(self, marked: Marked, above: tuple[str, ...]) -> Iterator[tuple[Reference, Profile]]:
        for index, item in enumerate(list_of(marked.value.get("extends"))):
            path: Path = ("extends", index)
            try:
                reference = Reference.model_validate(item)
                base = self.resolved(reference, above)
            except ValidationError:
                continue  # already told as a mistake of shape
            except _Circle as circle:
                said = f"extends {reference.profile!r}, which in turn extends this profile: that goes in a circle"
                self.problems.append(marked.problem(path, f"{said} ({circle})"))
                continue
            except UsageError as error:
                self.problems.append(marked.problem(path, error.message))
                continue
            if base is None:
                continue
            if not VersionRange.read(reference.version).holds(base.version):
                said = (
                    f"asks for {reference.profile} {reference.version}, but {base.version} is what there is"
                )
                self.problems.append(marked.problem(path, said))
            elif not _is_path(reference.profile) and base.profile != reference.profile:
                said = (
                    f"asks for {reference.profile!r}, but the profile in that file is named {base.profile!r}"
                )
                self.problems.append(marked.problem(path, said))
            else:
                self.problems += idle(reference, base, marked, path)
                yield reference, base

    def _inherited(self, bases: Iterable[Profile], marked: Marked) -> dict[str, Requirement]:
        """The requirements of all bases; one that comes by two ways is the same one."""
        found: dict[str, Requirement] = {}
        for requirement in (r for base in bases for r in base.requirements):
            other = found.setdefault(requirement.id, requirement)
            if other != requirement:
                said = f"the requirement {other.id!r} is one thing in {other.origin}, another in {requirement.origin}"
                self.problems.append(marked.problem(("extends",), said))
        return found


class _Circle(Exception):
    """A profile extends itself, by way of others."""

    def __init__(self, files: list[str]) -> None:
        super().__init__(" > ".join(files))


def _is_path(name: str) -> bool:
    return "/" in name or name.endswith((".yaml", ".yml"))


def _ids_given_twice(marked: Marked, inherited: Mapping[str, Requirement]) -> Iterator[Problem]:
    seen = {id_: f"already in {requirement.origin}" for id_, requirement in inherited.items()}
    for index, requirement in enumerate(list_of(marked.value.get("requirements"))):
        id_ = mapping_of(requirement).get("id")
        if not isinstance(id_, str):
            continue
        path: Path = ("requirements", index, "id")
        if id_ in seen:
            yield marked.problem(path, f"the requirement id {id_!r} is given twice: {seen[id_]}")
        else:
            line, _ = marked.places.get(path, (0, 0))
            seen[id_] = f"the first time in line {line}"
