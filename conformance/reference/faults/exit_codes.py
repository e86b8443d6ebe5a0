"""The faults of exports that lose what the next system needs to understand a record: codes, units, dates."""

from collections.abc import Callable
from typing import Any

from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, drawn, export, fault
from conformance.reference.forms.jsontext import dump, parse

_SHARE = 0.5
_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_SNOMED = "http://snomed.info/sct"

Json = dict[str, Any]


def in_exports(resource_type: str, change: Callable[[Json, Draw], None]) -> Change:
    """Change about half of the exported resources of a type, of all types where none is named."""

    def make(draw: Draw) -> Change:
        def exported(name: str, text: bytes) -> bytes:
            if not name.startswith(f"{resource_type}/" if resource_type else "") or not draw.hits(
                _SHARE, name
            ):
                return text
            resource = parse(text)
            change(resource, draw)
            return dump(resource)

        return export(exported=exported)

    return drawn(make)


def _without_verification(patient: Json, _: Draw) -> None:
    for identifier in patient.get("identifier", ()):
        if identifier.get("system") == _NHS_NUMBER:
            identifier.pop("extension", None)


def _without_identifiers(organisation: Json, _: Draw) -> None:
    organisation.pop("identifier", None)


def _with_broken_codes(resource: Json, _: Draw) -> None:
    for coding in resource.get("code", {}).get("coding", ()):
        if coding.get("system") == _SNOMED:
            coding["code"] = f"{coding['code'][:-1]}{(int(coding['code'][-1]) + 1) % 10}"


def _without_units(observation: Json, _: Draw) -> None:
    quantity = observation.get("valueQuantity")
    if quantity is not None:
        observation["valueQuantity"] = {"value": quantity["value"]}


def _without_systems(resource: Json, _: Draw) -> None:
    for identifier in resource.get("identifier", ()):
        identifier.pop("system", None)


EXIT_CODE_FAULTS: tuple[Fault, ...] = (
    fault(
        "export-without-verification-status",
        "EXIT-UKD-02",
        "Some exported NHS numbers lack their verification status.",
        in_exports("Patient", _without_verification),
        "SHOULD",
        also=("EXIT-FID-05", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-without-ods-codes",
        "EXIT-UKD-03",
        "Some exported organisations have no ODS code.",
        in_exports("Organization", _without_identifiers),
        "SHOULD",
        also=("EXIT-FID-05", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-drops-units",
        "EXIT-FID-04",
        "Some exported measurements have no unit.",
        in_exports("Observation", _without_units),
        "SHOULD",
        also=("EXIT-CMP-02", "EXIT-FID-02", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-breaks-snomed-codes",
        "EXIT-UKD-04",
        "Some exported SNOMED CT codes have a wrong check digit.",
        in_exports("Condition", _with_broken_codes),
        "SHOULD",
        also=("EXIT-FID-02", "EXIT-FID-03", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "export-drops-identifier-systems",
        "EXIT-FID-05",
        "Some exported identifiers do not say in which system they are.",
        in_exports("", _without_systems),
        "SHOULD",
        also=("EXIT-CMP-02", "EXIT-UKD-03", "EXIT-CMP-02:as-read"),
    ),
)
"""What they lose is asked for by a SHOULD; that it is lost at all makes them failures."""
