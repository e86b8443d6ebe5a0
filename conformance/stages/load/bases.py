"""What a profile takes over of others and what it changes of that: each mistake at its place."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from conformance.errors import Problem, closest
from conformance.model.base import sha256
from conformance.model.composition import Base, Change, ChangeKind, Override
from conformance.model.marked_yaml import Marked, Path, mapping_of
from conformance.model.policy import Advisory
from conformance.model.profile import Parameter, Profile, Reference, Requirement
from conformance.stages.load.choosing import chosen


def pinned(reference: Reference, base: Profile) -> Base:
    """Which profile was found for a reference."""
    return Base(
        profile=base.profile,
        asked=reference.version,
        version=base.version,
        sha256=sha256(base.canonical()),
    )


def _left_out(reference: Reference, base: Profile, kept: Profile, by: str) -> Iterator[Change]:
    """The change that taking over only some of a base's requirements is."""
    if len(kept.requirements) < len(base.requirements):
        words = {"only": reference.only, "without": reference.without}
        yield Change(
            kind=ChangeKind.LEFT_OUT,
            name="requirements",
            of=base.label,
            by=by,
            was=len(base.requirements),
            now=len(kept.requirements),
            reason="; ".join(f"{name}: {', '.join(said)}" for name, said in words.items() if said),
        )


def parameter_conflicts(bases: Iterable[Profile], own: Iterable[str], marked: Marked) -> Iterator[Problem]:
    """A problem for each parameter that two bases set otherwise, and this profile does not set itself."""
    found: dict[str, tuple[Parameter, Profile]] = {}
    for base in bases:
        for name, parameter in base.parameters.items():
            other, owner = found.setdefault(name, (parameter, base))
            if other.default != parameter.default and name not in own:
                said = (
                    f"the parameter {name!r} is {other.default!r} in {owner.label} and {parameter.default!r} in "
                    f"{base.label}: set it here, with its `basis`"
                )
                yield marked.problem(("extends",), said)


def changes(
    own: Profile,
    references: Iterable[tuple[Reference, Profile]],
    taken_over: Mapping[str, Parameter],
    levels: Iterable[Change],
) -> Iterator[Change]:
    """All that was changed of other profiles on the way to this one: by those it extends, and by itself."""
    of: dict[str, str] = {}
    for reference, base in references:
        kept = chosen(base, reference)
        there = {*(r.id for r in kept.requirements), *kept.parameters}
        yield from (one for one in base.changes if one.kind is ChangeKind.LEFT_OUT or one.name in there)
        yield from _left_out(reference, base, kept, own.label)
        of |= dict.fromkeys(kept.parameters, base.label)
    yield from levels
    yield from _parameter_changes(taken_over, own, of)


def _parameter_changes(
    taken_over: Mapping[str, Parameter], own: Profile, of: Mapping[str, str]
) -> Iterator[Change]:
    """The parameters of other profiles that this one sets otherwise."""
    for name, parameter in own.parameters.items():
        was = taken_over.get(name)
        if was is not None and was.default != parameter.default:
            yield Change(
                kind=ChangeKind.PARAMETER,
                name=name,
                of=of[name],
                by=own.label,
                was=was.default,
                now=parameter.default,
                reason=parameter.basis,
            )


def parameter_problems(
    taken_over: Mapping[str, Parameter], own: Mapping[str, Parameter], marked: Marked
) -> Iterator[Problem]:
    """What is wrong with how this profile sets the parameters of others."""
    for name, parameter in own.items():
        was = taken_over.get(name)
        if was is None or was == parameter:
            continue
        path: Path = ("parameters", name)
        if type(was.default) is not type(parameter.default):
            wanted = type(was.default).__name__
            yield marked.problem(path, f"the parameter {name!r} is to be {wanted}, as where it comes from")
        if was.default != parameter.default and not parameter.basis:
            said = f"the parameter {name!r} of another profile is set otherwise: say why, as its `basis`"
            yield marked.problem(path, said)
        if was.buyer_only and not parameter.buyer_only:
            said = f"the parameter {name!r} is the buyer's only where it comes from: say `buyerOnly: true` here too"
            yield marked.problem(path, said)


class Overrides:
    """The levels that a profile gives to requirements of others; `problems` has those that cannot be."""

    def __init__(self, own: Profile, taken_over: Mapping[str, Requirement], marked: Marked) -> None:
        self.problems: list[Problem] = []
        self.changes: list[Change] = []
        self.advisories: list[Advisory] = []
        self.requirements = dict(taken_over)
        self._own = own
        self._marked = marked
        self._done: dict[str, int] = {}
        for index, override in enumerate(own.overrides):
            self._apply(index, override, taken_over)

    def _apply(self, index: int, override: Override, taken_over: Mapping[str, Requirement]) -> None:
        path: Path = ("overrides", index, "requirement")
        meant = [id_ for id_ in taken_over if fnmatchcase(id_, override.requirement)]
        if not meant:
            own = any(fnmatchcase(one.id, override.requirement) for one in self._own.requirements)
            near = closest(override.requirement, taken_over)
            said = (
                "is this profile's own: give it its level there"
                if own
                else f"is none that it takes over{near}"
            )
            self._tell(path, f"the requirement {override.requirement!r} {said}")
        changed = [id_ for id_ in meant if self._change(path, index, override, taken_over[id_])]
        if meant and not changed and not self.problems:
            self._tell(path, f"{override.requirement!r} has the level {override.level} already")

    def _change(self, path: Path, index: int, override: Override, was: Requirement) -> bool:
        if was.level is override.level and override.required_from is None:
            return False
        if was.id in self._done:
            said = f"the level of {was.id!r} is overridden twice: first as number {self._done[was.id] + 1}"
            self._tell(path, said)
            return True
        self._done[was.id] = index
        if was.level.forbids is not override.level.forbids and override.level.strength:
            said = (
                f"{was.id!r} says {was.level}, which cannot become {override.level}: that says the opposite"
            )
            self._tell(path, said)
            return True
        raised = override.level.strength > was.level.strength
        if not raised and not override.derogation:
            if was.level is override.level:
                said = f"{was.id!r} is {was.level} already, and would be only later: that needs a named `derogation`"
            else:
                said = f"{was.id!r} is {was.level} in {was.origin}: lowering it to {override.level} needs a named "
                said += "`derogation`"
            self._tell(path, said)
            return True
        self.requirements[was.id] = was.model_copy(update={"level": override.level})
        self.changes.append(
            Change(
                kind=ChangeKind.RAISED if raised else ChangeKind.LOWERED,
                name=was.id,
                of=was.origin,
                by=self._own.label,
                was=was.level.value,
                now=_level(override),
                reason=override.reason,
                derogation=override.derogation,
            )
        )
        if override.required_from is not None:
            self.advisories.append(_later(was.id, override))
        return True

    def _tell(self, path: Path, said: str) -> None:
        self.problems.append(self._marked.problem(path, said))


def _level(override: Override) -> str:
    since = f" from {override.required_from}" if override.required_from else ""
    return f"{override.level}{since}"


def _later(id_: str, override: Override) -> Advisory:
    return Advisory(
        requirements=(id_,), until=override.required_from, reason=f"required from {override.required_from}"
    )


def required_later(requirements: Iterable[Requirement]) -> Iterator[Advisory]:
    """The advisories that the days from which requirements are required come to."""
    for one in requirements:
        if one.required_from is not None:
            yield Advisory(
                requirements=(one.id,), until=one.required_from, reason=f"required from {one.required_from}"
            )


def names_given(marked: Marked) -> set[str]:
    """The parameters that the profile itself states, by its YAML."""
    return set(mapping_of(mapping_of(marked.value).get("parameters")))
