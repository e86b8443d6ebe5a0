"""Trying out what a capability statement declares."""

from collections.abc import Iterator
from typing import Any

from conformance.fhir.capability import needs_combinations, search_parameters, searchable_types
from conformance.fhir.trial_values import trial_value
from conformance.plugin import Untestable, Wire, probe


@probe("declared-searches")
def declared_searches(wire: Wire, *, part: int = 1, of: int = 1) -> None:
    """Search once by each declared search parameter for which a valid value is known (label `declared`).

    Types whose parameters are declared for use in combination only are left out. `part` and `of` deal the
    parameters out over several steps, which can go side by side.
    """
    answer = wire.send("GET", "/metadata", label="metadata")
    statement = answer.resource("CapabilityStatement") if answer.ok else None
    if statement is None:
        raise Untestable("the target gives no capability statement, so it is not known what it declares")
    for resource, name, value in list(_trials(statement))[part - 1 :: of]:
        about = {"type": resource, "parameter": name}
        wire.send("GET", f"/{resource}?{name}={value}&_count=1", label="declared", about=about)


def _trials(statement: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The types and parameters to try, in order, each with a valid value."""
    for resource in searchable_types(statement):
        if not needs_combinations(statement, resource):
            for name, kind in sorted(search_parameters(statement, resource).items()):
                value = trial_value(resource, name, kind)
                if value is not None:
                    yield resource, name, value
