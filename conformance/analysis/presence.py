"""Where an element of a structure is seen in resources: the question behind must-support.

Source: FHIR R4, https://hl7.org/fhir/R4/conformance-rules.html#mustSupport
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.fhir.bundles import reference as name_of
from conformance.fhir.references import named

Resource = dict[str, Any]
_PATIENT = ("patient", "subject", "individual", "beneficiary")


@dataclass(frozen=True)
class Wanted:
    """An element: its path below the resource (`name.family`, `value[x]`), and what narrows it down.

    `extension` is the url of the extension that is meant where the path ends in one; `having` are values by path
    below the element that all must be there (`{"coding.code": "8480-6"}`), as a slice asks for; None stands for any.
    """

    path: str
    extension: str = ""
    having: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        narrowed = [self.extension] if self.extension else []
        narrowed += [
            f"with {path}" if value is None else f"{path} = {value}"
            for path, value in sorted((self.having or {}).items())
        ]
        return f"{self.path} ({', '.join(narrowed)})" if narrowed else self.path

    def values(self, resource: Resource) -> Iterator[Any]:
        """The values of the element in a resource that say something."""
        for value in below(resource, self.path):
            if self.extension and not (isinstance(value, dict) and value.get("url") == self.extension):
                continue
            if all(_has(value, path, wanted) for path, wanted in (self.having or {}).items()):
                yield value


@dataclass(frozen=True)
class Presence:
    """In which resources an element was seen, and over how many resources and patients."""

    seen: tuple[str, ...]
    resources: int
    patients: int


def presence(wanted: Wanted, resources: Iterable[Resource]) -> Presence:
    """Where the element was seen; each resource counts once by its name."""
    names: dict[str, bool] = {}
    patients: set[str] = set()
    for resource in resources:
        name = name_of(resource)
        names[name] = names.get(name, False) or any(True for _ in wanted.values(resource))
        patients.update(patients_of(resource))
    return Presence(tuple(name for name, has in names.items() if has), len(names), len(patients))


def patients_of(resource: Resource) -> Iterator[str]:
    """`Patient/id` of the patients that a resource is, or is about."""
    if resource.get("resourceType") == "Patient":
        yield name_of(resource)
    for element in _PATIENT:
        holder = resource.get(element)
        target = named(holder.get("reference")) if isinstance(holder, dict) else None
        if target is not None and target.startswith("Patient/"):
            yield target


def _has(value: Any, path: str, wanted: Any) -> bool:
    found = below(value, path) if path else [value]
    return bool(found) if wanted is None else wanted in found


def below(value: Any, path: str) -> list[Any]:
    """The values at a dotted path that say something; `value[x]` stands for the element in any of its types.

    An element of which nothing is there but extensions on a missing value says nothing.
    """
    found = [value]
    for step in path.split("."):
        found = [
            item
            for holder in found
            if isinstance(holder, dict)
            for name in _names(holder, step)
            for item in (holder[name] if isinstance(holder[name], list) else [holder[name]])
        ]
    return [item for item in found if _says_something(item)]


def _names(holder: Mapping[str, Any], step: str) -> Iterator[str]:
    if not step.endswith("[x]"):
        if step in holder:
            yield step
        return
    choice = re.compile(re.escape(step[:-3]) + "[A-Z]")
    yield from (name for name in holder if choice.match(name))


def _says_something(value: Any) -> bool:
    if value is None or value in ("", [], {}):
        return False
    return not isinstance(value, dict) or bool(set(value) - {"id", "extension"}) or "url" in value
