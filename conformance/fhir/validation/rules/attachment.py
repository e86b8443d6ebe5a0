"""An Attachment's size and hash agree with its data.

Source: FHIR R4, the definitions of Attachment.size and Attachment.hash,
https://hl7.org/fhir/R4/datatypes.html#Attachment. Data without a content type is the invariant att-1.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import Any

from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import text_at
from conformance.fhir.validation.scope import Scope


def data(node: Node, scope: Scope) -> Iterable[Issue]:
    """`size` counts the bytes of `data`, and `hash` is their SHA-1."""
    content = _bytes(node.value)
    if content is None:
        return
    size = node.value.get("size")
    if isinstance(size, int) and not isinstance(size, bool) and size != len(content):
        yield scope.issue(
            node,
            "attachment-size",
            f"size says {size} bytes, and data has {len(content)}",
            code="structure",
        )
    stated = _decoded(text_at(node.value, "hash"))
    found = hashlib.sha1(content, usedforsecurity=False).digest()
    if stated is not None and stated != found:
        yield scope.issue(
            node,
            "attachment-hash",
            f"hash is not the SHA-1 of data, which is {base64.b64encode(found).decode()}",
            code="structure",
        )


def _bytes(value: Any) -> bytes | None:
    return _decoded(text_at(value, "data")) if isinstance(value, dict) else None


def _decoded(text: str) -> bytes | None:
    """The bytes of a base64 text, None for an empty or a wrong one (which the lexical form reports)."""
    if not text:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


RULES = (data,)
