"""What the GP system declares: one statement for Foundations and appointments, another for the structured record."""

from typing import Any

from conformance.reference.gp_connect import terms

Json = dict[str, Any]

_OPERATION = "https://fhir.nhs.uk/STU3/OperationDefinition/GPConnect-GetStructuredRecord-Operation-1"
_SEARCHES = {
    "Patient": (("identifier", "token"),),
    "Slot": (("status", "token"), ("start", "date"), ("end", "date")),
}
_INTERACTIONS = {
    "Patient": ("read", "search-type"),
    "Organization": ("read",),
    "Practitioner": ("read",),
    "Location": ("read",),
    "Slot": ("search-type",),
    "Appointment": ("read", "create", "update", "search-type"),
}
_INCLUDES = [
    "Slot:schedule",
    "Schedule:actor:Practitioner",
    "Schedule:actor:Location",
    "Location:managingOrganization",
]


def appointments_statement(today: str) -> Json:
    """The capability statement of Foundations and Appointment Management."""
    used = [
        terms.PATIENT,
        terms.ORGANIZATION,
        terms.PRACTITIONER,
        terms.LOCATION,
        terms.OUTCOME,
        terms.APPOINTMENT,
        terms.SCHEDULE,
        terms.SLOT,
    ]
    return _statement(today, used, [_resource(kind) for kind in sorted(_INTERACTIONS)], [])


def structured_statement(today: str) -> Json:
    """The capability statement of Access Record Structured."""
    used = [
        terms.BUNDLE,
        terms.PATIENT,
        terms.ALLERGY,
        terms.MEDICATION,
        terms.STATEMENT,
        terms.REQUEST,
        terms.LIST,
    ]
    operation = {"name": "gpc.getstructuredrecord", "definition": {"reference": _OPERATION}}
    return _statement(today, used, [], [operation])


def _statement(today: str, used: list[str], resources: list[Json], operations: list[Json]) -> Json:
    rest: Json = {"mode": "server", "security": {"cors": False}}
    rest |= {"resource": resources} if resources else {}
    rest |= {"operation": operations} if operations else {}
    return {
        "resourceType": "CapabilityStatement",
        "version": "1.2.7",
        "name": "GP Connect",
        "status": "active",
        "date": today,
        "publisher": "Lantern Clinical Systems Ltd",
        "kind": "capability",
        "software": {"name": "Lantern GP", "version": "3.2.0"},
        "fhirVersion": "3.0.1",
        "acceptUnknown": "both",
        "format": ["application/fhir+json"],
        "profile": [{"reference": one} for one in used],
        "rest": [rest],
    }


def _resource(kind: str) -> Json:
    found: Json = {"type": kind, "interaction": [{"code": code} for code in _INTERACTIONS[kind]]}
    if kind == "Appointment":
        found["updateCreate"] = False
    if kind == "Slot":
        found["searchInclude"] = _INCLUDES
    if kind in _SEARCHES:
        found["searchParam"] = [{"name": name, "type": type_} for name, type_ in _SEARCHES[kind]]
    return found
