"""Making the index of what the named faults of the reference supplier demonstrate."""

from collections import defaultdict

from conformance.catalog import Catalog
from conformance.reference.faults import FAULTS
from conformance.session.authoring.bites import calls_of
from conformance.session.suites import profile_named


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
