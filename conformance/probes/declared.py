"""Trying out what a capability statement declares."""

from conformance.fhir.capability import needs_combinations, search_parameters, searchable_types
from conformance.fhir.trial_values import trial_value
from conformance.plugin import Untestable, Wire, probe


@probe("declared-searches")
def declared_searches(wire: Wire) -> None:
    """Search once by each declared search parameter for which a valid value is known (label `declared`).

    Types whose parameters are declared for use in combination only are left out.
    """
    answer = wire.send("GET", "/metadata", label="metadata")
    statement = answer.resource("CapabilityStatement") if answer.ok else None
    if statement is None:
        raise Untestable("the target gives no capability statement, so it is not known what it declares")
    for resource in searchable_types(statement):
        if needs_combinations(statement, resource):
            continue
        for name, kind in sorted(search_parameters(statement, resource).items()):
            value = trial_value(resource, name, kind)
            if value is not None:
                about = {"type": resource, "parameter": name}
                wire.send("GET", f"/{resource}?{name}={value}&_count=1", label="declared", about=about)
