"""The faults of exports that another system cannot take over, and of a product that cannot take its own."""

from collections.abc import Callable
from typing import Any

from conformance.reference.draw import Draw
from conformance.reference.faults.exit_codes import in_exports
from conformance.reference.faults.fault import Change, Fault, drawn, export, fault, rest
from conformance.reference.forms.jsontext import dump, parse

_DAY = len("2020-01-31")

Json = dict[str, Any]


def _with_own_element(patient: Json, _: Draw) -> None:
    patient["nhsStatus"] = {"traced": True, "region": "Y56"}


def _with_local_date(patient: Json, _: Draw) -> None:
    date = patient.get("birthDate", "")
    if len(date) == _DAY:
        year, month, day = date.split("-")
        patient["birthDate"] = f"{day}/{month}/{year}"


def _with_numbers_as_text(observation: Json, _: Draw) -> None:
    quantity = observation.get("valueQuantity")
    if quantity is not None:
        quantity["value"] = str(quantity["value"])


def _without_zone(resource: Json, _: Draw) -> None:
    for name, value in resource.items():
        if name.endswith("DateTime") and isinstance(value, str) and "T" in value:
            resource[name] = value[: len("2020-01-31T10:00:00")]


def _with_one_name(patient: Json, _: Draw) -> None:
    if patient.get("name"):
        patient["name"] = patient["name"][0]


def _with_padded_codes(resource: Json, _: Draw) -> None:
    for coding in resource.get("code", {}).get("coding", ()):
        coding["code"] = f"{coding['code']} "


def _as_own_type(_: Draw) -> Change:
    def exported(name: str, text: bytes) -> bytes:
        if not name.startswith("DocumentReference/"):
            return text
        return dump({**parse(text), "resourceType": "LetterRecord"})

    return export(exported=exported)


def _with_short_status(observation: Json, _: Draw) -> None:
    observation["status"] = observation["status"][:1].upper()


def _without_status(encounter: Json, _: Draw) -> None:
    encounter.pop("status", None)


def _with_a_claim(observation: Json, _: Draw) -> None:
    weight = "http://hl7.org/fhir/StructureDefinition/bodyweight"
    observation["meta"] = {**observation.get("meta", {}), "profile": [weight]}


def _without_displays(resource: Json, _: Draw) -> None:
    for coding in resource.get("code", {}).get("coding", ()):
        coding.pop("display", None)


def _with_text_alone(resource: Json, _: Draw) -> None:
    code = resource.get("code", {})
    shown = [coding["display"] for coding in code.pop("coding", ()) if "display" in coding]
    code.setdefault("text", (shown or ["recorded in the source system"])[0])


def _with_days_alone(resource: Json, _: Draw) -> None:
    for name, value in resource.items():
        if name.endswith("DateTime") and isinstance(value, str):
            resource[name] = value[:_DAY]


def _with_other_numbers(patient: Json, draw: Draw) -> None:
    for identifier in patient.get("identifier", ()):
        if "fhir.nhs.uk" not in identifier.get("system", "") and "value" in identifier:
            identifier["value"] = f"{draw.among(patient['id']).randrange(10**8):08}"


def _created(change: Callable[[Json], None]) -> Change:
    def created(resource: Json) -> Json:
        kept: Json = parse(dump(resource))
        change(kept)
        return kept

    return rest(created=created)


def _codes_without_displays(resource: Json) -> None:
    for coding in resource.get("code", {}).get("coding", ()):
        coding.pop("display", None)


def _without_references(resource: Json) -> None:
    for name in ("subject", "patient", "encounter"):
        resource.pop(name, None)


def _declared_without_import(statement: Json) -> Json:
    """The statement with every way for resources to come in left out."""
    ways = {"create", "update", "batch", "transaction"}

    def without(holder: Json) -> Json:
        return {**holder, "interaction": [one for one in holder["interaction"] if one["code"] not in ways]}

    first, *others = statement["rest"]
    return {
        **statement,
        "rest": [{**without(first), "resource": [without(one) for one in first["resource"]]}, *others],
    }


def _loader(name: str, summary: str, change: Change, also: tuple[str, ...] = ()) -> Fault:
    return fault(name, "EXIT-FID-01:our-loader", summary, change, also=also)


EXIT_TRIP_FAULTS: tuple[Fault, ...] = (
    _loader(
        "export-has-elements-of-its-own",
        "Some exported patients have an element that FHIR does not know.",
        in_exports("Patient", _with_own_element),
        also=("EXIT-FID-02", "EXIT-API-08"),
    ),
    _loader(
        "export-writes-dates-the-local-way",
        "Some exported dates of birth are day, month and year with slashes.",
        in_exports("Patient", _with_local_date),
        also=(
            "EXIT-EXP-05",
            "EXIT-CMP-02",
            "EXIT-FID-02",
            "EXIT-FID-04",
            "EXIT-API-08",
            "EXIT-CMP-02:as-read",
        ),
    ),
    _loader(
        "export-writes-numbers-as-text",
        "Some exported measurements have their number as a text.",
        in_exports("Observation", _with_numbers_as_text),
        also=("EXIT-CMP-02", "EXIT-FID-02", "EXIT-FID-04", "EXIT-API-08", "EXIT-CMP-02:as-read"),
    ),
    _loader(
        "export-drops-time-zones",
        "Some exported points in time do not say in which time zone they are.",
        in_exports("", _without_zone),
        also=("EXIT-CMP-02", "EXIT-FID-02", "EXIT-FID-04", "EXIT-API-08", "EXIT-CMP-02:as-read"),
    ),
    _loader(
        "export-writes-one-name-for-many",
        "Some exported patients have one name where FHIR has a list.",
        in_exports("Patient", _with_one_name),
        also=("EXIT-CMP-02", "EXIT-FID-02", "EXIT-API-08", "EXIT-CMP-02:as-read", "EXIT-CMP-12"),
    ),
    _loader(
        "export-holds-types-of-its-own",
        "Letters are exported as a resource type that FHIR does not know.",
        drawn(_as_own_type),
        also=(
            *("EXIT-CMP-01", "EXIT-CMP-02", "EXIT-CMP-03", "EXIT-CMP-05", "EXIT-CMP-14", "EXIT-FID-02"),
            *("EXIT-DOC-03", "EXIT-DOC-05", "EXIT-PLN-08"),
        ),
    ),
    _loader(
        "export-pads-codes",
        "Some exported codes end in a blank.",
        in_exports("", _with_padded_codes),
        also=(
            "EXIT-CMP-02",
            "EXIT-FID-02",
            "EXIT-FID-03",
            "EXIT-UKD-04",
            "EXIT-API-08",
            "EXIT-CMP-02:as-read",
        ),
    ),
    fault(
        "export-shortens-status",
        "EXIT-FID-02",
        "Some exported observations have a status of one letter.",
        in_exports("Observation", _with_short_status),
        also=("EXIT-CMP-02", "EXIT-API-08", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-drops-what-must-be-there",
        "EXIT-FID-02",
        "Some exported encounters have no status.",
        in_exports("Encounter", _without_status),
        also=("EXIT-API-08", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-claims-what-is-not-met",
        "EXIT-FID-02:claims",
        "Some exported observations claim to be body weights, whatever they are.",
        in_exports("Observation", _with_a_claim),
        "SHOULD",
    ),
    fault(
        "export-drops-displays",
        "EXIT-FID-03",
        "Some exported codes have lost the words that a read shows beside them.",
        in_exports("", _without_displays),
        "SHOULD",
        also=("EXIT-CMP-02", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-drops-codes-for-words",
        "EXIT-FID-03",
        "Some exported records say in words what a read shows as a code.",
        in_exports("", _with_text_alone),
        "SHOULD",
        also=("EXIT-CMP-02", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-drops-times-of-day",
        "EXIT-FID-04",
        "Some exported points in time are days only.",
        in_exports("", _with_days_alone),
        "SHOULD",
        also=("EXIT-CMP-02", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-renumbers-patients",
        "EXIT-FID-05",
        "Some exported patients have other local numbers than a read shows.",
        in_exports("Patient", _with_other_numbers),
        "SHOULD",
        also=("EXIT-CMP-02", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "import-drops-displays",
        "EXIT-API-08",
        "What is created keeps its codes without the words beside them.",
        _created(_codes_without_displays),
        "SHOULD",
    ),
    fault(
        "import-drops-references",
        "EXIT-API-08",
        "What is created no longer says whose it is.",
        _created(_without_references),
        "SHOULD",
    ),
    fault(
        "import-not-declared",
        "EXIT-API-08",
        "The capability statement declares no way for records to come in.",
        rest(capability=_declared_without_import),
        "SHOULD",
        also=("EXIT-API-04",),
    ),
)
