"""The faults of a server that says of its searches what would excuse them from being tried."""

from collections.abc import Callable
from typing import Any

from conformance.reference.faults.fault import Change, Fault, fault, rest, search, together, values

Json = dict[str, Any]

_COMBINATION = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-parameter-combination"
_OWN = "https://harbour.example.org/fhir/SearchParameter"
_PAIR = 2
_READS_AND_WRITES = frozenset({"read", "search-type", "create", "update", "patch", "delete"})


def _each_type(change: Callable[[Json], Json]) -> Change:
    """The capability statement with each of its resource types changed."""

    def changed(statement: Json) -> Json:
        first, *others = statement["rest"]
        return {
            **statement,
            "rest": [{**first, "resource": [change(one) for one in first["resource"]]}, *others],
        }

    return rest(capability=changed)


def _defined_anew(resource: Json) -> Json:
    """Each search parameter has a definition of the supplier's own."""
    searches = [
        {**one, "definition": f"{_OWN}/{resource['type']}-{one['name']}"} for one in resource["searchParam"]
    ]
    return {**resource, "searchParam": searches}


def _combined(names: tuple[str, ...]) -> Json:
    return {
        "url": _COMBINATION,
        "extension": [{"url": "required", "valueString": name} for name in names],
    }


def _first_two_together(resource: Json) -> Json:
    """The first two search parameters of the type are said to go together only."""
    names = tuple(one["name"] for one in resource["searchParam"] if not one["name"].startswith("_"))[:_PAIR]
    return {**resource, "extension": [_combined(names)]} if len(names) == _PAIR else resource


def _status_of_code(resource: Json) -> Json:
    together = _combined(("code", "status"))
    return {**resource, "extension": [together]} if resource["type"] == "Observation" else resource


def _both(one: Change, other: Change) -> Change:
    return lambda honest, draw: other(one(honest, draw), draw)


def _dates_as_strings(resource: Json) -> Json:
    """Dates are declared as strings."""
    searches = [
        {**one, "type": "string"} if one["type"] == "date" else one for one in resource["searchParam"]
    ]
    return {**resource, "searchParam": searches}


def _undefined(resource: Json) -> Json:
    """No search parameter tells where it is defined."""
    searches = [{k: v for k, v in one.items() if k != "definition"} for one in resource["searchParam"]]
    return {**resource, "searchParam": searches}


def _claims(kind: str, name: str) -> Callable[[Json], Json]:
    claim = {"name": name, "definition": f"http://hl7.org/fhir/OperationDefinition/{kind}-{name}"}

    def changed(resource: Json) -> Json:
        operations = resource["operation"]
        return {**resource, "operation": [*operations, claim]} if resource["type"] == kind else resource

    return changed


def _claims_sequences(statement: Json) -> Json:
    first, *others = statement["rest"]
    claim = {
        "type": "MolecularSequence",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": "patient", "type": "reference"}],
    }
    return {**statement, "rest": [{**first, "resource": [*first["resource"], claim]}, *others]}


def _sounds_alike(resource: Json) -> Json:
    """Searching of patients by sound is declared."""
    address = "http://hl7.org/fhir/SearchParameter/individual-phonetic"
    claim = {"name": "phonetic", "definition": address, "type": "string"}
    searches = resource["searchParam"]
    return {**resource, "searchParam": [*searches, claim]} if resource["type"] == "Patient" else resource


def _without_histories(resource: Json) -> Json:
    """Neither versions nor histories are declared."""
    left = [one for one in resource["interaction"] if one["code"] in _READS_AND_WRITES]
    return {**resource, "interaction": left, "versioning": "no-version"}


DECLARED_FAULTS: tuple[Fault, ...] = (
    fault(
        "histories-not-declared",
        "FHIR-CAP-09",
        "Versions and histories are given, and the capability statement says that there are none.",
        _each_type(_without_histories),
        "SHOULD",
    ),
    fault(
        "declared-type-not-there",
        "FHIR-CAP-04",
        "Reading and searching of MolecularSequence are declared, a type that is not there.",
        rest(capability=_claims_sequences),
        also=("FHIR-CAP-03", "FHIR-CAP-08"),
    ),
    fault(
        "declared-search-is-passed-over",
        "FHIR-CAP-03",
        "Patients are said to be searched by phonetic, which is passed over.",
        _each_type(_sounds_alike),
    ),
    fault(
        "declared-operation-not-there",
        "FHIR-CAP-06",
        "Patient/$match is declared, an operation that is not there.",
        _each_type(_claims("Patient", "match")),
    ),
    fault(
        "declared-reading-operation-not-there",
        "FHIR-CAP-06",
        "Observation/$lastn is declared, an operation that is not there.",
        _each_type(_claims("Observation", "lastn")),
    ),
    fault(
        "declared-operation-gives-nothing",
        "FHIR-CAP-06",
        "The answer to $meta has no metadata in it.",
        together(meta_is_given=False),
    ),
    fault(
        "search-parameter-of-another-type",
        "FHIR-CAP-07",
        "Dates to search by are declared as strings.",
        _each_type(_dates_as_strings),
        also=("FHIR-CAP-03",),
    ),
    fault(
        "search-parameter-without-definition",
        "FHIR-CAP-08",
        "The capability statement does not say where the search parameters are defined.",
        _each_type(_undefined),
        "SHOULD",
    ),
    fault(
        "standard-parameter-defined-anew",
        "FHIR-SEARCH-29",
        "Each search parameter is declared by a definition of its own, and :exact finds texts inside others.",
        _both(_each_type(_defined_anew), values(exact_is_contains=True)),
    ),
    fault(
        "declared-combination-fails",
        "FHIR-CAP-03",
        "Observations are said to be searched by code and status together only, which answers 500.",
        _both(_each_type(_status_of_code), search(failing_parameter=("Observation", "status"))),
        also=("FHIR-SEARCH-55",),
    ),
    fault(
        "combination-finds-what-has-one",
        "FHIR-SEARCH-55",
        "Two parameters are said to go together only, and a search by both finds what satisfies one.",
        _both(_each_type(_first_two_together), values(and_is_or=True)),
        also=("FHIR-RESULT-19", "FHIR-RESULT-20"),
    ),
)
