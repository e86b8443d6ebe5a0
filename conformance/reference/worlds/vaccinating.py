"""What a supplier that records vaccinations lets in: whole records, each once, of people with a right NHS number."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from conformance.reference.forms.outcomes import RequestError
from conformance.reference.population.people import NHS_NUMBERS, nhs_check_digit
from conformance.reference.population.places import ODS_CODES
from conformance.reference.population.terms import SNOMED
from conformance.reference.population.vaccines import PROCEDURE, SCHOOLS
from conformance.reference.supplier import Rules, Supplier
from conformance.reference.worlds import patient_match

Json = dict[str, Any]
_NHS_NUMBER_DIGITS = 10


def _coded(concept: Any) -> bool:
    return any(one.get("code") for one in _list(concept, "coding"))


def _list(owner: Any, name: str) -> list[Json]:
    found = owner.get(name) if isinstance(owner, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _identified(reference: Any, systems: tuple[str, ...]) -> bool:
    identifier = reference.get("identifier") if isinstance(reference, dict) else None
    if not isinstance(identifier, dict):
        return False
    return identifier.get("system") in systems and bool(identifier.get("value"))


def _procedure(record: Json) -> bool:
    return any(
        one.get("url") == PROCEDURE
        and any(each.get("system") == SNOMED for each in _list(one.get("valueCodeableConcept"), "coding"))
        for one in _list(record, "extension")
    )


def _protocol(record: Json) -> bool:
    applied = _list(record, "protocolApplied")
    return len(applied) == 1 and any(_coded(each) for each in _list(applied[0], "targetDisease"))


RULES: Mapping[str, Callable[[Json], bool]] = MappingProxyType(
    {
        "identifier": lambda record: (
            [bool(one.get("value")) for one in _list(record, "identifier")] == [True]
        ),
        "date": lambda record: "occurrenceDateTime" in record,
        "recorded": lambda record: "recorded" in record,
        "primary-source": lambda record: isinstance(record.get("primarySource"), bool),
        "procedure": _procedure,
        "disease": _protocol,
        "organisation": lambda record: any(
            _identified(one.get("actor"), (ODS_CODES,)) for one in _list(record, "performer")
        ),
        "location": lambda record: _identified(record.get("location"), (ODS_CODES, SCHOOLS)),
        "batch": lambda record: bool(record.get("lotNumber")) or record.get("primarySource") is not True,
    }
)
"""What a vaccination that was given must have."""


def _lacking(record: Json) -> Iterator[str]:
    if record.get("status") == "completed":
        yield from (name for name, holds in RULES.items() if not holds(record))
    if record.get("status") == "not-done" and not _coded(record.get("statusReason")):
        yield "reason"


def _before(supplier: Supplier, resource: Json, replaced: Json | None) -> Json:
    behaviour = supplier.behaviour.vaccination
    kind = resource["resourceType"]
    if kind == "Patient" and "nhs-number" not in behaviour.unasked:
        for one in _list(resource, "identifier"):
            if one.get("system") == NHS_NUMBERS and not _is_nhs_number(one.get("value")):
                raise RequestError(400, "value", "The NHS number is not valid")
    if kind == "Immunization":
        lacking = [name for name in _lacking(resource) if name not in behaviour.unasked]
        if lacking:
            raise RequestError(400, "required", f"The vaccination lacks: {', '.join(lacking)}")
        _refuse_another(supplier, resource, replaced)
    return behaviour.kept(resource)


def _refuse_another(supplier: Supplier, record: Json, replaced: Json | None) -> None:
    """Refuse a record that there is already, and a change of the identifier by which others know it."""
    behaviour = supplier.behaviour.vaccination
    named = [(one.get("system"), one.get("value")) for one in _list(record, "identifier")]
    if replaced is not None:
        before = [(one.get("system"), one.get("value")) for one in _list(replaced, "identifier")]
        if before != named and behaviour.identifier_is_fixed:
            raise RequestError(400, "invariant", "The identifier of a vaccination cannot be changed")
    elif behaviour.duplicates_refused and any(_is_held(supplier, *name) for name in named):
        raise RequestError(422, "duplicate", "There is a vaccination with this identifier already")


def _is_held(supplier: Supplier, system: Any, value: Any) -> bool:
    key = supplier.store.parameter_key("Immunization", "identifier")
    sql = (
        "SELECT 1 FROM token_index t JOIN current c ON c.pk = t.pk"
        " WHERE t.p = ? AND t.system = ? AND t.code = ? AND c.deleted = 0"
    )
    return bool(supplier.store.select(sql, (key, system, value)))


def _is_nhs_number(value: Any) -> bool:
    formed = (
        isinstance(value, str) and len(value) == _NHS_NUMBER_DIGITS and value.isascii() and value.isdigit()
    )
    return formed and nhs_check_digit(value[:-1]) == value[-1]


def declares(statement: Json) -> Json:
    """What the product says of itself beyond its server: it also sends vaccinations on, and looks people up."""
    client = {
        "mode": "client",
        "documentation": "Sends vaccinations to the national record, and traces patients.",
        "resource": [
            {
                "type": "Immunization",
                "interaction": [{"code": code} for code in ("create", "read", "update", "search-type")],
            },
            {"type": "Patient", "interaction": [{"code": code} for code in ("read", "search-type")]},
        ],
    }
    (server,) = statement["rest"]
    types = [_with_match(one) if one["type"] == "Patient" else one for one in server["resource"]]
    return {**statement, "rest": [{**server, "resource": types}, client]}


def _with_match(patient: Json) -> Json:
    return {**patient, "operation": [*patient["operation"], patient_match.DECLARED]}


VACCINATING = Rules(before=_before)
