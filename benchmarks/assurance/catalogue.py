"""All lies in one table, and which profiles each family is tried with."""

from collections.abc import Iterator
from types import ModuleType

from benchmarks.assurance.lie import Lie
from benchmarks.assurance.lies import (
    declared,
    files,
    forms,
    jobs,
    paging,
    permitted,
    permitted_extras,
    reading,
    searching,
    spoiling,
    tokens,
    writing,
)

WHOLE = "nhs-anti-lock-in"
"""The profile that has all the others in it but the one about tokens."""
BASE, BULK, EXIT = "fhir-r4-base", "bulk-data-export", "exit-core"
PROFILES: dict[str, tuple[str, ...]] = {
    reading.FAMILY: ("fhir-r4-rest", BASE, WHOLE),
    writing.FAMILY: ("fhir-r4-rest", BASE, WHOLE),
    searching.FAMILY: ("fhir-r4-search", BASE, WHOLE),
    paging.FAMILY: ("fhir-r4-search", BASE, WHOLE),
    forms.FAMILY: ("fhir-r4-formats", BASE, WHOLE),
    declared.FAMILY: (BASE, WHOLE),
    jobs.FAMILY: (BULK, EXIT),
    files.FAMILY: (BULK, EXIT),
    tokens.FAMILY: ("smart-backend-services", EXIT, WHOLE),
    "what was written": ("fhir-r4-rest", BASE, WHOLE),
    "what is exported": (EXIT, BULK),
    permitted.FORM: (BULK, EXIT, BASE),
    permitted.TIME: (BULK, EXIT, BASE),
    permitted_extras.MORE: (BULK, EXIT, BASE),
}
"""The profiles with which a lie of a family is tried, one after the other, until something binding fails."""
_MODULES: tuple[ModuleType, ...] = (
    reading,
    writing,
    searching,
    paging,
    forms,
    declared,
    jobs,
    files,
    tokens,
    spoiling,
    permitted,
    permitted_extras,
)


def _of(module: ModuleType) -> Iterator[Lie]:
    for value in vars(module).values():
        if isinstance(value, Lie):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, Lie))


LIES: dict[str, Lie] = {one.name: one for module in _MODULES for one in _of(module)}
