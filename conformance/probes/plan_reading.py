"""What the exit plan declares of the product's interfaces, for probes that try it out."""

from typing import Any
from urllib.parse import urlsplit

from conformance.plugin import Json, Wire


def plan_of(wire: Wire) -> dict[str, Any]:
    """The exit plan, recorded as a document of the step; empty where there is none that can be read."""
    document = next(iter(wire.documents("exit-plan")), None)
    value = document.json_or_none() if document is not None and not document.problem else None
    return value if isinstance(value, dict) else {}


def plan_value(wire: Wire, path: str) -> Json:
    """What the plan states at a path such as `export.limits.concurrentJobs`; None where it states nothing."""
    return at(plan_of(wire), path)


def at(plan: Json, path: str) -> Json:
    """The value at a path of names; None where there is none."""
    value = plan
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def rows(plan: Json, path: str) -> list[dict[str, Any]]:
    """The objects in the list at a path."""
    value = at(plan, path)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def web_address(value: Json) -> str:
    """A stated address that can be asked for; empty where it is none."""
    if not isinstance(value, str):
        return ""
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return ""
    return value.strip() if parts.scheme.lower() in {"http", "https"} and parts.hostname else ""
