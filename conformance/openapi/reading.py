"""Reading the text of a description, JSON or YAML, whatever somebody served: in bounded time and memory."""

from typing import Any

import yaml

from conformance.model.base import NotJson, strict_json

LARGEST_JSON = 16_000_000
LARGEST_YAML = 4_000_000
"""Bytes; YAML is read some fifty times slower than JSON."""
MOST_NODES = 1_000_000
DEEPEST = 150


class Unreadable(ValueError):
    """The text is no description that can be worked with; the message says why."""


def read(data: bytes) -> dict[str, Any]:
    """The mapping that a JSON or YAML text holds; its keys are text. Raises Unreadable."""
    text = data.lstrip()
    value = _json(data) if text[:1] in {b"{", b"["} else _yaml(data)
    if not isinstance(value, dict):
        raise Unreadable("it holds no mapping, as an OpenAPI description does")
    return value


def _json(data: bytes) -> Any:
    if len(data) > LARGEST_JSON:
        raise Unreadable(f"it is larger than {LARGEST_JSON:,} bytes")
    try:
        return strict_json(data)
    except NotJson as error:
        raise Unreadable(f"it is no JSON: {error}") from None


def _yaml(data: bytes) -> Any:
    if len(data) > LARGEST_YAML:
        raise Unreadable(f"it is YAML and larger than {LARGEST_YAML:,} bytes")
    try:
        text = data.decode("utf-8")
        _refuse_excess(text)
        return _plain(yaml.load(text, _Loader))  # noqa: S506 - a safe loader that makes text, numbers and lists only
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not UTF-8 (byte {error.start})") from None
    except yaml.YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise Unreadable(f"it is no YAML: {getattr(error, 'problem', None) or 'broken'}{where}") from None
    except ValueError as error:
        raise Unreadable(str(error)) from None


def _refuse_excess(text: str) -> None:
    """Raise Unreadable for aliases, from which a small text can grow without end, and for depth and number."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(f"it uses YAML aliases (line {_line(event)}); write them out")
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or nodes > MOST_NODES:
            raise Unreadable(f"it is nested deeper than {DEEPEST} levels or has over {MOST_NODES:,} values")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, for which a date is text, as it is in JSON."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the loader's own way to say it
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _plain(value: Any) -> Any:
    """The same with text as keys: YAML reads a status as a number."""
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise Unreadable(f"it holds a value that JSON has no form for ({type(value).__name__})")


def _key(key: Any) -> str:
    if isinstance(key, bool) or not isinstance(key, str | int | float):
        raise Unreadable(f"it has a key that is no text: {key!r}")
    return str(key)
