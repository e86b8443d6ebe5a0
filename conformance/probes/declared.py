"""Trying out what a capability statement declares."""

from collections.abc import Iterator
from typing import Any

from conformance.fhir.capability import needs_combinations, searchable_types
from conformance.fhir.search.parameters import kinds
from conformance.fhir.trial_values import Trial, trial_value
from conformance.plugin import Untestable, Wire, probe
from conformance.probes.request import with_query


@probe("declared-searches")
def declared_searches(wire: Wire, *, part: int = 1, of: int = 1) -> None:
    """Search once by each declared search parameter for which a well-formed value is known (label `declared`).

    Types whose parameters are declared for use in combination only are left out. `part` and `of` deal the
    parameters out over several steps, which can go side by side.
    """
    answer = wire.send("GET", "/metadata", label="metadata", shared=True)
    statement = answer.resource("CapabilityStatement") if answer.ok else None
    if statement is None:
        raise Untestable("the target gives no capability statement, so it is not known what it declares")
    for resource, name, trial in list(_trials(statement))[part - 1 :: of]:
        about = {"type": resource, "parameter": name, "value": "certain" if trial.certain else "unknown"}
        url = with_query(f"/{resource}", {name: trial.value, "_count": "1"})
        wire.send("GET", url, label="declared", about=about)


def _trials(statement: dict[str, Any]) -> Iterator[tuple[str, str, Trial]]:
    """The types and parameters to try, in order, each with a value."""
    for resource in searchable_types(statement):
        if not needs_combinations(statement, resource):
            for name, kind in sorted(kinds(statement, resource).items()):
                trial = trial_value(resource, name, kind)
                if trial is not None:
                    yield resource, name, trial
