"""What a target declares, and a sample of what it holds: the evidence that slots, rows and gates rest on."""

from collections.abc import Iterator

from conformance.analysis.samples import FOLLOWED, SAMPLE, SAMPLED, references, sampled
from conformance.fhir.capability import interactions, resources, searchable_types
from conformance.plugin import Exchange, Wire, probe

MOST_FOLLOWED = 10


@probe("discover")
def discover(wire: Wire) -> None:
    """Ask for the capability statement, the SMART configuration, and some resources of each type.

    Types that can be searched are searched. Of those that can only be read, a few are read to which the resources
    found refer. The capability statement that counts, labelled `metadata`, is the one that the tester gets with the
    credentials of all other requests: what a target declares to strangers only could else excuse it from its tests.
    """
    wire.send("GET", "/metadata", label="metadata-anonymous", credentials="none", shared=True)
    statement = wire.send("GET", "/metadata", label="metadata", shared=True)
    wire.send(
        "GET",
        "/.well-known/smart-configuration",
        label="smart",
        accept="application/json",
        credentials="none",
    )
    declared = statement.resource("CapabilityStatement") if statement.ok else None
    searchable = searchable_types(declared or {})
    answers = [
        wire.send("GET", f"/{kind}?_count={SAMPLE}", label=SAMPLED, about={"type": kind}, shared=True)
        for kind in searchable
    ]
    kinds = {entry["type"] for entry in resources(declared or {})} - set(searchable)
    readable = {kind for kind in kinds if "read" in interactions(declared or {}, kind)}
    for reference in _referred(answers, readable):
        wire.send("GET", f"/{reference}", label=FOLLOWED, about={"type": reference.partition("/")[0]})


def _referred(answers: list[Exchange], kinds: set[str]) -> Iterator[str]:
    """The first few resources of each of these types to which the resources found refer."""
    if not kinds:
        return
    found: dict[str, dict[str, None]] = {kind: {} for kind in kinds}
    for reference in (r for answer in answers for resource in sampled(answer) for r in references(resource)):
        kind = reference.partition("/")[0]
        if kind in found and len(found[kind]) < MOST_FOLLOWED:
            found[kind][reference] = None
    for kind in sorted(found):
        yield from found[kind]
