"""Comparing two versions of a profile: every change with what it means for who relies on it.

Both are compared as they come to, with all that they extend, so that a change of a base shows as what it does. A
changed text counts as words only: whether the sense changed, no tool can tell, and the difference says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.model.difference import Difference, Effect, ProfileDifference, deserved
from conformance.model.policy import Advisory
from conformance.model.profile import Method, Parameter, Phase, Profile, Requirement
from conformance.session.authoring.difference_tests import of_tests

TOLD = {"source": "its source", "untested": "why it is untested", "out_of_scope": "why it is out of scope"}
WORDS = ("title", "publisher", "description", "status")


def compared(old: Profile, new: Profile) -> ProfileDifference:
    """What differs between two versions of a profile."""
    found = tuple(sorted(_all(old, new), key=lambda one: list(Effect).index(one.effect)))
    return ProfileDifference(
        old=old.label,
        new=new.label,
        stated=new.version,
        deserved=deserved(old.version, frozenset(one.effect for one in found)),
        differences=found,
    )


def _all(old: Profile, new: Profile) -> Iterator[Difference]:
    yield from _of_whole(old, new)
    was, now = ({r.id: r for r in profile.requirements} for profile in (old, new))
    for id_ in sorted(was.keys() - now.keys()):
        yield Difference(effect=Effect.BREAKING, where=id_, said=f"is gone (it was {was[id_].level})")
    for id_, one in now.items():
        if id_ not in was:
            yield Difference(
                effect=Effect.STRENGTHENING, where=id_, said=f"is new ({one.level}, {one.method})"
            )
        else:
            yield from _of_requirement(was[id_], one)
    yield from _of_parameters(old.parameters, new.parameters)
    yield from _of_advisories(old, new)
    presets = [{p.preset: p.plain() for p in profile.presets} for profile in (old, new)]
    yield from _of_named(presets[0], presets[1], "preset", Effect.RELAXING)
    parts = [{part.id: part.plain() for part in profile.sub_verdicts} for profile in (old, new)]
    yield from _of_named(parts[0], parts[1], "part with a result of its own", Effect.STRENGTHENING)


def _of_whole(old: Profile, new: Profile) -> Iterator[Difference]:
    if old.profile != new.profile:
        said = f"was {old.profile}: who asks for it by that name finds it no more"
        yield Difference(effect=Effect.BREAKING, where="profile", said=said)
    if old.fhir_version != new.fhir_version:
        said = f"was {old.fhir_version or 'not stated'}, is {new.fhir_version or 'not stated'}"
        yield Difference(effect=Effect.BREAKING, where="fhirVersion", said=said)
    if old.packages != new.packages:
        gone = set(old.packages) - set(new.packages)
        effect = Effect.BREAKING if gone else Effect.STRENGTHENING
        said = f"were {', '.join(old.packages) or 'none'}, are {', '.join(new.packages) or 'none'}"
        yield Difference(effect=effect, where="packages", said=said)
    was, now = set(old.gated), set(new.gated)
    if now - was:
        said = f"what is {' and '.join(sorted(now - was))} decides the result now"
        yield Difference(effect=Effect.STRENGTHENING, where="gates", said=said)
    if was - now:
        said = f"what is {' and '.join(sorted(was - now))} decides the result no more"
        yield Difference(effect=Effect.RELAXING, where="gates", said=said)
    for name in WORDS:
        if getattr(old, name) != getattr(new, name):
            yield Difference(effect=Effect.EDITORIAL, where=name, said="says something else")
    if [(b.profile, b.version) for b in old.bases] != [(b.profile, b.version) for b in new.bases]:
        labels = (", ".join(f"{b.profile}@{b.version}" for b in p.bases) or "nothing" for p in (old, new))
        yield Difference(effect=Effect.EDITORIAL, where="extends", said=" became ".join(labels))


def _of_requirement(was: Requirement, now: Requirement) -> Iterator[Difference]:
    yield from _of_level(was, now)
    yield from _of_method(was, now)
    phases = list(Phase)
    if was.phase is not now.phase:
        earlier = phases.index(now.phase) < phases.index(was.phase)
        effect = Effect.STRENGTHENING if earlier else Effect.RELAXING
        yield Difference(
            effect=effect, where=now.id, said=f"applies from {now.phase} on, not from {was.phase}"
        )
    if was.required_from != now.required_from:
        later = now.required_from is not None and (
            was.required_from is None or now.required_from > was.required_from
        )
        effect = Effect.RELAXING if later else Effect.STRENGTHENING
        days = (one.required_from or "the first day" for one in (now, was))
        said = f"is required from {' on, not from '.join(map(str, days))}"
        yield Difference(effect=effect, where=now.id, said=said)
    for effect, said in of_tests(was, now):
        yield Difference(effect=effect, where=now.id, said=said)
    if was.text != now.text:
        said = "its text says it otherwise: if it means something else, that is breaking"
        yield Difference(effect=Effect.EDITORIAL, where=now.id, said=said)
    for name, words in TOLD.items():
        if getattr(was, name) and getattr(now, name) and getattr(was, name) != getattr(now, name):
            yield Difference(effect=Effect.EDITORIAL, where=now.id, said=f"{words} is told otherwise")


def _of_level(was: Requirement, now: Requirement) -> Iterator[Difference]:
    if was.level is now.level:
        return
    said = f"was {was.level}, is {now.level}"
    if was.level.forbids is not now.level.forbids:
        yield Difference(effect=Effect.BREAKING, where=now.id, said=said)
    elif now.level.strength > was.level.strength:
        yield Difference(effect=Effect.STRENGTHENING, where=now.id, said=said)
    else:
        yield Difference(effect=Effect.RELAXING, where=now.id, said=said)


def _of_method(was: Requirement, now: Requirement) -> Iterator[Difference]:
    if was.method is now.method:
        return
    effect = Effect.BREAKING
    if now.method is Method.OUT_OF_SCOPE:
        effect = Effect.RELAXING
    elif was.method is Method.OUT_OF_SCOPE:
        effect = Effect.STRENGTHENING
    yield Difference(effect=effect, where=now.id, said=f"was {was.method}, is {now.method}")


def _of_parameters(old: Mapping[str, Parameter], new: Mapping[str, Parameter]) -> Iterator[Difference]:
    for name in sorted(old.keys() - new.keys()):
        yield Difference(effect=Effect.BREAKING, where=f"parameter {name}", said="is gone")
    for name, now in new.items():
        where = f"parameter {name}"
        was = old.get(name)
        if was is None:
            yield Difference(effect=Effect.RELAXING, where=where, said=f"is new, {now.default!r} by default")
            continue
        if (was.default, was.unit) != (now.default, now.unit):
            said = f"was {was.default!r} {was.unit}".rstrip() + f", is {now.default!r} {now.unit}".rstrip()
            yield Difference(
                effect=Effect.BREAKING, where=where, said=f"{said}: that measures something else"
            )
        for flag, words in (("fixed", "be set by the buyer"), ("buyer_only", "be set in a self-test")):
            if getattr(was, flag) is not getattr(now, flag):
                closed = getattr(now, flag)
                effect = Effect.BREAKING if closed else Effect.RELAXING
                yield Difference(effect=effect, where=where, said=f"can{'not' * closed} {words} now")
        if was.basis != now.basis:
            yield Difference(effect=Effect.EDITORIAL, where=where, said="its basis is told otherwise")


def _of_advisories(old: Profile, new: Profile) -> Iterator[Difference]:
    """Advisories that came or went, without those that the days of requirements make, which are told there."""
    was, now = _advisories(old), _advisories(new)
    for key in sorted(was.keys() - now.keys()):
        said = f"bind more: no more “{was[key].said}”"
        yield Difference(effect=Effect.STRENGTHENING, where=", ".join(was[key].requirements), said=said)
    for key in sorted(now.keys() - was.keys()):
        said = f"bind less: “{now[key].said}”"
        yield Difference(effect=Effect.RELAXING, where=", ".join(now[key].requirements), said=said)


def _advisories(profile: Profile) -> dict[str, Advisory]:
    days = {r.id: r.required_from for r in profile.requirements}
    return {
        repr((a.requirements, a.while_, a.until)): a
        for a in profile.advisories
        if a.until is None or [days.get(id_) for id_ in a.requirements] != [a.until]
    }


def _of_named(
    old: Mapping[str, dict[str, Any]], new: Mapping[str, dict[str, Any]], what: str, added: Effect
) -> Iterator[Difference]:
    """Presets or parts by name: what is gone or other breaks what refers to it, but for words."""
    for name in _in_order(old, new):
        was, now = old.get(name), new.get(name)
        if was is None:
            yield Difference(effect=added, where=name, said=f"is a new {what}")
        elif now is None:
            yield Difference(effect=Effect.BREAKING, where=name, said=f"is no {what} any more")
        elif was != now:
            words = {"title", "basis"}
            substance = {k: v for k, v in was.items() if k not in words} != {
                k: v for k, v in now.items() if k not in words
            }
            effect = Effect.BREAKING if substance else Effect.EDITORIAL
            yield Difference(
                effect=effect, where=name, said=f"is another {what}" if substance else "is told otherwise"
            )


def _in_order(*several: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(name for names in several for name in names)
