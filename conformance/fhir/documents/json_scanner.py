"""A forgiving scanner of JSON: reads what it can, says everything that is wrong, and knows where each value begins.

It runs only where the strict reader gave up, or where a position is asked for. It keeps a stack of its own, so
that nesting never exhausts Python's.

Source: RFC 8259; FHIR R4 JSON, https://hl7.org/fhir/R4/json.html
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from conformance.fhir.documents.document import MAX_DEPTH, Place, shown, step_of
from conformance.fhir.documents.json_faults import Fault, Scan
from conformance.fhir.documents.json_strings import unescape
from conformance.fhir.documents.numbers import number

__all__ = ["scan"]

MAX_FAULTS = 200

_SPACE = re.compile(r"[ \t\n\r]*")
_COMMENT = re.compile(r"//[^\n\r]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'"((?:[^"\\]+|\\.)*+)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^'\\\n]+|\\.)*+)'")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![\w.+-])")
_WORD = re.compile(r"[^\s\"'\[\]{}:,/#\\]+")
_NUMERIC = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_NO_NUMBERS = {"NaN", "Infinity", "-Infinity", "+Infinity"}
_ENDS = {"object": "}", "array": "]"}


class _Stop(Exception):
    """The scan cannot go on; the reason is among the faults."""


@dataclass(slots=True)
class _Frame:
    kind: str
    value: Any
    parts: Any
    start: int
    step: str
    after_comma: int = -1
    filled: bool = False


def scan(text: str, max_depth: int = MAX_DEPTH) -> Scan:
    """Read a text as JSON as far as it can be read."""
    scanner = _Scanner(text, max_depth)
    try:
        scanner.run()
    except _Stop:
        return Scan(None, None, scanner.faults)
    return Scan(scanner.value, scanner.places, scanner.faults)


class _Scanner:
    def __init__(self, text: str, max_depth: int) -> None:
        self.text = text
        self.at = 0
        self.max_depth = max_depth
        self.stack: list[_Frame] = []
        self.faults: list[Fault] = []
        self.comments: list[int] = []
        self.value: Any = None
        self.places: Place | None = None

    def run(self) -> None:
        self._skip()
        if self.at >= len(self.text):
            self._fatal("json-empty", "There is nothing here: a resource is a JSON object, {…}.")
        self._tell_comments("")
        self._value("")
        while self.stack:
            if self.stack[-1].kind == "object":
                self._member(self.stack[-1])
            else:
                self._item(self.stack[-1])
        self._skip()
        self._tell_comments("")
        if self.at < len(self.text):
            self._error(
                "json-trailing",
                f"The JSON ends before this, but {shown(self.text[self.at : self.at + 80], 20)} follows. One file "
                "holds one resource; several belong into NDJSON, one to a line, or into a Bundle.",
                "",
            )

    # -- members and items -------------------------------------------------------------------------------------

    def _member(self, frame: _Frame) -> None:
        if self._separate(frame):
            return
        start = self.at
        name = self._name()
        pointer = f"{self._pointer()}/{step_of(name)}"
        self._tell_comments(pointer)
        if name in frame.value:
            self._error(
                "json-duplicate",
                f"The name {shown(name)} stands twice in this object, and readers differ in which of the two they "
                "take. Leave one of them.",
                pointer,
                start,
            )
        self._skip()
        if not self.text.startswith(":", self.at):
            self._fatal(
                "json-syntax", f"After the name {shown(name)} a colon must stand, not {self._here()}."
            )
        self.at += 1
        self._skip()
        self._tell_comments(pointer)
        self._value(name)

    def _item(self, frame: _Frame) -> None:
        if self._separate(frame):
            return
        step = str(len(frame.value))
        self._tell_comments(f"{self._pointer()}/{step}")
        self._value(step)

    def _separate(self, frame: _Frame) -> bool:
        """Pass the comma before the next part, or the end of the object or array; True when it ended."""
        self._skip()
        if frame.filled and self.text.startswith(",", self.at):
            frame.after_comma = self.at
            self.at += 1
            self._skip()
        while self.text.startswith(",", self.at):
            self._error("json-extra-comma", "There is a comma too many here; take it out.", self._pointer())
            self.at += 1
            self._skip()
        here = self.text[self.at : self.at + 1]
        if here == _ENDS[frame.kind]:
            self._tell_comments(self._pointer())
            if frame.after_comma >= 0:
                self._error(
                    "json-extra-comma",
                    f"There is a comma after the last part of this {frame.kind}; take it out.",
                    self._pointer(),
                    frame.after_comma,
                )
            self.at += 1
            self._close()
            return True
        if not here:
            line = self._line(frame)
            self._fatal("json-end", f"The text ends within the {frame.kind} of line {line}; it was cut off.")
        if here in "]}":
            self._fatal(
                "json-close",
                f"{here!r} stands where {_ENDS[frame.kind]!r} must close the {frame.kind} that begins on line "
                f"{self._line(frame)}.",
            )
        if here not in "\"'{[" and not _WORD.match(self.text, self.at):
            self._fatal("json-syntax", f"Unexpected {self._here()}: no value begins like this.")
        if frame.filled and frame.after_comma < 0:
            self._error("json-missing-comma", f"A comma is missing before {self._here()}.", self._pointer())
        frame.after_comma = -1
        frame.filled = True
        return False

    def _close(self) -> None:
        frame = self.stack.pop()
        self._put(frame.step, frame.value, (frame.start, frame.parts))

    def _put(self, step: str, value: Any, place: Place) -> None:
        if not self.stack:
            self.value, self.places = value, place
            return
        parent = self.stack[-1]
        if parent.kind == "object":
            parent.value[step] = value
            parent.parts[step] = place
        else:
            parent.value.append(value)
            parent.parts.append(place)

    # -- tokens ------------------------------------------------------------------------------------------------

    def _value(self, step: str) -> None:
        start, here = self.at, self.text[self.at : self.at + 1]
        if here in ("{", "["):
            if len(self.stack) >= self.max_depth:
                self._fatal(
                    "json-depth",
                    f"Objects and arrays are nested more than {self.max_depth} deep, far deeper than any resource "
                    "is; the text was not read further.",
                )
            self.at += 1
            frame = (
                _Frame("object", {}, {}, start, step) if here == "{" else _Frame("array", [], [], start, step)
            )
            self.stack.append(frame)
            return
        if here == '"':
            value: Any = self._string(step)
        elif match := _NUMBER.match(self.text, self.at):
            self.at = match.end()
            value = self._number(step, match.group(), start)
        else:
            value = self._odd(step, start)
        self._put(step, value, (start, None))

    def _name(self) -> str:
        if self.text.startswith('"', self.at):
            return self._string("")
        if self.text.startswith("'", self.at):
            return self._single(self._pointer())
        match = _WORD.match(self.text, self.at)
        if match is None:
            self._fatal("json-syntax", f"Unexpected {self._here()}: a name in double quotes must stand here.")
        name = match.group()
        self._error(
            "json-unquoted",
            f"The name {shown(name)} must stand in double quotes.",
            self._pointer(),
            match.start(),
        )
        self.at = match.end()
        return name

    def _string(self, step: str) -> str:
        start = self.at
        match = _STRING.match(self.text, start)
        if match is None:
            self._fatal("json-end", 'The string that begins here has no closing quote (").')
        self.at = match.end()
        text, flaws = unescape(match.group(1))
        pointer = f"{self._pointer()}/{step_of(step)}" if step else self._pointer()
        for message_id, words, offset in flaws:
            self._error(message_id, words, pointer, start + 1 + offset)
        return text

    def _single(self, pointer: str) -> str:
        match = _SINGLE.match(self.text, self.at)
        if match is None:
            self._fatal("json-syntax", f"Unexpected {self._here()}.")
        self._error("json-single-quotes", "JSON knows double quotes only, not single ones.", pointer)
        self.at = match.end()
        return unescape(match.group(1))[0]

    def _odd(self, step: str, start: int) -> Any:
        """A value that is neither string, number, object nor array: a word, or something like one of these."""
        holder = self._pointer()
        own = f"{holder}/{step_of(step)}" if self.stack else ""
        if self.text.startswith("'", start):
            return self._single(own)
        match = _WORD.match(self.text, start)
        if match is None:
            self._fatal("json-syntax", f"Unexpected {self._here()}: a value must stand here.")
        word = match.group()
        self.at = match.end()
        if word in _WORDS:
            return _WORDS[word]
        if word in _NO_NUMBERS:
            self._error(
                "json-number", f"{word} is no number that JSON knows; leave the element out.", own, start
            )
            return word
        if _NUMERIC.fullmatch(word):
            self._error(
                "json-number",
                f"{shown(word)} is not how JSON writes a number: no plus sign, no needless zeros in front, digits on "
                "both sides of the point.",
                own,
                start,
            )
            return self._number(step, word, start)
        # Told at the array's item, or at the object that holds the member: what is broken is the object's syntax.
        where = own if self.stack and self.stack[-1].kind == "array" else holder
        self._error("json-unquoted", f"The value {shown(word)} must stand in double quotes.", where, start)
        return word

    def _number(self, step: str, lexeme: str, start: int) -> Any:
        """The number of a lexeme; the lexeme itself where no number is meant by so many digits."""
        made = number(lexeme)
        if made is None:
            words = f"{shown(lexeme)} has more digits, or a larger exponent, than any number that is meant."
            self._error(
                "json-number", words, f"{self._pointer()}/{step_of(step)}" if self.stack else "", start
            )
            return lexeme
        return made

    def _skip(self) -> None:
        """Pass white space, and comments, which are kept to be told at whatever follows them."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        while self.text.startswith("/", self.at):
            comment = _COMMENT.match(self.text, self.at)
            if comment is None:
                self._fatal("json-syntax", f"Unexpected {self._here()}.")
            self.comments.append(self.at)
            match = _SPACE.match(self.text, comment.end())
            self.at = match.end() if match else comment.end()

    def _line(self, frame: _Frame) -> int:
        """The line on which an object or array begins."""
        return self.text.count("\n", 0, frame.start) + 1

    # -- telling -----------------------------------------------------------------------------------------------

    def _tell_comments(self, pointer: str) -> None:
        for at in self.comments:
            self._error("json-comment", "JSON has no comments; take this one out.", pointer, at)
        self.comments.clear()

    def _pointer(self, most: int = MAX_DEPTH) -> str:
        return "".join(f"/{step_of(frame.step)}" for frame in self.stack[1 : most + 1])

    def _here(self) -> str:
        if self.at >= len(self.text):
            return "the end"
        match = _STRING.match(self.text, self.at) or _WORD.match(self.text, self.at)
        return shown(match.group()[:80] if match else self.text[self.at])

    def _error(self, message_id: str, words: str, pointer: str, at: int | None = None) -> None:
        self.faults.append(Fault("error", message_id, words, pointer, self.at if at is None else at))
        if len(self.faults) >= MAX_FAULTS:
            self._fatal(
                "json-too-many", f"{MAX_FAULTS} mistakes were found up to here; the rest was not read."
            )

    def _fatal(self, message_id: str, words: str) -> NoReturn:
        self.faults.append(Fault("fatal", message_id, words, self._pointer(most=10), self.at))
        raise _Stop
