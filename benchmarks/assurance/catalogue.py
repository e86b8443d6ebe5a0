"""All lies in one table, and which profile each family is tried with first."""

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
"""The profile that has all the others in it but the one about tokens: whoever gets through the first goes here."""

FIRST = {
    reading.FAMILY: "fhir-r4-rest",
    writing.FAMILY: "fhir-r4-rest",
    searching.FAMILY: "fhir-r4-search",
    paging.FAMILY: "fhir-r4-search",
    forms.FAMILY: "fhir-r4-formats",
    declared.FAMILY: "fhir-r4-base",
    jobs.FAMILY: "bulk-data-export",
    files.FAMILY: "bulk-data-export",
    tokens.FAMILY: "smart-backend-services",
    "what was written": "fhir-r4-rest",
    "what is exported": "exit-core",
    permitted.FORM: WHOLE,
    permitted.TIME: WHOLE,
    permitted_extras.MORE: WHOLE,
}
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
