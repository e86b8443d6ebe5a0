"""What a resource points to: its references and attachments, wherever in its tree they stand."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Attachment:
    """An element of FHIR's type Attachment, and the `Type/id` of the resource that holds it.

    Source: https://hl7.org/fhir/R4/datatypes.html#Attachment
    """

    source: str
    content_type: str
    url: str
    has_data: bool
    size: int | None = None
    hash: str = ""


def attachments_and_references(
    resource: dict[str, Any],
    source: str,
    attachments: list[Attachment],
    references: list[tuple[str, str]],
) -> None:
    """Append the attachments and outward references of one resource to these lists.

    The tree is walked with a stack and not by recursion: a hostile file may be nested deeper than Python
    recurses.
    """
    stack: list[Any] = [resource]
    while stack:
        node = stack.pop()
        if node.__class__ is list:
            stack += [item for item in node if item.__class__ is dict or item.__class__ is list]
            continue
        for name, value in node.items():
            kind = value.__class__
            if kind is dict or kind is list:
                stack.append(value)
            elif name == "reference" and kind is str and not value.startswith("#"):
                references.append((source, value))
        if ("contentType" in node or "hash" in node) and "resourceType" not in node:
            attachments.append(_attachment(node, source))


def _attachment(node: dict[str, Any], source: str) -> Attachment:
    def text(name: str) -> str:
        value = node.get(name)
        return value if isinstance(value, str) else ""

    size = node.get("size")
    return Attachment(
        source=source,
        content_type=text("contentType"),
        url=text("url"),
        has_data=bool(text("data")),
        size=size if isinstance(size, int) and not isinstance(size, bool) else None,
        hash=text("hash"),
    )
