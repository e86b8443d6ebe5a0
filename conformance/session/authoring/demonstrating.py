"""What the reference supplier demonstrates: the world that a profile needs, the faults that show there, an index."""

from collections import defaultdict
from collections.abc import Iterable

from conformance.catalog import Catalog
from conformance.model.profile import Requirement
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.table import FAULTS
from conformance.reference.worlds.table import World, world_of
from conformance.session.authoring.bites import calls_of
from conformance.session.suites import profile_named


def world_for(requirements: Iterable[Requirement]) -> World:
    """The world that requirements are demonstrated on, by the profiles that they come from."""
    return world_of(*dict.fromkeys(one.origin.partition("@")[0] for one in requirements))


def shows(fault: Fault, world: World) -> bool:
    """Whether a fault can come into play in a world: one that has an application of its own has its own faults."""
    own = world_of(fault.profile)
    return own is world or not (own.create_app or world.create_app)


def index(catalog: Catalog) -> dict[str, list[str]]:
    """The names of faults by `probe check`, made of the faults and the shipped profiles that they belong to.

    A fault may explain the failure of requirements of other profiles than its own.
    """
    of_profile = {
        name: {r.id: r for r in profile_named(name, catalog).requirements}
        for name in dict.fromkeys(fault.profile for fault in FAULTS)
    }
    anywhere = {id_: one for requirements in of_profile.values() for id_, one in requirements.items()}
    found: dict[str, set[str]] = defaultdict(set)
    for fault in FAULTS:
        for name in (fault.requirement, *fault.also):
            requirement = of_profile[fault.profile].get(name) or anywhere[name]
            for call in calls_of(requirement.tests):
                found[call].add(fault.name)
    return {call: sorted(found[call]) for call in sorted(found)}
