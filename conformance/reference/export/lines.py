"""What becomes of a resource on its way into a file: absolute attachments, and only the elements asked for.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html#attachments.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from conformance.reference.behaviour.export import ParameterBehaviour
from conformance.reference.forms.jsontext import dump, parse
from conformance.reference.search.shaping import Shape
from conformance.reference.search.subsetting import subset, tagged

_RELATIVE_URL = re.compile(rb'"url"\s*:\s*"(?![A-Za-z][A-Za-z0-9+.\-]*:)')
_ATTACHMENTS = frozenset({"attachment", "photo", "presentedForm", "content", "document"})
_KEPT_WITHOUT_MANDATORY = frozenset({"resourceType", "id", "meta"})


@dataclass(frozen=True)
class Trim:
    """Leaves in a resource what `_elements` asks for, and what it must have; says so with a tag."""

    elements: tuple[tuple[str, str], ...]
    behaviour: ParameterBehaviour

    def __call__(self, text: bytes) -> bytes:
        """The resource with these elements only."""
        resource = parse(text)
        kind = resource["resourceType"]
        typed = (name for owner, name in self.elements if owner == kind and self.behaviour.elements_with_type)
        bare = (name for owner, name in self.elements if not owner and self.behaviour.elements_without_type)
        wanted = (*typed, *bare)
        # Where nothing is asked of a type, what it must have is all that is left of it.
        left = subset(resource, Shape(elements=wanted or ("id",)))
        if not self.behaviour.mandatory_kept:
            left = {
                name: value for name, value in left.items() if name in {*wanted, *_KEPT_WITHOUT_MANDATORY}
            }
        if len(left) == len(resource):
            return text
        return dump(tagged(left) if self.behaviour.subset_tagged else left)


def absolute_attachments(text: bytes, base_url: str) -> bytes:
    """A resource in which every Attachment.url is absolute, so that it can be fetched from anywhere."""
    if _RELATIVE_URL.search(text) is None:
        return text
    resource = parse(text)
    _make_absolute(resource, base_url + "/", is_attachment=False)
    return dump(resource)


def _make_absolute(value: Any, base: str, *, is_attachment: bool) -> None:
    if isinstance(value, list):
        for item in value:
            _make_absolute(item, base, is_attachment=is_attachment)
    elif isinstance(value, dict):
        if is_attachment and isinstance(value.get("url"), str):
            value["url"] = urljoin(base, value["url"])
        for name, item in value.items():
            _make_absolute(item, base, is_attachment=name in _ATTACHMENTS or name.endswith("Attachment"))
