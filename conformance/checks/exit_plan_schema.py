"""The published JSON Schemas of the exit plan and of the buyer's contract file, and what they describe."""

import json
import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from conformance.errors import closest

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_MOST_UNKNOWN = 20
_LONGEST_SAID = 200
_QUOTED = 80
_LACKING = re.compile(r"('[^']*') is a required property")
_STEP = re.compile(r"\[\d+\]")


@lru_cache(maxsize=2)
def schema(name: str = "exit-plan") -> dict[str, Any]:
    """The published JSON Schema of that name: `exit-plan` or `contract`."""
    file = resources.files("conformance.checks").joinpath("schemas", f"{name}.schema.json")
    parsed: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return parsed


@lru_cache(maxsize=2)
def validator(name: str = "exit-plan") -> "Draft202012Validator":
    """What judges by that schema, formats of dates included."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow, and most runs to verify hold no plan

    return Draft202012Validator(schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER)


def part(path: str) -> dict[str, Any]:
    """What the exit plan's schema says at a path such as `costs.items[2].unitPrice`; empty where it has none."""
    found: dict[str, Any] = schema()
    for name in _STEP.sub(".*", path).split("."):
        if name == "*":
            found = _resolved(found.get("items", {}))
        else:
            inner = found.get("properties", {}).get(name, found.get("additionalProperties"))
            if not isinstance(inner, dict):
                return {}
            found = _resolved(inner)
    return found


def said(error: "ValidationError") -> str:
    """What is wrong, in words for people."""
    description = error.schema.get("description") if isinstance(error.schema, dict) else None
    if error.instance is None and error.validator in {"type", "pattern", "enum", "const", "anyOf"}:
        return f"is empty: {description or 'fill it in'}"
    if error.validator in {"format", "pattern", "anyOf"}:
        return f"{_shown(error.instance)} does not fit: {description or _cut(error.message)}"
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        unknown = [name for name in error.instance if name not in known][:_MOST_UNKNOWN]
        return "; ".join(f"unknown member {_shown(name)}{closest(name, known)}" for name in unknown)
    if error.validator == "required" and (lacking := _LACKING.match(error.message)):
        return f"the member {lacking[1]} is missing"
    return _cut(error.message)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SAID else f"{text[:_LONGEST_SAID]}…"


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The node with what it refers to; its own description goes before."""
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    base: dict[str, Any] = schema()["$defs"][reference.rpartition("/")[2]]
    return base | {name: value for name, value in node.items() if name != "$ref"}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
