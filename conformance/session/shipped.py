"""The suites that come with the harness, and with them the profiles as they were resolved."""

from functools import lru_cache

from pydantic import ValidationError

from conformance.model.suite import Suite
from conformance.outside.places import shipped


@lru_cache(maxsize=16)
def shipped_suite(name: str) -> Suite | None:
    """The suite that comes with the harness for the profile of this name; None where none does.

    It does not change while this process runs.
    """
    path = shipped("suites") / f"{name}.json"
    try:
        return Suite.read(path.read_bytes()) if path.is_file() else None
    except ValidationError:
        return None
