"""JSON Patch (RFC 6902): operations on the JSON of a resource, all of them or none.

See https://hl7.org/fhir/R4/http.html#patch.
"""

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from conformance.reference.forms.outcomes import RequestError, bad_request

MEDIA_TYPE = frozenset({"application/json-patch+json"})
_MEMBERS: Mapping[str, str] = MappingProxyType(
    {"add": "value", "replace": "value", "test": "value", "remove": "", "move": "from", "copy": "from"}
)


class PatchFailed(RequestError):
    """An operation that cannot be carried out (422), with what the operations before it made of the resource."""

    def __init__(self, told: str, half: Any) -> None:
        super().__init__(422, "processing", told)
        self.half = half


def patched(resource: Any, operations: Any, *, heed_tests: bool = True) -> Any:
    """What the operations make of a resource, which itself stays as it is.

    Refuses (400) what is no patch; raises PatchFailed where an operation fails.
    """
    if not isinstance(operations, list) or not all(_is_operation(one) for one in operations):
        raise bad_request("The body is not a JSON Patch: a list of operations (RFC 6902)", "structure")
    document = copy.deepcopy(resource)
    for number, operation in enumerate(operations):
        try:
            document = _applied(document, operation, heed_tests=heed_tests)
        except (LookupError, TypeError, ValueError) as error:
            told = f"Operation {number} ({operation['op']} {operation['path']!r}) failed: {error}"
            raise PatchFailed(told, document) from error
    return document


def _is_operation(one: Any) -> bool:
    if not isinstance(one, dict) or one.get("op") not in _MEMBERS or not isinstance(one.get("path"), str):
        return False
    member = _MEMBERS[one["op"]]
    return not member or (member in one and (member != "from" or isinstance(one["from"], str)))


def _applied(document: Any, operation: dict[str, Any], *, heed_tests: bool) -> Any:
    path = _steps(operation["path"])
    match operation["op"]:
        case "test":
            if heed_tests and not _same(_at(document, path), operation["value"]):
                raise ValueError("the value there is another")
            return document
        case "add":
            return _added(document, path, operation["value"])
        case "remove":
            return _removed(document, path)
        case "replace":
            _at(document, path)
            return _added(_removed(document, path), path, operation["value"]) if path else operation["value"]
        case "move":
            value = _at(document, _steps(operation["from"]))
            return _added(_removed(document, _steps(operation["from"])), path, value)
    return _added(document, path, copy.deepcopy(_at(document, _steps(operation["from"]))))


def _steps(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no JSON Pointer")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _at(document: Any, path: list[str]) -> Any:
    for step in path:
        document = document[_index(document, step)] if isinstance(document, list) else document[step]
    return document


def _index(array: list[Any], step: str, *, end: bool = False) -> int:
    if end and step == "-":
        return len(array)
    if not (step.isascii() and step.isdigit()) or (step != "0" and step.startswith("0")):
        raise ValueError(f"{step!r} is no place in a list")
    if int(step) > len(array) - (not end):
        raise IndexError(f"the list has no place {step}")
    return int(step)


def _added(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    holder, last = _at(document, path[:-1]), path[-1]
    if isinstance(holder, list):
        holder.insert(_index(holder, last, end=True), value)
    elif isinstance(holder, dict):
        holder[last] = value
    else:
        raise TypeError("a value that is no object or list holds nothing")
    return document


def _removed(document: Any, path: list[str]) -> Any:
    holder = _at(document, path[:-1])
    if isinstance(holder, list):
        del holder[_index(holder, path[-1])]
    else:
        del holder[path[-1]]
    return document


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
