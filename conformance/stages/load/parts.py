"""Parts with a result of their own: which of them a profile takes over, and what is wrong with those it states."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from conformance.errors import Problem, closest
from conformance.model.marked_yaml import Marked
from conformance.model.profile import Profile, Requirement, SubVerdict


def kept_parts(parts: Iterable[SubVerdict], requirements: Iterable[Requirement]) -> tuple[SubVerdict, ...]:
    """The parts over those of their requirements that are left; one of which none is left has nothing to say."""
    left = tuple(requirements)
    shown = (
        part.model_copy(
            update={"requirements": tuple(p for p in part.requirements if _has(p, _countable(part, left)))}
        )
        for part in parts
    )
    return tuple(part for part in shown if part.requirements)


def taken_over_parts(bases: Iterable[Profile], own: Profile) -> dict[str, SubVerdict]:
    """The parts of all bases by their ids, but for those that the profile states itself.

    A part that comes by two ways covers what it covers by either.
    """
    restated = {part.id for part in own.sub_verdicts}
    found: dict[str, SubVerdict] = {}
    for part in (part for base in bases for part in base.sub_verdicts if part.id not in restated):
        other = found.setdefault(part.id, part)
        both = tuple(dict.fromkeys((*other.requirements, *part.requirements)))
        found[part.id] = other.model_copy(update={"requirements": both})
    return found


def part_problems(
    bases: Sequence[Profile], own: Profile, requirements: Mapping[str, Requirement], marked: Marked
) -> Iterator[Problem]:
    """A problem for each pattern that matches nothing, and for each part that two bases mean differently."""
    for index, part in enumerate(own.sub_verdicts):
        countable = _countable(part, requirements.values())
        for number, pattern in enumerate(part.requirements):
            if not _has(pattern, countable):
                rests = " or ".join(part.rests_on)
                said = f"{pattern!r} matches no {rests} requirement{closest(pattern, countable)}"
                yield marked.problem(("subVerdicts", index, "requirements", number), said)
    taken_over = taken_over_parts(bases, own)
    for base in bases:
        for part in base.sub_verdicts:
            first = taken_over.get(part.id, part)
            if (first.title, first.rests_on) != (part.title, part.rests_on):
                said = f"the part {part.id!r} is another in {base.label} than in what is named before: state it here"
                yield marked.problem(("extends",), said)


def _countable(part: SubVerdict, requirements: Iterable[Requirement]) -> list[str]:
    """The ids of the requirements that the methods of the part judge."""
    return [requirement.id for requirement in requirements if requirement.method in part.rests_on]


def _has(pattern: str, ids: Iterable[str]) -> bool:
    return any(fnmatchcase(id_, pattern) for id_ in ids)
