"""Changes of how resources of one type are shown, found, offered and exported, for the faults of several worlds."""

from collections.abc import Callable
from typing import Any

from conformance.reference.faults.fault import Change, export, rest, writing
from conformance.reference.forms.jsontext import dump, parse

Json = dict[str, Any]
Keys = list[int]


def shown_as(kind: str, change: Callable[[Json], None]) -> Change:
    """Show resources of the type otherwise than they are kept."""

    def shown(name: str, text: bytes) -> bytes:
        if name.partition("/")[0] != kind:
            return text
        resource = parse(text)
        change(resource)
        return dump(resource)

    return rest(shown=shown)


def lacking(*elements: str) -> Callable[[Json], None]:
    """A change of a resource: these elements are gone."""

    def lack(resource: Json) -> None:
        for element in elements:
            resource.pop(element, None)

    return lack


def updated_as(kind: str, change: Callable[[Json, Json], Json]) -> Change:
    """Keep something else of an update of the type than was sent; the change is given what was sent and was before."""
    return writing(
        updated=lambda sent, before: change(sent, before) if sent["resourceType"] == kind else sent
    )


def found_by_patient(kind: str, change: Callable[[Any, Keys], Keys]) -> Change:
    """Find others by a patient than belong to them; the change is given the store and the keys that are right."""

    def found(store: Any, query: Any, keys: Keys) -> Keys:
        by_patient = any(name.startswith("patient") for name, _ in query.heeded)
        return change(store, keys) if query.resource_type == kind and by_patient else keys

    return writing(found=found)


def of_anybody(kind: str) -> Change:
    """A search for what belongs to a patient also finds what belongs to another."""

    def change(store: Any, keys: Keys) -> Keys:
        if not keys:
            return keys
        others = store.select(
            "SELECT max(pk) FROM current WHERE type = ? AND deleted = 0 AND pk NOT IN (SELECT pk FROM compartment"
            " WHERE patient IN (SELECT patient FROM compartment WHERE pk = ?))",
            (kind, keys[0]),
        )
        return [*keys, *(row[0] for row in others if row[0] is not None)]

    return found_by_patient(kind, change)


def not_offered(kind: str) -> Change:
    """The capability statement says nothing of the type."""

    def capability(statement: Json) -> Json:
        server, *others = statement["rest"]
        held = [each for each in server["resource"] if each["type"] != kind]
        return {**statement, "rest": [{**server, "resource": held}, *others]}

    return rest(capability=capability)


def left_out_of_exports(kind: str) -> Change:
    """An export holds nothing of the type."""
    return export(exported=lambda name, text: None if name.partition("/")[0] == kind else text)
