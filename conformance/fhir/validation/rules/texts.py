"""Markdown that holds HTML, and element ids that occur twice.

Source: FHIR R4, https://hl7.org/fhir/R4/datatypes.html#markdown and https://hl7.org/fhir/R4/security.html#narrative
(active content); https://hl7.org/fhir/R4/element.html (an id is unique within its resource).
"""

import re
from collections.abc import Iterable, Iterator

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.leeway import Refused
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import Json, shortened, text_at
from conformance.fhir.validation.scope import Scope

_CODE = re.compile(r"(`{1,16})[^`]*\1|\\<")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,40}(?:\s[^<>]{0,1000})?/?>")


def markdown(node: Node, scope: Scope) -> Iterable[Issue]:
    """Markdown holds no HTML tag, outside code and where it is not escaped.

    FHIR's markdown is GFM "with the exception of support for inline HTML which is not supported"; what a reader makes
    of a tag is therefore left to it, and the text is told as a warning: it may be meant as it stands.
    """
    if not isinstance(node.value, str) or "<" not in node.value:
        return
    if found := _TAG.search(_CODE.sub(" ", node.value)):
        yield scope.issue(
            node,
            "markdown-html",
            f"the markdown has what reads as the HTML tag {shortened(found[0])!r}; write \\< where no tag is meant",
            severity=scope.leeway.severity(Refused.HTML_IN_MARKDOWN),
        )


def element_ids(node: Node, scope: Scope) -> Iterable[Issue]:
    """No two elements of a resource have the same id; contained resources are looked at on their own."""
    if not isinstance(node.value, dict):
        return
    seen: set[str] = set()
    repeated: dict[str, None] = {}
    for identity in _ids(node.value):
        if identity in seen:
            repeated[identity] = None
        seen.add(identity)
    if repeated:
        shown = ", ".join(repr(shortened(identity)) for identity in list(repeated)[:3])
        yield scope.issue(
            node,
            "element-id-repeated",
            f"more than one element has the id {shown}, so nothing can point at it",
            severity=Severity.WARNING,
        )


def _ids(resource: Json) -> Iterator[str]:
    """The ids of all elements, without those of resources inside and of the definitions in a structure."""
    waiting = [value for name, value in resource.items() if name not in _OWN]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict) and "resourceType" not in found:
            if "id" in found and (identity := text_at(found, "id")):
                yield identity
            waiting.extend([each for each in found.values() if isinstance(each, (dict, list))])


_OWN = frozenset({"contained", "snapshot", "differential"})

MARKDOWN = (markdown,)
RESOURCE = (element_ids,)
