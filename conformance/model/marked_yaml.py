"""YAML that remembers where each value stands, and refuses what makes YAML unsafe or ambiguous.

Refused: duplicate keys, aliases (the means of a YAML bomb), tags, keys that are no text, and documents over a
limit of size, and what has no canonical JSON form (RFC 8785): numbers without end or out of the range of doubles,
half characters. Dates stay text: a profile's date is what its author wrote.

What is declared and signed is read by the core schema of YAML 1.2 (section 10.3) instead: there NO is a country's
code, 1:30 and 0750 are text, and a number with a fraction is refused, since nobody can tell from it what was written.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from conformance.errors import Problem

Path = tuple[str | int, ...]
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_SIZE = 8 * 2**20
MAX_DEPTH = 60
MOST_VALUES = 300_000
LARGE = 2**20
"""Texts shorter than this cannot hold so many values that it matters."""
_DIGITS = re.compile(r"[-+]?[0-9]+", re.ASCII)
_CORE_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_CORE_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_CORE_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
EXACT = 2**53
"""Whole numbers below this are the same in every reader of JSON (RFC 8785 section 3.2.2.3)."""
_LONGEST_INTEGER = 15
SAFE_TAGS = tuple(
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp")
)
COLLECTION_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(frozen=True)
class Marked:
    """A document's value, where its parts stand, and the mistakes that kept parts of it from being read."""

    file: str
    value: Any
    places: Mapping[Path, tuple[int, int]]
    problems: Sequence[Problem] = field(default=())

    def problem(self, path: Path, message: str) -> Problem:
        """A mistake at this path, or at the closest part above it whose place is known."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (0, 0))
        return Problem(self.file, line, column, message)


def read_yaml(text: str, file: str, *, core: bool = False) -> Marked:
    """The document in this text. Mistakes are returned in it, none is raised.

    `core` reads plain scalars by the core schema of YAML 1.2, and refuses numbers with a fraction.
    """
    if len(text) > MAX_SIZE:
        return Marked(file, None, {}, [Problem(file, 0, 0, f"is larger than {MAX_SIZE // 2**20} MB")])
    reader = _Reader(file, core=core)
    try:
        if "*" in text or len(text) > LARGE:
            refused = _refused_early(text, file)
            if refused is not None:
                return Marked(file, None, {}, [refused])
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark)
        return Marked(
            file, None, {}, [Problem(file, *place, f"is no YAML: {error.problem or error.context}")]
        )
    except (yaml.YAMLError, RecursionError) as error:
        return Marked(file, None, {}, [Problem(file, 0, 0, f"is no YAML: {str(error).splitlines()[0]}")])
    value = reader.value(node, ()) if node is not None else None
    return Marked(file, value, reader.places, reader.problems)


def _refused_early(text: str, file: str) -> Problem | None:
    """What is seen before anything is built: an alias, or more values than a document may hold."""
    values = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.AliasEvent):
            message = f"the alias *{event.anchor} is not accepted: write the value out"
            return Problem(file, *_place(event.start_mark), message)
        values += isinstance(event, yaml.ScalarEvent)
        if values > MOST_VALUES:
            message = f"holds more than {MOST_VALUES:,} values: divide it into several files"
            return Problem(file, *_place(event.start_mark), message)
    return None


def _place(mark: Any) -> tuple[int, int]:
    """Line and column of a mark, counted from 1; zeros where there is none."""
    return (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)


def _without_canonical_form(value: Any) -> str:
    """Why this scalar cannot stand in canonical JSON; empty where it can."""
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return "holds half a character (a lone surrogate)"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no number that can be written down"
    if isinstance(value, int) and abs(value) >= EXACT:
        return f"{str(value)[:40]} is too large a number: write it as text"
    return ""


def mapping_of(value: Any) -> Mapping[str, Any]:
    """The value where it is a mapping; an empty one where its author wrote something else."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The value where it is a list; an empty one where its author wrote something else."""
    return value if isinstance(value, list) else []


class _Reader:
    def __init__(self, file: str, *, core: bool) -> None:
        self.file = file
        self.core = core
        self.places: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []

    def value(self, node: Node, path: Path) -> Any:
        self.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if len(path) > MAX_DEPTH:
            return self._refuse(node, "is nested too deeply")
        if isinstance(node, MappingNode | SequenceNode) and node.tag not in COLLECTION_TAGS:
            return self._refuse(node, f"the tag {node.tag} is not accepted")
        if isinstance(node, MappingNode):
            return dict(self._members(node, path))
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _members(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._refuse(key_node, "a key must be text")
                continue
            key = key_node.value
            if said := _without_canonical_form(key):
                self._refuse(key_node, said)
                continue
            if key in seen:
                self._refuse(key_node, f"the key {key!r} stands twice")
            seen.add(key)
            value = self.value(value_node, (*path, key))
            self.places[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            yield key, value

    def _scalar(self, node: Node) -> Any:
        if node.tag not in SAFE_TAGS:
            return self._refuse(node, f"the tag {node.tag} is not accepted")
        if self.core:
            return self._core_scalar(node)
        if node.tag == SAFE_TAGS[-1]:
            return node.value
        constructor = yaml.SafeLoader("")
        try:
            value = constructor.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            return self._refuse(node, f"cannot be read: {error}")
        finally:
            constructor.dispose()
        said = _without_canonical_form(value)
        return self._refuse(node, said) if said else value

    def _core_scalar(self, node: Any) -> Any:
        text, plain = node.value, node.style in (None, "")
        if plain and node.tag != SAFE_TAGS[0]:
            if text in _CORE_WORDS:
                return _CORE_WORDS[text]
            if _CORE_INTEGER.fullmatch(text):
                too_large = len(text) > _LONGEST_INTEGER
                return (
                    self._refuse(node, "is too large a number: write it as text") if too_large else int(text)
                )
        if plain and _CORE_FLOAT.fullmatch(text) and not _DIGITS.fullmatch(text):
            return self._refuse(node, f"{text[:40]} is a number with a fraction: write it in quotes, as text")
        said = _without_canonical_form(text)
        return self._refuse(node, said) if said else text

    def _refuse(self, node: Node, message: str) -> None:
        self.problems.append(
            Problem(self.file, node.start_mark.line + 1, node.start_mark.column + 1, message)
        )
