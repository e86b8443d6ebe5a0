"""Trying out what a capability statement declares."""

from collections.abc import Iterator
from typing import Any

from conformance.fhir.capability import combinations, is_searchable_alone, searchable_types
from conformance.fhir.search.parameters import kinds
from conformance.fhir.trial_values import Trial, trial_value
from conformance.plugin import Untestable, Wire, probe
from conformance.probes.request import with_query


@probe("declared-searches")
def declared_searches(wire: Wire, *, part: int = 1, of: int = 1) -> None:
    """Search once by each declared search parameter for which a well-formed value is known (label `declared`).

    One that is declared for use in combination only is searched by together with the others of a combination. `part`
    and `of` deal the parameters out over several steps, which can go side by side.
    """
    answer = wire.send("GET", "/metadata", label="metadata", shared=True)
    statement = answer.resource("CapabilityStatement") if answer.ok else None
    if statement is None:
        raise Untestable("the target gives no capability statement, so it is not known what it declares")
    for resource, trials in list(_trials(statement))[part - 1 :: of]:
        certain = all(trial.certain for trial in trials.values())
        about = {
            "type": resource,
            "parameter": "+".join(trials),
            "value": "certain" if certain else "unknown",
        }
        asked: dict[str, str | list[str]] = {name: trial.value for name, trial in trials.items()}
        url = with_query(f"/{resource}", asked | {"_count": "1"})
        wire.send("GET", url, label="declared", about=about)


def _trials(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Trial]]]:
    """The types and the parameters to try together, most alone, in order, each with a value."""
    for resource in searchable_types(statement):
        declared = kinds(statement, resource)
        values = {name: trial_value(resource, name, declared[name]) for name in sorted(declared)}
        known = {name: trial for name, trial in values.items() if trial is not None}
        seen: set[frozenset[str]] = set()
        for name in known:
            names = _with_others(statement, resource, name, known)
            if names and frozenset(names) not in seen:
                seen.add(frozenset(names))
                yield resource, {each: known[each] for each in names}


def _with_others(
    statement: dict[str, Any], resource: str, name: str, known: dict[str, Trial]
) -> tuple[str, ...]:
    """The parameter, with those beside which it is declared where it is not for use alone; nothing if one has no value.

    A parameter that no combination names is left out: what it goes with is not said.
    """
    if is_searchable_alone(statement, resource, name):
        return (name,)
    declared = combinations(statement, resource)
    naming = [one for one in declared if name in {*one.required, *one.optional}]
    ready = [one for one in naming if set(one.required) <= known.keys()]
    return tuple(dict.fromkeys([*ready[0].required, name])) if ready else ()
