"""What a target declares, and a sample of what it holds: the evidence that slots and gates rest on."""

from conformance.fhir.capability import searchable_types
from conformance.plugin import Wire, probe

SAMPLE = 50


@probe("discover")
def discover(wire: Wire) -> None:
    """Ask for the capability statement, the SMART configuration, and some resources of each searchable type.

    The capability statement that counts, labelled `metadata`, is the one that the tester gets with the credentials
    of all other requests: what a target declares to strangers only could else excuse it from its tests.
    """
    wire.send("GET", "/metadata", label="metadata-anonymous", credentials="none")
    statement = wire.send("GET", "/metadata", label="metadata")
    wire.send(
        "GET",
        "/.well-known/smart-configuration",
        label="smart",
        accept="application/json",
        credentials="none",
    )
    declared = statement.resource("CapabilityStatement") if statement.ok else None
    for kind in searchable_types(declared or {}):
        wire.send("GET", f"/{kind}?_count={SAMPLE}", label="sample", about={"type": kind})
