"""Short ways to say a profile and to hear what `explain` says of a resource."""

from functools import cache
from typing import Any

from watched import Watched

from conformance.fhir.definitions import Definitions, r4
from conformance.fhir.packages.package import from_resources
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Outcome
from conformance.fhir.validation.leeway import Allowed, Leeway
from conformance.fhir.validation.validator import Validator

EXAMPLES = Leeway(frozenset({Allowed.EXAMPLE_URLS}))
BASE = "http://hl7.org/fhir/StructureDefinition/"
URL = "http://test.example/StructureDefinition/"
Json = dict[str, Any]


def profile(kind: str, *elements: Json, name: str = "profile") -> Json:
    """A profile on a type; each element is a row of its differential, with a path relative to the type."""
    rows = []
    for element in elements:
        path = f"{kind}.{element['path']}" if element["path"] else kind
        rows.append({**element, "path": path, "id": f"{kind}.{element['id']}" if "id" in element else path})
    return {
        "resourceType": "StructureDefinition",
        "url": URL + name,
        "name": name,
        "status": "draft",
        "fhirVersion": "4.0.1",
        "kind": "complex-type" if kind in {"Extension", "HumanName"} else "resource",
        "abstract": False,
        "type": kind,
        "baseDefinition": BASE + kind,
        "derivation": "constraint",
        "differential": {"element": rows},
    }


def validator(*resources: Json, structures: tuple[str, ...] | None = None) -> Validator:
    """A validator with further definitions; the first of them is asked of every resource unless told otherwise."""
    definitions = from_resources(resources, base=r4()) if resources else r4()
    asked = structures if structures is not None else tuple(row["url"] for row in resources[:1])
    return Watched(definitions, Terminology(definitions), structures=asked, leeway=EXAMPLES)


@cache
def base() -> Validator:
    """The validator that knows R4 alone."""
    return Watched(r4(), Terminology(r4()), leeway=EXAMPLES)


def errors(outcome: Outcome) -> list[tuple[str, str]]:
    """Message id and place of each error."""
    return [(issue.message_id, issue.expression) for issue in outcome.issues if issue.is_error]


def core() -> Definitions:
    """The definitions of R4."""
    return r4()
