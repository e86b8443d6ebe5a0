"""FHIRPath: an engine of our own. Parse, compile once, evaluate often.

```python
from conformance.fhir.fhirpath import compile_expression

compile_expression("Patient.name.given").evaluate(patient, model=model)
```

Source: FHIRPath N1 (http://hl7.org/fhirpath/N1/), the later functions of FHIRPath 2.1 and 3.0 that the official
suite tests, and FHIR R4 (https://hl7.org/fhir/R4/fhirpath.html).

Each name is loaded when it is first asked for: who only parses does not wait for the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.fhir.fhirpath.errors import (
        EvaluationError,
        ExpressionSyntaxError,
        FhirPathError,
        SemanticError,
        StepLimit,
        Undecided,
    )
    from conformance.fhir.fhirpath.expression import Expression, compile_expression, compile_invariant
    from conformance.fhir.fhirpath.model import DefinitionsModel
    from conformance.fhir.fhirpath.nodes import Node, location, root
    from conformance.fhir.fhirpath.parser import parse
    from conformance.fhir.fhirpath.services import UNKNOWN, Services
    from conformance.fhir.fhirpath.shapes import Model

__all__ = [
    "UNKNOWN",
    "DefinitionsModel",
    "EvaluationError",
    "Expression",
    "ExpressionSyntaxError",
    "FhirPathError",
    "Model",
    "Node",
    "SemanticError",
    "Services",
    "StepLimit",
    "Undecided",
    "compile_expression",
    "compile_invariant",
    "location",
    "parse",
    "root",
]

_HOMES = {
    "DefinitionsModel": "model",
    "EvaluationError": "errors",
    "Expression": "expression",
    "ExpressionSyntaxError": "errors",
    "FhirPathError": "errors",
    "Model": "shapes",
    "Node": "nodes",
    "SemanticError": "errors",
    "Services": "services",
    "StepLimit": "errors",
    "UNKNOWN": "services",
    "Undecided": "errors",
    "compile_expression": "expression",
    "compile_invariant": "expression",
    "location": "nodes",
    "parse": "parser",
    "root": "nodes",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
