"""What FHIR packages define: structures as one neutral element table, value sets, code systems, errata."""

from functools import cache

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.definitions.shipped import Shipped

__all__ = ["DefinitionProblem", "Definitions", "r4"]


@cache
def r4() -> Definitions:
    """The definitions of FHIR R4 4.0.1 as they are shipped; the same object each time."""
    return Definitions((Shipped(),))
