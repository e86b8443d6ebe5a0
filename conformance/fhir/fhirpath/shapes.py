"""What the engine must know of a FHIR type, and where it asks: `Shape`, `Link`, `Model`.

A shape is a type, or a backbone element inside one. It tells by which JSON members an element is reached, so that
`value` finds `valueQuantity`, and of which types a value is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One JSON member of a shape: `name` is the element's (`value`), `key` the member's (`valueQuantity`).

    `type` is the key of the target's shape; "" where the resource itself must tell (`contained`).
    """

    name: str
    key: str
    type: str
    repeats: bool = False
    sibling: str = ""


@dataclass(slots=True, eq=False)
class Shape:
    """A type as the engine sees it. Made once by a model, never changed from outside.

    `key` names it among the model's shapes (`Patient.contact`); `name` is the type (`BackboneElement`);
    `ancestors` are the names of all types that it is, its own included; `system` is the System type that a
    primitive converts to (`String`, `Date` ...), "" for what is no primitive. `shape_of` gives the shape of a
    link's target. `by_key` and `choices` are made of `links`: the link of each JSON member, and for each choice
    element the links by the members (values and `_` siblings) that it may be written as.
    """

    key: str
    name: str
    ancestors: frozenset[str]
    system: str
    links: dict[str, tuple[Link, ...]]
    shape_of: Callable[[str], "Shape | None"]
    is_resource: bool = False
    by_key: dict[str, Link] = field(default_factory=dict)
    choices: dict[str, dict[str, Link]] = field(default_factory=dict)
    _targets: dict[str, "Shape | None"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_key = {link.key: link for links in self.links.values() for link in links}
        for name, links in self.links.items():
            if len(links) > 1:
                self.choices[name] = {key: link for link in links for key in (link.key, link.sibling) if key}

    def target(self, link: Link) -> "Shape | None":
        """The shape of a link's target; None where only the data can tell."""
        try:
            return self._targets[link.key]
        except KeyError:
            found = self._targets[link.key] = self.shape_of(link.type) if link.type else None
            return found


class Model(Protocol):
    """What the engine asks about FHIR types."""

    def shape(self, key: str) -> Shape | None:
        """The shape of a type (`Patient`, `HumanName`, `code`) or of a backbone element (`Patient.contact`)."""
        ...

    def is_type(self, name: str) -> bool:
        """Whether FHIR has a type of this name, abstract ones included."""
        ...
