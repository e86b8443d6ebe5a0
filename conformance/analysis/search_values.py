"""What a resource holds for a search parameter of R4, as the parameter's own expression finds it.

See https://hl7.org/fhir/R4/searchparameter-registry.html.
"""

import re
from functools import cache
from typing import Any

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.search import SearchParameter
from conformance.fhir.elements import Resource
from conformance.fhir.fhirpath import DefinitionsModel, FhirPathError, Node, compile_invariant
from conformance.fhir.references import named
from conformance.plugin import NotJudgeable

_RESOLVED = re.compile(r"\.where\(resolve\(\) is (\w+)\)")


@cache
def _model() -> DefinitionsModel:
    return DefinitionsModel(r4())


@cache
def parameter(resource_type: str, name: str) -> SearchParameter | None:
    """The parameter of R4 that goes by this name for the type; None where R4 has none."""
    known = r4().search_parameters(resource_type)
    return next((one for one in known if one.code == name), None)


def held(resource: Resource, name: str) -> tuple[Any, ...]:
    """The values, as they stand in the resource's JSON, that a search by this parameter looks at.

    Conditions on the type of what a reference leads to are left out. Raises NotJudgeable where R4 has no such
    parameter, or where its expression cannot be evaluated.
    """
    kind = str(resource.get("resourceType"))
    known = parameter(kind, name)
    if known is None or not known.expression:
        raise NotJudgeable(f"{name} is no search parameter of {kind} in R4, so its values are not known")
    try:
        items = compile_invariant(_RESOLVED.sub("", known.expression)).evaluate(resource, model=_model())
    except FhirPathError as error:
        raise NotJudgeable(f"what {name} looks at in {kind} could not be evaluated: {error}") from error
    return tuple(item.value if isinstance(item, Node) else item for item in items)


def referred(resource: Resource, name: str, target: str = "") -> tuple[str, ...]:
    """`Type/id` of each resource that the parameter's references name by its id, of that type where one is given.

    Raises NotJudgeable as `held` does.
    """
    known = parameter(str(resource.get("resourceType")), name)
    only = _RESOLVED.search(known.expression) if known is not None else None
    wanted = target or (only[1] if only else "")
    literal = (named(value.get("reference")) for value in held(resource, name) if isinstance(value, dict))
    return tuple(dict.fromkeys(one for one in literal if one and wanted in {"", one.partition("/")[0]}))
