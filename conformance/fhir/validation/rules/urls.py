"""What the text of a reference is: relative, absolute, a URN, a fragment, a conditional search.

Source: FHIR R4, https://hl7.org/fhir/R4/references.html#literal and https://hl7.org/fhir/R4/datatypes.html#uri.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

_ID = r"[A-Za-z0-9\-.]{1,64}"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_RELATIVE = re.compile(rf"([A-Z][A-Za-z]*)/({_ID})(?:/_history/({_ID}))?\Z")
_RESTFUL = re.compile(rf"(https?://[^\s?#]*/)([A-Z][A-Za-z]*)/({_ID})(?:/_history/({_ID}))?\Z")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]*)\?(.*)\Z", re.DOTALL)


class Form(Enum):
    """The forms that a literal reference can have."""

    FRAGMENT = "fragment"
    RELATIVE = "relative"
    RESTFUL = "restful"
    ABSOLUTE = "absolute"
    URN = "urn"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Literal:
    """A reference read: `base` (with its slash), `type`, `id` and `version` are empty where it has none.

    `id` is the fragment for `#id`.
    """

    form: Form
    base: str = ""
    type: str = ""
    id: str = ""
    version: str = ""


_REMEMBERED = 256


def literal(reference: str) -> Literal:
    """What a reference's text is. Nothing is looked up: a type that it names may be none of FHIR's."""
    return _known(reference) if len(reference) <= _REMEMBERED else _read(reference)


def _read(reference: str) -> Literal:
    if reference.startswith("#"):
        return Literal(Form.FRAGMENT, id=reference[1:])
    plain = reference.partition("#")[0]
    if match := _RELATIVE.match(plain):
        return Literal(Form.RELATIVE, "", match[1], match[2], match[3] or "")
    if match := _RESTFUL.match(plain):
        return Literal(Form.RESTFUL, match[1], match[2], match[3], match[4] or "")
    if _SCHEME.match(reference):
        return Literal(Form.URN if reference[:4].lower() == "urn:" else Form.ABSOLUTE)
    match = _CONDITIONAL.match(reference)
    return Literal(Form.CONDITIONAL, type=match[1]) if match else Literal(Form.UNKNOWN)


_known = lru_cache(maxsize=4096)(_read)


def is_absolute(uri: str) -> bool:
    """Whether a URI begins with a scheme."""
    return _SCHEME.match(uri) is not None
