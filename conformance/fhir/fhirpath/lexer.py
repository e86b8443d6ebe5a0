"""The words of a FHIRPath expression. Source: FHIRPath N1, lexical elements."""

import re
from dataclasses import dataclass
from typing import Literal

from conformance.fhir.fhirpath.errors import ExpressionSyntaxError

LONGEST = 100_000
"""The longest expression (in characters) that is read at all."""

Kind = Literal[
    "number", "string", "date", "time", "name", "delimited", "variable", "special", "symbol", "end"
]


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `text` is its meaning (escapes resolved, delimiters gone), `offset` where it starts."""

    kind: Kind
    text: str
    offset: int


_TOKEN = re.compile(
    r"""(?P<space>[\s\ufeff]+|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/)
    |(?P<date>@[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?
        (?:T(?:[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?)?)
    |(?P<time>@T[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?)
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<delimited>`(?:[^`\\]|\\.)*`)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<variable>%(?:[A-Za-z_][A-Za-z0-9_]*|`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    |(?P<special>\$[A-Za-z]+)
    |(?P<symbol><=|>=|!=|!~|[-+*/&|<>=~.,()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_ESCAPED = {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}
_UNFINISHED = {
    "'": "this string does not end",
    "`": "this name does not end",
    "/*": "this comment does not end",
    "@": "this is no date, dateTime or time",
}


def tokens(text: str) -> list[Token]:
    """The words of an expression, ended by one of kind `end`.

    Raises ExpressionSyntaxError at the first character that starts no word.
    """
    if len(text) > LONGEST:
        raise ExpressionSyntaxError(f"longer than {LONGEST:,} characters", text, LONGEST)
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = (
            None
            if text.startswith("/*", position) and "*/" not in text[position + 2 :]
            else _TOKEN.match(text, position)
        )
        if match is None:
            raise ExpressionSyntaxError(_complaint(text, position), text, position)
        kind = match.lastgroup
        if kind != "space":
            found.append(Token(kind, _meaning(kind, match[0]), position))  # type: ignore[arg-type]
        position = match.end()
    found.append(Token("end", "", len(text)))
    return found


def unescape(text: str) -> str:
    r"""What the inside of a literal means: `\n`, `\'`, `\u0041`. A `\` before any other character is ignored."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return _ESCAPED.get(match[2], match[2])


def _meaning(kind: str | None, text: str) -> str:
    match kind:
        case "string" | "delimited":
            return unescape(text[1:-1])
        case "variable":
            return unescape(text[2:-1]) if text[1] in "`'\"" else text[1:]
        case "date" | "time" | "special":
            return text[1:]
        case _:
            return text


def _complaint(text: str, position: int) -> str:
    for start, complaint in _UNFINISHED.items():
        if text.startswith(start, position):
            return complaint
    if text[position] == '"':
        return "a string stands in single quotes"
    return f"{text[position]!r} means nothing here"
