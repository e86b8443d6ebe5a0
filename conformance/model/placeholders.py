"""Places in a profile's arguments that are filled later: `{slot}` by a case's values, `${name}` by a parameter."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

PLACEHOLDER = re.compile(r"(?P<parameter>\$)?\{(?P<name>[A-Za-z_][\w.-]*)\}")


def named(value: Any) -> Iterator[tuple[bool, str]]:
    """Each placeholder in a value: whether it stands for a parameter, and its name."""
    if isinstance(value, str):
        for match in PLACEHOLDER.finditer(value):
            yield match["parameter"] is not None, match["name"]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from named(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from named(item)


def filled(value: Any, values: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
    """The value with its placeholders filled; one that is a whole string keeps the type of what fills it.

    Raises KeyError with the name of a placeholder that nothing fills.
    """
    if isinstance(value, str):
        whole = PLACEHOLDER.fullmatch(value)
        if whole:
            return _lookup(whole, values, parameters)
        return PLACEHOLDER.sub(lambda match: str(_lookup(match, values, parameters)), value)
    if isinstance(value, Mapping):
        return {key: filled(item, values, parameters) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [filled(item, values, parameters) for item in value]
    return value


def _lookup(match: re.Match[str], values: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
    return (parameters if match["parameter"] else values)[match["name"]]
