"""What a resource holds for a search parameter of R4, for whoever needs the values as they stand in its JSON."""

from typing import Any

from conformance.fhir.elements import Resource
from conformance.fhir.references import named
from conformance.fhir.search.held import Held
from conformance.fhir.search.parameters import held_values, known
from conformance.plugin import NotJudgeable


def held(resource: Resource, name: str) -> tuple[Any, ...]:
    """The values that a search by this parameter looks at.

    Raises NotJudgeable where R4 has no such parameter, or where it cannot be told which values are meant.
    """
    values, whole = _values(resource, name)
    if not whole:
        raise NotJudgeable(f"what {name} looks at in {resource.get('resourceType')} cannot be told wholly")
    return tuple(one.value for one in values)


def referred(resource: Resource, name: str, target: str = "") -> tuple[str, ...]:
    """`Type/id` of each resource that the parameter's references name by its id, of that type where one is given.

    Raises NotJudgeable where R4 has no such parameter.
    """
    values, _ = _values(resource, name)
    literal = (named(one.value.get("reference")) for one in values if isinstance(one.value, dict))
    return tuple(dict.fromkeys(one for one in literal if one and target in {"", one.partition("/")[0]}))


def _values(resource: Resource, name: str) -> tuple[list[Held], bool]:
    kind = str(resource.get("resourceType"))
    parameter = known(kind, name)
    if parameter is None:
        raise NotJudgeable(f"{name} is no search parameter of {kind} in R4, so its values are not known")
    return held_values(resource, parameter)
