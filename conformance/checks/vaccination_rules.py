"""What a record of a vaccination holds, by rules that each look at one thing of it.

Source: NHS England, Immunisation FHIR API, `POST /Immunization`; UK Core, structure UKCore-Immunization (2.4.0).

Every rule yields, for each record that it looks at, its `Type/id` and the rest of a sentence that begins with that;
empty where nothing is wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from conformance.analysis.samples import Samples
from conformance.checks.picking import quoted
from conformance.fhir.bundles import reference
from conformance.fhir.dates import interval
from conformance.fhir.elements import values
from conformance.fhir.nhs import DMD_SYSTEM, ODS_CODE_SYSTEM, SNOMED_SYSTEM, is_ods_code, sctid_problem
from conformance.fhir.references import named

Resource = dict[str, Any]
Looked = tuple[str, str]
Rule = Callable[[Resource], Iterator[str]]
"""What is wrong with one record, as the ends of sentences."""

PROCEDURE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure"
SCHOOL_SYSTEM = "https://fhir.hl7.org.uk/Id/urn-school-number"
NO_PRODUCT_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
NO_PRODUCT = frozenset({"NAVU", "UNC", "UNK", "NA"})
RuleName = Literal[
    "identifier", "product", "procedure", "disease", "dates", "organisation", "location", "batch", "dose", "reason"
]  # fmt: skip


def _texts(resource: Resource, path: str) -> list[str]:
    return [value for value in values(resource, path) if isinstance(value, str) and value.strip()]


def _codings(resource: Resource, path: str) -> list[dict[str, Any]]:
    return [one for one in values(resource, f"{path}.coding") if isinstance(one, dict)]


def _snomed(codings: Iterable[dict[str, Any]], also: tuple[str, ...] = ()) -> bool:
    return any(
        one.get("system") in (SNOMED_SYSTEM, *also) and not sctid_problem(one.get("code")) for one in codings
    )


def _identifier(record: Resource) -> Iterator[str]:
    held = [one for one in values(record, "identifier") if isinstance(one, dict)]
    if len(held) != 1:
        yield f"has {len(held)} identifiers, not the one by which others know it"
    elif not (held[0].get("system") and held[0].get("value")):
        yield "has an identifier without a system or a value"


def _product(record: Resource) -> Iterator[str]:
    codings = _codings(record, "vaccineCode")
    absent = any(one.get("system") == NO_PRODUCT_SYSTEM and one.get("code") in NO_PRODUCT for one in codings)
    if not absent and not _snomed(codings, (DMD_SYSTEM,)):
        told = quoted(codings[0].get("system")) if codings else "no code at all"
        yield f"names its product by {told}, and by no code of SNOMED CT or dm+d"


def _procedure(record: Resource) -> Iterator[str]:
    held = [one for one in values(record, "extension") if isinstance(one, dict)]
    codings = [
        c for one in held if one.get("url") == PROCEDURE for c in _codings(one, "valueCodeableConcept")
    ]
    if not _snomed(codings):
        yield "has no SNOMED CT code of the procedure (Extension-UKCore-VaccinationProcedure)"


def _disease(record: Resource) -> Iterator[str]:
    applied = [one for one in values(record, "protocolApplied") if isinstance(one, dict)]
    if len(applied) != 1:
        yield f"has {len(applied)} protocols applied, not one"
        return
    diseases = [one for one in values(applied[0], "targetDisease") if isinstance(one, dict)]
    if not diseases or not all(_snomed(_listed(one)) for one in diseases):
        yield "does not say by SNOMED CT which disease the dose is against (protocolApplied.targetDisease)"
    if not {"doseNumberPositiveInt", "doseNumberString"} & applied[0].keys():
        yield "does not say which dose of the course it is (protocolApplied.doseNumber[x])"


def _listed(concept: Resource) -> list[dict[str, Any]]:
    return [one for one in values(concept, "coding") if isinstance(one, dict)]


def _dates(record: Resource) -> Iterator[str]:
    for element in ("occurrenceDateTime", "recorded"):
        value = record.get(element)
        if interval(value) is None:
            yield f"has no {element} that is a date"
    when = record.get("occurrenceDateTime")
    given = interval(when)
    if given is not None and len(str(when)) < len("2020-01-31"):
        yield f"was given at {quoted(when)}, which says no day"
    elif given is not None and "T" in str(when) and not given.zoned:
        yield f"was given at {quoted(when)}, without its time zone"
    if not isinstance(record.get("primarySource"), bool):
        yield "does not say whether it comes from who gave it (primarySource)"


def _coded_places(record: Resource, path: str, systems: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the identifiers at a path, of which one has to be of these systems."""
    held = _identifiers(record, path)
    known = [one for one in held if one.get("system") in systems and one.get("value")]
    if not known:
        yield f"has no code of an organisation or school at {path}"
    for one in known:
        if one["system"] == ODS_CODE_SYSTEM and not is_ods_code(one["value"]):
            yield f"has the ODS code {quoted(one['value'])} at {path}, which is none"


def _organisation(record: Resource) -> Iterator[str]:
    yield from _coded_places(record, "performer.actor", (ODS_CODE_SYSTEM,))


def _location(record: Resource) -> Iterator[str]:
    yield from _coded_places(record, "location", (ODS_CODE_SYSTEM, SCHOOL_SYSTEM))


def _batch(record: Resource) -> Iterator[str]:
    for element in ("lotNumber", "expirationDate"):
        if not _texts(record, element):
            yield f"has no {element}"


def _dose(record: Resource) -> Iterator[str]:
    if not _snomed(_codings(record, "site")):
        yield "has no SNOMED CT code of the site"
    if not _snomed(_codings(record, "route")):
        yield "has no SNOMED CT code of the route"
    quantity = record.get("doseQuantity")
    if not (
        isinstance(quantity, dict) and "value" in quantity and (quantity.get("code") or quantity.get("unit"))
    ):
        yield "has no dose with its unit"


def _reason(record: Resource) -> Iterator[str]:
    if not (_codings(record, "statusReason") or _texts(record, "statusReason.text")):
        yield "was not given, and does not say why (statusReason)"


ANY, GIVEN, OWN, NOT_DONE = "vaccination", "vaccination that was given", "vaccination that it gave", "refusal"
RULES: Mapping[RuleName, tuple[Rule, str]] = MappingProxyType(
    {
        "identifier": (_identifier, ANY),
        "product": (_product, GIVEN),
        "procedure": (_procedure, GIVEN),
        "disease": (_disease, GIVEN),
        "dates": (_dates, ANY),
        "organisation": (_organisation, GIVEN),
        "location": (_location, GIVEN),
        "batch": (_batch, OWN),
        "dose": (_dose, OWN),
        "reason": (_reason, NOT_DONE),
    }
)
"""Each rule by its name in profiles, and which records it looks at."""


PLACES: Mapping[str, str] = MappingProxyType({"organisation": "performer.actor", "location": "location"})


def looked_at(resources: Iterable[Resource], rule: RuleName, known: Samples) -> Iterator[Looked]:
    """Each record that the rule is about, and what is wrong with it.

    Who and where is taken from the resources that are known, if the record refers to them. A record that refers to
    others only is left out.
    """
    look, kind = RULES[rule]
    for record in resources:
        if record.get("resourceType") != "Immunization" or not _is(record, kind):
            continue
        whole, unknown = (record, False) if rule not in PLACES else _resolved(record, PLACES[rule], known)
        wrong = "; it ".join(look(whole))
        if not (wrong and unknown):
            yield reference(record), wrong


def _identifiers(record: Resource, path: str) -> list[Resource]:
    return [one for one in values(record, f"{path}.identifier") if isinstance(one, dict)]


def _resolved(record: Resource, path: str, known: Samples) -> tuple[Resource, bool]:
    """The record with the identifiers of what it refers to at the path, and whether something there is not known."""
    found, unknown = _identifiers(record, path), False
    for target in map(named, _texts(record, f"{path}.reference")):
        kind, _, identity = (target or "").partition("/")
        held = next((each for each in known.of(kind) if each.get("id") == identity), None)
        unknown = unknown or (held is None and target is not None)
        found += _identifiers({"it": held or {}}, "it")
    first, _, rest = path.partition(".")
    place = {"identifier": found}
    return {**record, first: {rest: place} if rest else place}, unknown


def _is(record: Resource, kind: str) -> bool:
    status = record.get("status")
    if kind == NOT_DONE:
        return status == "not-done"
    if kind == ANY:
        return status != "entered-in-error"
    return status == "completed" and (kind == GIVEN or record.get("primarySource") is True)
