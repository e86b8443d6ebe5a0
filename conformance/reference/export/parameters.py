"""The parameters of a kick-off, one by one: what each asks for, and what of it is refused.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from conformance.reference.behaviour.export import ParameterBehaviour
from conformance.reference.forms import dates
from conformance.reference.forms.outcomes import bad_request
from conformance.reference.search.query import Query, Reader

FORMATS = frozenset({"application/fhir+ndjson", "application/ndjson", "ndjson"})
LATEST, RELEVANT = "LatestProvenanceResources", "RelevantProvenanceResources"
_NEXT_FILTER = re.compile(r",(?=[A-Z][A-Za-z]*\?)")
_FILTERABLE = frozenset({"_id", "_lastUpdated", "_tag", "_profile", "_security"})
_ELEMENT = re.compile(r"(?:([A-Z][A-Za-z]*)\.)?([a-z][A-Za-z0-9]*)")


def parameters_of(resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The names and values of a Parameters resource that starts an export; refuses (400) anything else."""
    if resource.get("resourceType") != "Parameters":
        raise bad_request("A kick-off by POST takes a Parameters resource")
    given = []
    for parameter in resource.get("parameter", ()):
        value = next((item for name, item in parameter.items() if name.startswith("value")), None)
        if isinstance(value, dict):
            value = value.get("reference", value.get("code"))
        if not isinstance(parameter.get("name"), str) or not isinstance(value, (str, bool)):
            raise bad_request("A parameter has no name or no value that can be used")
        given.append((parameter["name"], str(value).lower() if isinstance(value, bool) else value))
    return given


def check_format(values: Sequence[str], refused: frozenset[str]) -> str:
    """The output format that was asked for, as it was written; refuses (400) all but NDJSON."""
    wanted = "application/fhir+ndjson"
    for value in values:
        # An unescaped plus sign in a query string reads as a blank.
        wanted = value.replace(" ", "+")
        if wanted not in FORMATS or wanted in refused:
            raise bad_request(f"_outputFormat={value}: only NDJSON is supported", "not-supported")
    return wanted


def time(name: str, values: Sequence[str]) -> int | None:
    """The point in time that a parameter names; refuses (400) what is no instant."""
    if len(values) > 1:
        raise bad_request(f"{name} is given more than once")
    try:
        return dates.instant(values[0].replace(" ", "+")) if values else None
    except ValueError as error:
        raise bad_request(f"{name}: {error}") from error


def flag(name: str, values: Sequence[str]) -> bool:
    """Whether a boolean parameter is true; refuses (400) what is no boolean."""
    if any(value not in {"true", "false"} for value in values):
        raise bad_request(f"{name}: expected true or false")
    return "true" in values


def filters(
    values: Sequence[str],
    types: frozenset[str],
    reader: Callable[[str], Reader],
    behaviour: ParameterBehaviour,
) -> dict[str, tuple[Query, ...]]:
    """The queries by the type that they restrict; refuses (400) what is no search of one type."""
    found: dict[str, tuple[Query, ...]] = {}
    heard = values if behaviour.repeated_filters_read else values[:1]
    for text in (part for value in heard for part in _NEXT_FILTER.split(value)):
        name, mark, query = text.partition("?")
        if not mark or name not in types:
            raise bad_request(f"_typeFilter={text}: expected a search like Observation?status=final")
        searched = query if behaviour.filter_values_read else query.partition(",")[0]
        given = parse_qsl(searched, keep_blank_values=True)
        if any(key.startswith("_") and key.split(":")[0] not in _FILTERABLE for key, _ in given):
            raise bad_request(f"_typeFilter={text}: parameters about the result are not allowed")
        read = reader(name).read(given, strict=behaviour.unknown_filters_refused)
        found[name] = (*found.get(name, ()), read)
    return found


def elements(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of type (empty for every one) and element; refuses (400) what is no root element."""
    found = []
    for text in _listed(values):
        match = _ELEMENT.fullmatch(text)
        if match is None:
            raise bad_request(f"_elements={text}: expected a root element like Patient.name or name")
        found.append((match[1] or "", match[2]))
    return tuple(found)


def patients(values: Sequence[str]) -> frozenset[str]:
    """The ids of the patients that are asked for; refuses (400) what is no reference to one."""
    found = set()
    for value in values:
        target, _, identifier = value.rpartition("/")
        if not identifier or target.rpartition("/")[2] != "Patient":
            raise bad_request(f"patient={value}: expected a reference like Patient/123")
        found.add(identifier)
    return frozenset(found)


def association(values: Sequence[str], behaviour: ParameterBehaviour) -> str:
    """Which Provenance goes along: that of the widest value given, empty where none was; refuses (400) others."""
    asked = list(_listed(values))
    for value in asked:
        if value not in {LATEST, RELEVANT} and behaviour.unknown_association_refused:
            raise bad_request(f"includeAssociatedData={value}: there is no such set here", "not-supported")
    known = [value for value in (RELEVANT, LATEST) if value in asked]
    return "" if not known else known[0 if behaviour.widest_association else -1]


def organiser(values: Sequence[str], behaviour: ParameterBehaviour) -> str:
    """The type by which files are organised, empty where by none; refuses (400) all but Patient."""
    for value in values:
        if value != "Patient" and behaviour.unknown_organiser_refused:
            raise bad_request(f"organizeOutputBy={value}: only Patient is supported", "not-supported")
    return "Patient" if "Patient" in values else ""


def _listed(values: Sequence[str]) -> Iterator[str]:
    return (text.strip() for value in values for text in value.split(",") if text.strip())
