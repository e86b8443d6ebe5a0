"""The rules of narrative: what is wrong with a `div`, in words, and a quick test that it is in order.

Narrative is parsed as XML, with the named characters of HTML 4 known and any document type refused.

Source: FHIR R4 narrative, https://hl7.org/fhir/R4/narrative.html (invariants txt-1 and txt-2, `htmlChecks()`)
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from html.entities import name2codepoint
from typing import Literal
from xml.parsers import expat

from conformance.fhir.documents.xml_narrative import split_name
from conformance.fhir.validation import xhtml_rules as rules

__all__ = [
    "NarrativeLinks",
    "NarrativeProblem",
    "is_clean_narrative",
    "narrative_links",
    "narrative_problems",
    "needs_no_words",
]

XHTML = "http://www.w3.org/1999/xhtml"
MAX_DEPTH = 500
MAX_PROBLEMS = 100

_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{0,31});")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True, slots=True)
class NarrativeProblem:
    """One thing wrong with a narrative.

    `rule` is the invariant that it breaks (txt-1, txt-2) or empty; `line` and `column` count from 1 within the
    narrative's text.
    """

    severity: Literal["error", "warning", "information"]
    code: str
    message_id: str
    words: str
    rule: str = ""
    line: int = 0
    column: int = 0

    @property
    def is_error(self) -> bool:
        """Whether a narrative with this problem does not conform."""
        return self.severity == "error"


@dataclass(frozen=True, slots=True)
class NarrativeLinks:
    """What a narrative points to within its document (`#…`, written without #), and the ids and names it offers."""

    links: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


def narrative_problems(text: str) -> tuple[NarrativeProblem, ...]:
    """Everything wrong with a narrative, in the order of its text."""
    return tuple(_read(text).problems)


def narrative_links(text: str) -> NarrativeLinks:
    """The internal links of a narrative, which only whoever holds the whole resource can resolve."""
    reader = _read(text)
    return NarrativeLinks(tuple(reader.links), tuple(reader.images), tuple(reader.targets))


# Text between tags, and tags whose attribute values hold no < or >: then every > ends a tag.
_CHARACTER = r"(?:[^<>&\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|&(?:amp|lt|gt|quot|apos);)"
_TAG = r"</?[a-z][a-z0-9]*(?:\s+[a-z:]+\s*=\s*\"[^\"<>&\x00-\x1f\ud800-\udfff\ufffe\uffff]*\")*\s*/?>"
_SIMPLE = re.compile(f"(?:{_CHARACTER}*+{_TAG})++")
_WHITE = re.compile(r">\s+(?=<)")
_TEXT = re.compile(f">{_CHARACTER}++")
_VALUE = re.compile(r" (style|class|title|alt)=\"[^\"]*\"")
_HREF = re.compile(r" href=\"https?://[A-Za-z0-9./_~%?=+,:@-]+\"")


def is_clean_narrative(text: str) -> bool:
    """Whether a narrative surely has no error: True is certain, False says only that it needs a closer look.

    A narrative with links into its own document is never certain: only its resource can resolve them.
    """
    return _worst(text) in {"", "warning"}


def needs_no_words(text: str) -> bool:
    """Whether there surely is nothing to tell of a narrative, not even a warning."""
    return not _worst(text)


def _worst(text: str) -> str:
    outline = text
    if text.startswith("<div") and _SIMPLE.fullmatch(text):
        # Narratives differ in words more than in structure: what is judged and remembered is the structure.
        outline = _HREF.sub(' href="u"', _VALUE.sub(r' \1="v"', _TEXT.sub(">x", _WHITE.sub(">", text))))
    return _remembered(outline) if len(outline) <= _WORTH_REMEMBERING else _read_worst(outline)


_WORTH_REMEMBERING = 4096
"""Characters beyond which an outline is too large to be kept, and too rare to come again."""


def _read_worst(text: str) -> str:
    """The worst that is to be told: an error or links of its own, less than an error, or nothing."""
    reader = _read(text)
    if reader.links or reader.images or any(problem.is_error for problem in reader.problems):
        return "error"
    return "warning" if reader.problems else ""


_remembered = lru_cache(maxsize=2048)(_read_worst)


_SYNTAX = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]: "an element is not closed, or there is none",
    expat.errors.codes[
        expat.errors.XML_ERROR_TAG_MISMATCH
    ]: "an end tag does not belong to the element that is open",
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "a tag or a comment is not closed",
    expat.errors.codes[
        expat.errors.XML_ERROR_INVALID_TOKEN
    ]: "a character stands where it may not, as a bare < does",
    expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: "something follows after the div",
}


class _Stop(Exception):
    """The narrative need not be read further."""


def _read(text: str) -> "_Reader":
    reader = _Reader()
    reader.read(text)
    return reader


class _Reader:
    def __init__(self) -> None:
        self.problems: list[NarrativeProblem] = []
        self.links: list[str] = []
        self.images: list[str] = []
        self.targets: list[str] = []
        self._stack: list[str] = []
        self._has_content = False
        self._parser = expat.ParserCreate("utf-8", " ")

    def read(self, text: str) -> None:
        parser = self._parser
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(self._with_characters(text).encode("utf-8", "surrogatepass"), True)
        except _Stop:
            return
        except expat.ExpatError as error:
            words = f"The narrative is no well-formed XHTML: {_SYNTAX.get(error.code) or str(error).partition(':')[0]}."
            self._tell("xhtml-syntax", words, line=error.lineno, column=error.offset + 1)
            return
        if not self._has_content:
            words = "The narrative says nothing: it must hold some text or an image."
            self._tell("xhtml-empty", words, rule="txt-2", code="invariant", line=1, column=1)
        self._tell_doubles()

    def _with_characters(self, text: str) -> str:
        """The text with HTML's named characters as numbers, which is how XML knows them."""
        return _ENTITY.sub(self._numbered, text) if "&" in text else text

    def _numbered(self, match: re.Match[str]) -> str:
        name = match[1]
        if name in _XML_ENTITIES:
            return match.group()
        if name in name2codepoint:
            return f"&#{name2codepoint[name]};"
        line = match.string.count("\n", 0, match.start()) + 1
        column = match.start() - match.string.rfind("\n", 0, match.start())
        self._tell("xhtml-entity", f"&{name}; is no character that HTML 4 names.", line=line, column=column)
        return "?"

    def _start(self, name: str, attributes: list[str]) -> None:
        uri, local, _ = split_name(name)
        if len(self._stack) >= MAX_DEPTH:
            self._tell("xhtml-depth", f"Elements are nested more than {MAX_DEPTH} deep.", code="too-long")
            raise _Stop
        if uri != XHTML:
            said = f"the namespace {uri!r}" if uri else "no namespace"
            self._tell(
                "xhtml-namespace", f'<{local}> is in {said}; it must be in "{XHTML}" (xmlns="…" on the div).'
            )
        if not self._stack:
            if local != "div":
                self._tell("xhtml-root", f"A narrative is a <div>, not a <{local}>.")
        elif local not in rules.ELEMENTS:
            words = f"The element <{local}> may not stand in a narrative."
            self._tell("xhtml-element", words, rule="txt-1")
        else:
            self._place(local)
        self._attributes(local, attributes)
        self._has_content = self._has_content or local == "img"
        self._stack.append(local)

    def _place(self, local: str) -> None:
        parent = self._stack[-1]
        if parent in rules.EMPTY:
            self._tell(
                "xhtml-structure", f"<{parent}> must be empty; <{local}> stands in it.", code="structure"
            )
        elif (allowed := rules.ONLY.get(parent)) and local not in allowed:
            words = f"<{local}> may not stand directly in <{parent}>, only {_listed(allowed)}."
            self._tell("xhtml-structure", words, code="structure")
        elif (parents := rules.PARENTS.get(local)) and parent not in parents:
            words = f"<{local}> must stand in {_listed(parents)}, not in <{parent}>."
            self._tell("xhtml-structure", words, code="structure")
        for outer in reversed(self._stack[1:]):
            if local in rules.INLINE.get(outer, ()):
                self._tell(
                    "xhtml-structure",
                    f"The block <{local}> may not stand within <{outer}>.",
                    code="structure",
                )
                return
        if local in rules.NOT_IN_ITSELF and local in self._stack:
            self._tell(
                "xhtml-structure", f"<{local}> may not stand within another <{local}>.", code="structure"
            )

    def _attributes(self, local: str, attributes: list[str]) -> None:
        allowed = rules.ATTRIBUTES.get(local)
        for at in range(0, len(attributes), 2):
            uri, name, prefix = split_name(attributes[at])
            value = attributes[at + 1]
            if uri:
                name = f"{'xml' if uri == _XML_NAMESPACE else prefix}:{name}"
            if allowed is not None and name not in allowed:
                words = f"The attribute {name!r} may not stand on <{local}> in a narrative."
                self._tell("xhtml-attribute", words, rule="txt-1")
            elif name == "xml:space":
                words = "xml:space is lawful but needless: a narrative keeps its whitespace in <pre>."
                self._tell("xhtml-xml-space", words, severity="information")
            self._link(local, name, value)

    def _link(self, local: str, name: str, value: str) -> None:
        if name == "id" or (local == "a" and name == "name" and value not in self.targets):
            self.targets.append(value)
        is_link = local in {"a", "area"} and name == "href"
        if not is_link and not (local == "img" and name == "src"):
            return
        if fault := rules.link_fault(value, is_link=is_link):
            what = "link" if is_link else "image"
            self._tell(
                "xhtml-link", f"The {what} {name}={value[:60]!r} cannot stand in a narrative: {fault}."
            )
        elif value.startswith("#") and len(value) > 1:
            (self.links if is_link else self.images).append(value[1:])

    def _end(self, _name: str) -> None:
        self._stack.pop()

    def _characters(self, text: str) -> None:
        if not text.strip():
            return
        self._has_content = True
        inner = self._stack[-1]
        if inner in rules.ONLY or inner in rules.EMPTY:
            self._tell("xhtml-structure", f"Text may not stand directly in <{inner}>.", code="structure")

    def _instruction(self, target: str, _text: str) -> None:
        self._tell(
            "xhtml-instruction", f"The processing instruction <?{target}?> may not stand in a narrative."
        )

    def _doctype(self, _name: str, _system: str | None, _public: str | None, _internal: int) -> None:
        self._tell("xhtml-doctype", "A narrative must have no document type declaration (<!DOCTYPE …>).")
        raise _Stop

    def _tell_doubles(self) -> None:
        for name in sorted(name for name, count in Counter(self.targets).items() if count > 1):
            words = f"The id or name {name[:60]!r} stands more than once in the narrative; a link to it is ambiguous."
            self._tell("xhtml-double-id", words, severity="warning", code="business-rule", line=1, column=1)

    def _tell(  # noqa: PLR0913 - a problem has as many parts
        self,
        message_id: str,
        words: str,
        *,
        rule: str = "",
        code: str = "invalid",
        severity: Literal["error", "warning", "information"] = "error",
        line: int = 0,
        column: int = 0,
    ) -> None:
        line, column = line or self._parser.CurrentLineNumber, column or self._parser.CurrentColumnNumber + 1
        self.problems.append(NarrativeProblem(severity, code, message_id, words, rule, line, column))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop


def _listed(names: frozenset[str]) -> str:
    return " or ".join(f"<{name}>" for name in sorted(names))
