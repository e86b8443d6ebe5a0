"""The functions of FHIRPath and FHIR's additions, by name: `FUNCTIONS`."""

from conformance.fhir.fhirpath.functions import (
    aggregating,
    combining,
    conversion,
    existence,
    fhir,
    filtering,
    mathematics,
    moments,
    subsetting,
    texts,
    utility,
)
from conformance.fhir.fhirpath.functions.registry import Function, gathered

__all__ = ["FUNCTIONS", "Function"]

FUNCTIONS: dict[str, Function] = gathered(
    existence,
    filtering,
    subsetting,
    combining,
    conversion,
    texts,
    mathematics,
    moments,
    aggregating,
    utility,
    fhir,
)
