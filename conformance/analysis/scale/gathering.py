"""The innermost loop: what a chunk's resources are, what they refer to, which codes and extensions they use.

The compiled core does the same for ordinary lines; whatever is odd comes here in any case.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from conformance.analysis.lines import BYTE_ORDER_MARK
from conformance.analysis.scale.piece import Piece, Trouble, when
from conformance.analysis.scale.scanning import scan
from conformance.analysis.scale.splitting import Line, Lines
from conformance.fhir.resource_types import KNOWN
from conformance.model.strictly import NotJson, strict_json

__all__ = ["NUMBER", "Gathering", "Tally", "plain_target", "take_all"]

Tally = dict[Any, list[int]]
"""How often something was seen, and the place where it was seen first."""

NUMBER = {name: number for number, name in enumerate(KNOWN, start=1)}
"""The number of a type in records; 0 stands for a type that is not known."""


LONGEST_ID = 64
UNKNOWN = "?"
"""Stands before a type that is not known, whatever it is called: what follows is never read as a type's name."""


class Gathering:
    """What was gathered so far from the lines of a chunk.

    `defined` are the names `Type/id` of its resources (`?Type/id` of unknown types), `places` where their lines begin,
    `numbers` those of their types.
    `references` are literal references by the type that holds them, without those to contained resources; `codes` are
    pairs of system and code; `extensions` are absolute URLs of extensions, `modifiers` those of modifier extensions;
    `identifiers` are systems of identifiers. `judge` says the errors of a resource, where resources are validated.
    `rows` are records of the file of this number that the compiled core has made already: of what is not in the others.
    Where `urns_are_elsewhere` it may also count references by URN at once: none is kept as a text then.
    """

    def __init__(self, piece: Piece, judge: Any = None, file: int = 0) -> None:
        self.piece = piece
        self.judge = judge
        self.file = file
        self.rows = b""
        self.urns_are_elsewhere = False
        self.defined: list[str] = []
        self.places: list[int] = []
        self.numbers: list[int] = []
        self.references: dict[str, Tally] = {}
        self.codes: Tally = {}
        self.extensions: Tally = {}
        self.modifiers: Tally = {}
        self.identifiers: Tally = {}

    def take(self, line: Line) -> None:
        """Gather from one line. One that holds no resource is told and counted, and ends nothing."""
        piece, place = self.piece, line.offset
        piece.lines += 1
        data = self._text(line)
        if not data:
            return
        resource = self._parsed(data, place)
        if resource is None:
            return
        piece.resources += 1
        kind = resource["resourceType"]
        if kind not in NUMBER:
            piece.trouble(Trouble.UNKNOWN_TYPE, place)
        source = kind if kind in NUMBER else ""
        piece.counts[source] += 1
        self.look_closer(data, self.walk(resource, source, place), place)
        identity = resource.get("id")
        if type(identity) is str and identity:
            self.defined.append(f"{source or UNKNOWN + kind}/{identity}")
            self.places.append(place)
            self.numbers.append(NUMBER.get(source, 0))
        else:
            piece.trouble(Trouble.NO_ID, place)
        self._note_update(resource, source)
        self.validate(data, place)

    def look_closer(self, data: bytes, members: int, place: int) -> None:
        """Note what a fast reader passed over in silence, in a text whose objects came to so many members."""
        twice, nul = scan(data, members)
        if twice:
            self.piece.trouble(Trouble.TWICE, place)
        if nul:
            self.piece.trouble(Trouble.NUL, place)

    def validate(self, data: bytes, place: int) -> None:
        """Note whether a resource is valid, where that is asked."""
        if self.judge is None:
            return
        self.piece.checked += 1
        errors = self.judge(data)
        if errors:
            self.piece.trouble(Trouble.INVALID, place, errors[0])

    def walk(self, resource: dict[str, Any], source: str, place: int) -> int:
        """Note what a resource names; gives how many members its objects have.

        With a stack and not by recursion: a hostile file may be nested deeper than Python recurses.
        """
        members = 0
        references = self.references.setdefault(source, {})
        stack: list[Any] = [resource]
        while stack:
            node = stack.pop()
            if type(node) is list:
                stack += [item for item in node if type(item) is dict or type(item) is list]
                continue
            members += len(node)
            if "reference" in node:
                text = node["reference"]
                if type(text) is str and not text.startswith("#"):
                    _count(references, text, place)
            if "system" in node:
                self._coded(node, place)
            if "extension" in node:
                _listed(self.extensions, node["extension"], place)
            if "modifierExtension" in node:
                _listed(self.modifiers, node["modifierExtension"], place)
            for value in node.values():
                kind = type(value)
                if kind is dict or kind is list:
                    stack.append(value)
        return members

    def _coded(self, node: dict[str, Any], place: int) -> None:
        system, code = node["system"], node.get("code")
        if type(system) is not str:
            return
        if type(code) is str:
            _count(self.codes, (system, code), place)
        elif "value" in node and ":" in system:
            _count(self.identifiers, system, place)

    def _text(self, line: Line) -> bytes:
        """The JSON text of a line, empty where there is none to read."""
        piece, data = self.piece, line.data
        if line.length > len(data):
            piece.trouble(Trouble.TOO_LONG, line.offset, f"{line.length:,} bytes")
            return b""
        if not line.ended:
            piece.trouble(Trouble.NO_FINAL_NEWLINE, line.offset)
        if line.offset == 0 and data.startswith(BYTE_ORDER_MARK):
            piece.trouble(Trouble.BYTE_ORDER_MARK, 0)
            data = data[len(BYTE_ORDER_MARK) :]
        if data.endswith(b"\r"):
            piece.trouble(Trouble.CARRIAGE_RETURN, line.offset)
        if not data.strip():
            piece.trouble(Trouble.BLANK, line.offset)
            return b""
        return data

    def _parsed(self, data: bytes, place: int) -> dict[str, Any] | None:
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError:
            value = self._read_again(data, place)
            if value is None:
                return None
        if type(value) is not dict:
            self.piece.trouble(Trouble.NOT_OBJECT, place)
            return None
        if type(value.get("resourceType")) is not str or not value["resourceType"]:
            self.piece.trouble(Trouble.NO_TYPE, place)
            return None
        return value

    def _read_again(self, data: bytes, place: int) -> Any:
        """Read slowly what the fast reader refused, to learn why."""
        try:
            return strict_json(data)
        except NotJson as error:
            why = str(error)
            if why.startswith("it is not UTF-8"):
                self.piece.trouble(Trouble.NOT_UTF8, place)
            elif why.startswith("it is nested"):
                self.piece.trouble(Trouble.TOO_DEEP, place)
            elif why.startswith("the member"):
                self.piece.trouble(Trouble.TWICE, place)
            else:
                self.piece.trouble(
                    Trouble.NOT_JSON, place, "a number" if "number" in why else why.partition("'")[0]
                )
            return None

    def _note_update(self, resource: dict[str, Any], kind: str) -> None:
        meta = resource.get("meta")
        updated = meta.get("lastUpdated") if type(meta) is dict else None
        instant = when(updated) if type(updated) is str else ""
        if instant:
            self.piece.saw_update(kind, instant)
        else:
            self.piece.without_update += 1


def take_all(regions: Iterable[Line | Lines], gathering: Gathering) -> None:
    """Gather from all these lines."""
    for region in regions:
        if isinstance(region, Line):
            gathering.take(region)
        else:
            for line in region:
                gathering.take(line)


def plain_target(text: str) -> str:
    """The type that a reference of the form `Type/id` names; empty for every other, told without looking closely."""
    kind, _, identity = text.partition("/")
    plain = identity.replace("-", "").replace(".", "")
    return (
        kind if kind in NUMBER and len(identity) <= LONGEST_ID and plain.isascii() and plain.isalnum() else ""
    )


def _count(tally: Tally, what: Any, place: int) -> None:
    seen = tally.get(what)
    if seen is None:
        tally[what] = [1, place]
    else:
        seen[0] += 1


def _listed(tally: Tally, extensions: Any, place: int) -> None:
    if type(extensions) is not list:
        return
    for extension in extensions:
        if type(extension) is dict:
            url = extension.get("url")
            if type(url) is str and ":" in url:
                _count(tally, url, place)
