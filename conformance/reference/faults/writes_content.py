"""The faults of a FHIR R4 server that keeps less than creates and updates bring, or something else."""

import unicodedata
from typing import Any

from conformance.reference.faults.fault import Fault, fault, rest, writing
from conformance.reference.forms.jsontext import Decimal

Json = dict[str, Any]

_FIRST = 200


def _everywhere(change: Any) -> Any:
    """A change of a resource that is made at each of its values, the innermost first."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return change({name: changed(item) for name, item in value.items()})
        if isinstance(value, list):
            return [changed(item) for item in value]
        return change(value)

    return changed


def _rounded(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _misread(value: Any) -> Any:
    return value.encode().decode("latin-1") if isinstance(value, str) else value


def _asked(value: Any) -> Any:
    return value.encode("latin-1", "replace").decode("latin-1") if isinstance(value, str) else value


def _without_zone(value: Any) -> Any:
    if isinstance(value, str) and len(value) > len("2000-01-01T00:00") and value[10:11] == "T":
        for mark in ("+", "-"):
            day, clock = value[:11], value[11:]
            if mark in clock:
                return day + clock.partition(mark)[0] + "Z"
    return value


def _composed(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _shortened(value: Any) -> Any:
    return value[:_FIRST] if isinstance(value, str) and len(value) > _FIRST else value


def _without_companions(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kept = {name: item for name, item in value.items() if not name.startswith("_")}
    return {
        name: [part for part in item if part is not None] if isinstance(item, list) else item
        for name, item in kept.items()
    }


def _first_items(value: Any) -> Any:
    """Lists of texts with their first text only: of given names and lines of an address."""
    if isinstance(value, dict):
        return {
            name: item[:1] if name in {"given", "line", "event"} and isinstance(item, list) else item
            for name, item in value.items()
        }
    return value


def _without_contained(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "contained"}


def _without_narrative(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "text"}


def _repointed(value: Any) -> Any:
    return f"{value[:-1]}0" if isinstance(value, str) and value.startswith("Practitioner/") else value


def _of_what_was_sent(change: Any) -> Any:
    """An update that makes the change at each value that was sent."""
    return lambda sent, _: _everywhere(change)(sent)


WRITE_CONTENT_FAULTS: tuple[Fault, ...] = (
    fault(
        "create-drops-time-zone",
        "FHIR-CREATE-05",
        "Times of created resources lose their zone and are told as universal time.",
        rest(created=_everywhere(_without_zone)),
        "SHOULD",
    ),
    fault(
        "create-composes-letters",
        "FHIR-CREATE-05",
        "Texts of created resources are normalised (NFC).",
        rest(created=_everywhere(_composed)),
        "SHOULD",
    ),
    fault(
        "create-shortens-texts",
        "FHIR-CREATE-05",
        "Texts of created resources are cut at 200 characters.",
        rest(created=_everywhere(_shortened)),
        "SHOULD",
    ),
    fault(
        "create-drops-extensions-of-primitives",
        "FHIR-CREATE-05",
        "Created resources lose the extensions of primitive values.",
        rest(created=_everywhere(_without_companions)),
        "SHOULD",
    ),
    fault(
        "create-keeps-first-of-several",
        "FHIR-CREATE-05",
        "Of several lines of an address, the first is kept.",
        rest(created=_everywhere(_first_items)),
        "SHOULD",
    ),
    fault(
        "create-drops-contained-resources",
        "FHIR-CREATE-05",
        "Created resources lose what they contain.",
        rest(created=_without_contained),
        "SHOULD",
    ),
    fault(
        "create-rounds-decimals",
        "FHIR-CREATE-06",
        "Decimals of created resources lose zeros at their end.",
        rest(created=_everywhere(_rounded)),
    ),
    fault(
        "create-misreads-letters",
        "FHIR-CREATE-10",
        "Created resources are read as Latin-1: é becomes Ã©.",
        rest(created=_everywhere(_misread)),
        also=("FHIR-CREATE-02", "FHIR-CREATE-05"),
    ),
    fault(
        "create-keeps-western-letters-only",
        "FHIR-CREATE-10",
        "Letters of created resources that Latin-1 lacks become question marks.",
        rest(created=_everywhere(_asked)),
        also=("FHIR-CREATE-02", "FHIR-CREATE-05"),
    ),
    fault(
        "create-drops-narrative",
        "FHIR-CREATE-11",
        "A create loses the narrative.",
        rest(created=_without_narrative),
        "SHOULD",
    ),
    fault(
        "create-repoints-references",
        "FHIR-CREATE-12",
        "References of created resources to practitioners get another id.",
        rest(created=_everywhere(_repointed)),
        "SHOULD",
    ),
    fault(
        "update-drops-extensions-of-primitives",
        "FHIR-UPDATE-11",
        "An update loses the extensions of primitive values.",
        writing(updated=_of_what_was_sent(_without_companions)),
        "SHOULD",
    ),
    fault(
        "update-rounds-decimals",
        "FHIR-UPDATE-12",
        "An update takes zeros from the end of decimals.",
        writing(updated=_of_what_was_sent(_rounded)),
    ),
)
