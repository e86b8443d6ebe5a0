"""What a profile takes over of another: the requirements that it chooses, and what belongs to them."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from conformance.model.marked_yaml import Marked, Path
from conformance.model.placeholders import named
from conformance.model.policy import Advisory
from conformance.model.profile import Discovery, Profile, Reference, Requirement
from conformance.stages.load.parts import kept_parts


def chosen(base: Profile, reference: Reference) -> Profile:
    """The base with those of its requirements that the reference asks for, and the parameters and parts of these.

    A reference without `only` and `without` takes it over as it is.
    """
    if not (reference.only or reference.without):
        return base
    kept = tuple(
        r
        for r in base.requirements
        if _matches(r.id, reference.only or ("*",)) and not _matches(r.id, reference.without)
    )
    advisories = tuple(a for a in base.advisories if any(a.covers(r.id) for r in kept))
    needed = _parameters(kept, advisories) | {
        name for _, name in named(base.discover and base.discover.plain())
    }
    presets = [
        preset.model_copy(update={"values": {n: v for n, v in preset.values.items() if n in needed}})
        for preset in base.presets
    ]
    return base.model_copy(
        update={
            "requirements": kept,
            "sub_verdicts": kept_parts(base.sub_verdicts, kept),
            "advisories": advisories,
            "presets": tuple(preset for preset in presets if preset.values),
            "parameters": {n: p for n, p in base.parameters.items() if n in needed or p.fixed},
        }
    )


def discovery_of(profiles: Iterable[Profile]) -> Discovery:
    """Where the targets of these together declare what they offer: as an OpenAPI description where one says so."""
    asked = {profile.discovery for profile in profiles}
    return Discovery.OPENAPI if Discovery.OPENAPI in asked else Discovery.FHIR


def idle(reference: Reference, base: Profile, marked: Marked, path: Path) -> Iterator[Any]:
    """A problem for each pattern of the reference that chooses nothing."""
    for member in ("only", "without"):
        for index, pattern in enumerate(getattr(reference, member)):
            if not any(fnmatchcase(r.id, pattern) for r in base.requirements):
                said = f"{pattern!r} matches no requirement of {base.profile}"
                yield marked.problem((*path, member, index), said)


def each_once(stated: Iterable[Any]) -> tuple[Any, ...]:
    """What several profiles state, without what comes by two ways."""
    found: list[Any] = []
    found.extend(one for one in stated if one not in found)
    return tuple(found)


def _matches(id_: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(id_, pattern) for pattern in patterns)


def _parameters(requirements: Iterable[Requirement], advisories: Iterable[Advisory]) -> set[str]:
    used = {name for r in requirements for is_parameter, name in named(r.plain()) if is_parameter}
    return used | {name for a in advisories if a.while_ for name in a.while_.names}
