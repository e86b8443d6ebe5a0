"""A limit as it is shown beside that of another run."""

from collections.abc import Mapping
from typing import Any

from conformance.model.base import compact, sha256

_MOST_SHOWN = 60


def in_short(parameters: Mapping[str, Any], name: str) -> str:
    """A limit as JSON text, cut where it is long, with its SHA-256 so that no two look alike; empty where absent."""
    if name not in parameters:
        return ""
    text = compact(parameters[name]).decode()
    if len(text) <= _MOST_SHOWN:
        return text
    return f"{text[:_MOST_SHOWN]}… (SHA-256 {sha256(text.encode())})"
