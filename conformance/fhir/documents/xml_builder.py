"""Builds FHIR's JSON form from what an XML parser meets, element by element.

Source: FHIR R4 XML, https://hl7.org/fhir/R4/xml.html, and JSON, https://hl7.org/fhir/R4/json.html
"""

from dataclasses import dataclass, field
from typing import Any, NoReturn

from conformance.fhir.documents.document import Place, Severity, TextProblem, shown
from conformance.fhir.documents.xml_narrative import NarrativeWriter, split_name
from conformance.fhir.documents.xml_shapes import Part, Shape, Shapes
from conformance.fhir.documents.xml_values import typed

__all__ = ["FHIR", "Builder", "Stop"]

FHIR = "http://hl7.org/fhir"

MAX_PROBLEMS = 200

Spot = tuple[int, int]


class Stop(Exception):
    """The document cannot be read further; the reason is among the problems."""


@dataclass(slots=True)
class _Frame:
    """An element that has begun and not yet ended."""

    part: Part | None
    shape: Shape
    pointer: str
    location: str
    spot: Spot
    value: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Any] = field(default_factory=dict)
    lexeme: str | None = None
    holds: bool = False
    order: int = -1
    last: str = ""
    extras: dict[str, dict[int, Any]] = field(default_factory=dict)


class Builder:
    """The handlers for a parser's events. `spot` says where the parser is: line and column from 1."""

    def __init__(self, shapes: Shapes, max_depth: int) -> None:
        self.shapes = shapes
        self.max_depth = max_depth
        self.problems: list[TextProblem] = []
        self.value: Any = None
        self.place: Place | None = None
        self.spot: Spot = (1, 1)
        self._namespace = FHIR
        self._stack: list[_Frame] = []
        self._narrative: NarrativeWriter | None = None
        self._skipped = 0
        self._last: Spot = (1, 1)

    # -- events ------------------------------------------------------------------------------------------------

    def start(self, name: str, attributes: list[str]) -> None:
        """An element begins."""
        self._last = self.spot
        narrative_depth = self._narrative.depth if self._narrative else 0
        if len(self._stack) + self._skipped + narrative_depth >= self.max_depth:
            self.fatal(
                "xml-depth",
                f"Elements are nested more than {self.max_depth} deep, far deeper than any resource is; the document "
                "was not read further.",
                code="too-long",
            )
        if self._narrative:
            self._narrative.start(name, attributes)
        elif self._skipped:
            self._skipped += 1
        elif not self._stack:
            self._root(name, attributes)
        elif self._stack[-1].holds:
            self._resource(self._stack[-1], name, attributes)
        else:
            self._child(self._stack[-1], name, attributes)

    def end(self) -> None:
        """The innermost element ends."""
        self._last = self.spot
        if self._narrative:
            self._narrative.end()
            if self._narrative.depth == 0:
                frame = self._stack.pop()
                self._put(frame, self._narrative.text, None)
                self._narrative = None
            return
        if self._skipped:
            self._skipped -= 1
            return
        self._close(self._stack.pop())

    def characters(self, text: str) -> None:
        """Text, which only a narrative may have."""
        if self._narrative:
            self._narrative.characters(text)
        elif not self._skipped and not text.isspace():
            words = f'Text may not stand here: {shown(text[:200].strip())}. Values belong into value="…".'
            self.error("xml-text", words, self._stack[-1], "structure", self._before(text))

    def comment(self, text: str) -> None:
        """A comment, which FHIR lets stand anywhere."""
        if self._narrative:
            self._narrative.comment(text)

    def instruction(self, target: str, text: str) -> None:
        """A processing instruction, which "SHOULD not be included" (https://hl7.org/fhir/R4/xml.html)."""
        if self._narrative:
            self._narrative.instruction(target, text)
        else:
            self.error(
                "xml-instruction",
                f"The processing instruction {shown(f'<?{target}?>')} should not stand in a resource: "
                "readers may drop it.",
                self._stack[-1] if self._stack else None,
                severity="warning",
            )

    def _before(self, text: str) -> Spot:
        """Where text begins that ends where the parser is: its line, and its column as well as can be told."""
        blank = text[: len(text) - len(text.lstrip())]
        line = self.spot[0] - text.count("\n") + blank.count("\n")
        if "\n" in blank:
            return line, len(blank) - blank.rfind("\n")
        if "\n" not in text:
            return line, max(1, self.spot[1] - len(text) + len(blank))
        return line, self._last[1] if self._last[0] == line else 1

    # -- elements ----------------------------------------------------------------------------------------------

    def _root(self, name: str, attributes: list[str]) -> None:
        uri, local, _ = split_name(name)
        shape = self.shapes.of_resource(local)
        if shape is None and not self.shapes.defines(local):
            self.fatal(
                "xml-root", f"<{local}> is no resource that the loaded definitions know.", code="structure"
            )
        if uri != FHIR:
            self._namespace = uri
            self.error(
                "xml-namespace",
                f"<{local}> is in {f'the namespace {shown(uri, 80)}' if uri else 'no namespace'}; "
                f'a resource says xmlns="{FHIR}".',
                location=local,
            )
        frame = _Frame(None, shape or self.shapes.of_type(local), "", local, self.spot)
        if shape is None:
            self.error(
                "xml-root", f"<{local}> is a data type; a document holds a resource.", frame, "structure"
            )
        else:
            frame.value["resourceType"] = local
            frame.places["resourceType"] = (self.spot, None)
        self._open(frame, attributes)

    def _resource(self, holder: _Frame, name: str, attributes: list[str]) -> None:
        _, local, _ = split_name(name)
        if holder.value:
            self.error(
                "xml-one-resource",
                f"<{holder.last}> holds one resource; <{local}> is one more.",
                holder,
                "structure",
            )
            self._skipped = 1
            return
        shape = self.shapes.of_resource(local)
        frame = _Frame(None, shape or Shape({}, {}), holder.pointer, holder.location, self.spot)
        frame.value["resourceType"] = local
        frame.places["resourceType"] = (self.spot, None)
        if shape is None:
            # Kept by name only: a validator says that it knows no such resource.
            holder.value, holder.places = frame.value, frame.places
            self._skipped = 1
            return
        self._open(frame, attributes)

    def _child(self, parent: _Frame, name: str, attributes: list[str]) -> None:
        uri, local, _ = split_name(name)
        part = parent.shape.elements.get(local)
        if part is None or (uri != self._namespace and part.kind != "xhtml"):
            self._unknown(parent, uri, local, known=part is not None)
            self._skipped = 1
            return
        if part.order < parent.order:
            self.error(
                "xml-order",
                f"<{local}> must stand before <{parent.last}>: elements have a fixed order.",
                parent,
                "structure",
            )
        else:
            parent.order, parent.last = part.order, local
        count = self._count(parent, part)
        step, index = (f"/{count}", f"[{count}]") if part.repeats or count else ("", "")
        frame = _Frame(
            part,
            self.shapes.of_part(part),
            f"{parent.pointer}/{local}{step}",
            f"{parent.location}.{local}{index}",
            self.spot,
        )
        if part.kind == "xhtml":
            self._stack.append(frame)
            self._narrative = NarrativeWriter()
            self._narrative.start(name, attributes)
            return
        if part.kind == "resource":
            frame.holds, frame.last = True, local
        self._open(frame, attributes)

    def _unknown(self, parent: _Frame, uri: str, local: str, *, known: bool) -> None:
        if known:
            words = f'<{local}> is in the namespace {shown(uri, 80)}; FHIR\'s is "{FHIR}".'
            self.error("xml-namespace", words, parent)
        else:
            self.error(
                "xml-unknown-element",
                f"There is no element <{local}> in {parent.location}.",
                parent,
                "structure",
            )

    @staticmethod
    def _count(parent: _Frame, part: Part) -> int:
        """How many elements of this name the parent has already."""
        held = parent.value.get(part.name)
        if isinstance(held, list):
            return len(held)
        return int(part.name in parent.value or f"_{part.name}" in parent.value)

    def _open(self, frame: _Frame, attributes: list[str]) -> None:
        self._stack.append(frame)
        primitive = frame.part is not None and frame.part.kind == "primitive"
        for at in range(0, len(attributes), 2):
            uri, local, prefix = split_name(attributes[at])
            if not uri and primitive and local == "value":
                frame.lexeme = attributes[at + 1]
            elif not uri and local in frame.shape.attributes:
                frame.value[local] = attributes[at + 1]
                frame.places[local] = (frame.spot, None)
            else:
                written = f"{prefix}:{local}" if prefix else local
                self.error(
                    "xml-unknown-attribute",
                    f"There is no attribute {written!r} on {frame.location}.",
                    frame,
                    "structure",
                )

    def _close(self, frame: _Frame) -> None:
        for name, extras in frame.extras.items():
            values = frame.value[name]
            frame.value[f"_{name}"] = [extras.get(index, (None, None))[0] for index in range(len(values))]
            frame.places[f"_{name}"] = frame.places[name]
            frame.places[f"_{name}"] = (
                frame.places[name][0],
                [
                    (place[0], extras.get(index, (None, None))[1])
                    for index, place in enumerate(frame.places[name][1])
                ],
            )
            if all(value is None for value in values):
                del frame.value[name], frame.places[name]
        if frame.part is None:
            self._end_resource(frame)
        elif frame.part.kind != "primitive":
            self._put(frame, frame.value, frame.places)
        elif frame.lexeme is None:
            self._put(frame, None, None, (frame.value, frame.places))
        else:
            extra = (frame.value, frame.places) if frame.value else None
            self._put(frame, typed(frame.part.type, frame.lexeme), None, extra)

    def _end_resource(self, frame: _Frame) -> None:
        if self._stack:
            self._stack[-1].value, self._stack[-1].places = frame.value, frame.places
        else:
            self.value, self.place = frame.value, (frame.spot, frame.places)

    def _put(self, frame: _Frame, value: Any, places: Any, extra: tuple[Any, Any] | None = None) -> None:
        """Put an element into its parent: as an array's item where JSON shows one, or where it stands twice."""
        part = frame.part
        assert part is not None
        parent, name = self._stack[-1], part.name
        if not part.repeats and name not in parent.value and f"_{name}" not in parent.value:
            if value is not None:
                parent.value[name], parent.places[name] = value, (frame.spot, places)
            if extra is not None:
                parent.value[f"_{name}"], parent.places[f"_{name}"] = extra[0], (frame.spot, extra[1])
            return
        if not isinstance(parent.value.get(name), list):
            self._make_list(parent, name, frame.spot)
        items = parent.value[name]
        if extra is not None:
            parent.extras.setdefault(name, {})[len(items)] = extra
        items.append(value)
        parent.places[name][1].append((frame.spot, places))

    @staticmethod
    def _make_list(parent: _Frame, name: str, spot: Spot) -> None:
        first = parent.places.get(name) or parent.places.get(f"_{name}")
        held = f"_{name}" in parent.value
        if held:
            parent.extras[name] = {0: (parent.value.pop(f"_{name}"), parent.places.pop(f"_{name}")[1])}
        parent.value[name] = [parent.value.get(name)] if first else []
        parent.places[name] = (first[0] if first else spot, [first] if first else [])

    # -- telling -----------------------------------------------------------------------------------------------

    def error(  # noqa: PLR0913 - a problem has as many parts
        self,
        message_id: str,
        words: str,
        frame: _Frame | None = None,
        code: str = "invalid",
        spot: Spot | None = None,
        location: str = "",
        severity: Severity = "error",
    ) -> None:
        """Tell of a problem, at a frame's place in the resource and where the parser is in the text."""
        line, column = spot or self.spot
        pointer = frame.pointer if frame else ""
        where = location or (frame.location if frame else "")
        self.problems.append(TextProblem(severity, code, message_id, words, pointer, where, line, column))
        if len(self.problems) >= MAX_PROBLEMS and severity != "fatal":
            self.fatal(
                "xml-too-many", f"{MAX_PROBLEMS} problems were found up to here; the rest was not read."
            )

    def fatal(self, message_id: str, words: str, *, code: str = "invalid") -> NoReturn:
        """Tell of a problem that reading cannot go past."""
        self.error(message_id, words, self._stack[0] if self._stack else None, code, severity="fatal")
        raise Stop
