"""Which entry of a Bundle a reference means, by fullUrl.

Source: FHIR R4, https://hl7.org/fhir/R4/bundle.html#references: a relative reference is completed by the root of its
own entry's RESTful fullUrl; then the entry whose fullUrl is that URL is meant. Beside that rule, `by_id` says which
entries merely look as if they were meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.fhir.validation.rules.reading import Json, object_at, text_at
from conformance.fhir.validation.rules.urls import Form, literal

_UUID = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class BundleIndex:
    """The entries of one Bundle by fullUrl, and by type and id of their resources; numbers are places in `entry`."""

    resources: tuple[Json, ...]
    full_urls: tuple[str, ...]
    by_url: Mapping[str, Sequence[int]] = field(repr=False)
    by_name: Mapping[str, Sequence[int]] = field(repr=False)

    def find(self, reference: str, source: int) -> int | None:
        """The entry that a reference in the entry `source` means, or None where none of the Bundle is meant."""
        wanted = self.complete(reference, source)
        if wanted is None:
            return None
        found = self.by_url.get(wanted.unversioned, ())
        meant = (at for at in found if not wanted.version or self.version(at) in {"", wanted.version})
        return next(meant, None)

    def complete(self, reference: str, source: int) -> "Target | None":
        """The absolute URL that a reference in an entry stands for; None for what names no entry."""
        read = literal(reference)
        if read.form is Form.RELATIVE:
            origin = literal(self.full_urls[source])
            if origin.form is not Form.RESTFUL:
                return None
            return Target(f"{origin.base}{read.type}/{read.id}", read.version)
        if read.form is Form.RESTFUL:
            return Target(f"{read.base}{read.type}/{read.id}", read.version)
        if read.form in {Form.URN, Form.ABSOLUTE}:
            return Target(reference.partition("#")[0])
        return None

    def by_id(self, reference: str) -> Sequence[int]:
        """The entries whose resource has the type and id that a relative reference names."""
        read = literal(reference)
        return self.by_name.get(f"{read.type}/{read.id}", ()) if read.form is Form.RELATIVE else ()

    def by_uuid(self, reference: str) -> Sequence[int]:
        """The entries whose fullUrl is the UUID that a relative reference gives as an id."""
        read = literal(reference)
        return self.by_url.get(f"{_UUID}{read.id}", ()) if read.form is Form.RELATIVE else ()

    def version(self, at: int) -> str:
        """The version that the resource of an entry states."""
        return text_at(object_at(self.resources[at], "meta"), "versionId")


@dataclass(frozen=True, slots=True)
class Target:
    """An absolute URL without its version, and the version that a reference asks for."""

    unversioned: str
    version: str = ""


def index_of(bundle: Any) -> BundleIndex:
    """The index of a Bundle's entries; an entry that is no object keeps its place, empty."""
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    resources: list[Json] = []
    full_urls: list[str] = []
    by_url: dict[str, list[int]] = {}
    by_name: dict[str, list[int]] = {}
    for at, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource, full_url = object_at(entry, "resource"), text_at(entry, "fullUrl")
        resources.append(resource)
        full_urls.append(full_url)
        if full_url:
            by_url.setdefault(full_url, []).append(at)
        name = f"{text_at(resource, 'resourceType')}/{text_at(resource, 'id')}"
        by_name.setdefault(name, []).append(at)
    return BundleIndex(tuple(resources), tuple(full_urls), by_url, by_name)
