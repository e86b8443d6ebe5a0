"""What a target declares, and a sample of what it holds: the evidence that slots and gates rest on."""

from conformance.fhir.capability import searchable_types
from conformance.plugin import Credentials, Exchange, Wire, probe

SAMPLE = 50


@probe("discover")
def discover(wire: Wire) -> None:
    """Ask for the capability statement, the SMART configuration, and some resources of each searchable type.

    Anybody may ask for a capability statement (https://hl7.org/fhir/R4/http.html#capabilities), so it is tried
    without credentials first; the answer that counts, labelled `metadata`, was asked for with the tester's own
    only where that did not succeed.
    """
    anonymous = wire.send("GET", "/metadata", label="metadata-anonymous", credentials="none")
    statement = _statement(wire, "none" if anonymous.ok else "own")
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


def _statement(wire: Wire, credentials: Credentials) -> Exchange:
    return wire.send("GET", "/metadata", label="metadata", credentials=credentials)
