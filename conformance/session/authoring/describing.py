"""Describing a profile: its calls in the words of the parts that they call."""

from collections.abc import Iterable, Iterator

from conformance.catalog import Catalog
from conformance.model.composition import ChangeKind
from conformance.model.policy import Advisory
from conformance.model.profile import Call, Profile, Requirement, Test
from conformance.model.profile_page import DescribedRequirement, HowTested, ProfilePage, Told
from conformance.plugin import Kind
from conformance.session.authoring.bites import noticing
from conformance.session.authoring.coverage import of_profiles


def described(profile: Profile, catalog: Catalog) -> ProfilePage:
    """The profile with each requirement's tests in words, and the coverage of the documents that it comes from."""
    return ProfilePage(
        profile=profile,
        requirements=tuple(_requirement(r, profile, catalog) for r in profile.requirements),
        coverage=tuple(of_profiles((profile.profile, *_whole_bases(profile)), catalog)),
    )


def _whole_bases(profile: Profile) -> Iterator[str]:
    """The profiles that this one takes over as they are: what they cover, it covers."""
    in_part = {change.of for change in profile.changes if change.kind is ChangeKind.LEFT_OUT}
    for base in profile.bases:
        if f"{base.profile}@{base.version}" not in in_part:
            yield base.profile


def _requirement(requirement: Requirement, profile: Profile, catalog: Catalog) -> DescribedRequirement:
    advisories = (
        [a for a in profile.advisories if a.covers(requirement.id)] if requirement.level.binding else []
    )
    return DescribedRequirement(
        requirement=requirement,
        conditions=tuple(_told("check", requirement.when, catalog)),
        tests=tuple(_test(test, catalog) for test in requirement.tests),
        advises=tuple(_advises(advisory) for advisory in advisories),
        faults=len(noticing(requirement)),
    )


def _test(test: Test, catalog: Catalog) -> HowTested:
    return HowTested(
        conditions=tuple(_told("check", test.when, catalog)),
        sends=tuple(_told("probe", (test.probe, *test.also), catalog)),
        cases=_cases(test, catalog),
        expects=tuple(_told("check", test.expect, catalog)),
    )


def _cases(test: Test, catalog: Catalog) -> str:
    """How many cases the test comes to, and with what its places are filled."""
    said = [f"{test.examples} cases" if test.examples > 1 else "one case"]
    if test.each is not None:
        (each,) = _told("enumerator", (test.each,), catalog)
        said = [f"a case for each of what `{each.name}` finds ({each.said}), {test.most} at the most"]
    if test.slots:
        filled = ", ".join(f"{{{name}}} from {path}" for name, path in test.slots.items())
        said.append(f"filled from the target's own data: {filled}")
    if test.draw:
        drawn = ", ".join(f"{{{name}}} by {call.name}" for name, call in test.draw.items())
        said.append(f"drawn when the suite is planned: {drawn}")
    return "; ".join(said)


def _told(kind: Kind, calls: Iterable[Call], catalog: Catalog) -> Iterator[Told]:
    for call in calls:
        summary, _, _ = catalog.find(kind, call.name).description.partition("\n\n")
        yield Told(name=call.name, said=" ".join(summary.split()), arguments=call.arguments)


def _advises(advisory: Advisory) -> str:
    if advisory.until is not None:
        return f"before {advisory.until}: {advisory.said}"
    condition = advisory.while_
    if condition is None:
        return f"always: {advisory.said}"
    if condition.lacks:
        return f"while {condition.parameter} does not name {condition.lacks!r}: {advisory.said}"
    return f"while {condition.parameter} is below {condition.below}: {advisory.said}"
