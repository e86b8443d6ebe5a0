"""The variables that every expression has: `%context`, `%resource`, `%rootResource`, and FHIR's constants.

Source: FHIRPath N1, 9; FHIR R4, fhirpath.html#vars.
"""

from conformance.errors import closest
from conformance.fhir.fhirpath.environment import Env
from conformance.fhir.fhirpath.errors import EvaluationError
from conformance.fhir.fhirpath.nodes import Items, resource_of, root_resource_of

_CONSTANTS = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
}
_PREFIXES = {
    "vs-": "http://hl7.org/fhir/ValueSet/",
    "ext-": "http://hl7.org/fhir/StructureDefinition/",
}
_CONTEXTUAL = ("context", "resource", "rootResource")


def is_standard(name: str) -> bool:
    """Whether a name is one of these variables."""
    return constant(name) is not None or name in _CONTEXTUAL


def constant(name: str) -> Items | None:
    """The value of a variable that is the same everywhere; None for any other name."""
    if name in _CONSTANTS:
        return (_CONSTANTS[name],)
    for prefix, url in _PREFIXES.items():
        if name.startswith(prefix):
            return (url + name.removeprefix(prefix),)
    return None


def lookup(env: Env, name: str) -> Items:
    """The value of a variable. Raises EvaluationError where there is none of this name."""
    found = env.variables.get(name)
    if found is not None:
        return found
    if name == "context":
        return env.context
    if name in _CONTEXTUAL:
        node = env.node()
        if node is None:
            return env.context
        return (resource_of(node) if name == "resource" else root_resource_of(node),)
    known = {*env.variables, *_CONTEXTUAL, *_CONSTANTS}
    raise EvaluationError(f"there is no variable %{name}{closest(name, known)}")
