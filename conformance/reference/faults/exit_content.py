"""The faults of exports that hold less of a record than the product shows of it, by careless or careful ways."""

from collections.abc import Callable
from typing import Any

from conformance.reference.draw import Draw
from conformance.reference.faults.exit_codes import in_exports
from conformance.reference.faults.fault import Fault, fault
from conformance.reference.forms.jsontext import Decimal

Json = dict[str, Any]


def _each_decimal(value: Any, change: Callable[[Decimal], Decimal]) -> Any:
    if isinstance(value, dict):
        return {name: _each_decimal(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [_each_decimal(item, change) for item in value]
    return change(value) if isinstance(value, Decimal) else value


def _with_rounded_numbers(resource: Json, _: Draw) -> None:
    resource.update(_each_decimal(resource, lambda number: Decimal(f"{number:.1f}")))


def _without_last_zeros(resource: Json, _: Draw) -> None:
    resource.update(_each_decimal(resource, lambda number: Decimal(repr(float(number)))))


def _without_encounter(resource: Json, _: Draw) -> None:
    resource.pop("encounter", None)


def _without_narrative(resource: Json, _: Draw) -> None:
    resource.pop("text", None)


def _without_note_of_its_own(resource: Json, draw: Draw) -> None:
    """Leaves something out, and says that it is another version than the one that is shown."""
    _without_encounter(resource, draw)
    resource["meta"] = {**resource.get("meta", {}), "lastUpdated": "2001-01-01T00:00:00Z", "versionId": "0"}


EXIT_CONTENT_FAULTS: tuple[Fault, ...] = (
    fault(
        "export-rounds-numbers",
        "EXIT-CMP-02:as-read",
        "Some exported numbers have one digit after the point.",
        in_exports("", _with_rounded_numbers),
        also=("EXIT-CMP-02", "EXIT-FID-04"),
    ),
    fault(
        "export-drops-trailing-zeros",
        "EXIT-CMP-02:as-read",
        "Exported numbers lose the zeros at their end: 7.20 becomes 7.2.",
        in_exports("", _without_last_zeros),
        also=("EXIT-CMP-02", "EXIT-FID-04"),
    ),
    fault(
        "export-drops-encounter-links",
        "EXIT-CMP-02:as-read",
        "Some exported records do not say in which encounter they were made.",
        in_exports("", _without_encounter),
        also=("EXIT-CMP-02", "EXIT-CMP-09"),
    ),
    fault(
        "export-relabels-what-it-changed",
        "EXIT-CMP-02:as-read",
        "Some exported conditions have no encounter, and the version id and time of another version.",
        in_exports("Condition", _without_note_of_its_own),
        also=("EXIT-CMP-02", "EXIT-CMP-09"),
    ),
    fault(
        "export-drops-narratives",
        "EXIT-CMP-12",
        "Some exported records have no narrative.",
        in_exports("", _without_narrative),
        "SHOULD",
    ),
)
