"""Token searches: what `system|code` matches (FHIR R4, search.html#token).

Whether codes differ by case depends on their system. Where that is not known, servers are told to ignore case, and
may well not: then nobody can tell.
"""

from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any, NamedTuple

from conformance.fhir.definitions import r4
from conformance.fhir.search.answers import Answer, Test, all_of, any_of, undecided
from conformance.fhir.search.criteria import split, unescaped
from conformance.fhir.search.held import Held
from conformance.fhir.search.strings import text_answer
from conformance.fhir.strings import letters

__all__ = ["Token", "displays", "parsed", "token_test", "tokens"]

_PLAIN = frozenset({"code", "boolean", "string", "uri", "id", "canonical", "url", "oid", "uuid", "markdown"})
_WITH_VALUE = frozenset({"Identifier", "ContactPoint"})


class Token(NamedTuple):
    """A code or identifier. `system` is None where it is open, empty where there is none.

    `loose`: of a ContactPoint, which servers may compare as they like, its punctuation left out for instance.
    """

    system: str | None
    code: str
    loose: bool = False


@lru_cache(maxsize=1024)
def parsed(text: str) -> Token | None:
    """The token that a search value states: `code`, `system|code`, `|code` or `system|`; None for more bars."""
    found = [unescaped(part) for part in split(text, "|")]
    if len(found) > 2:  # noqa: PLR2004 - system and code
        return None
    return Token(found[0], found[1]) if len(found) > 1 else Token(None, found[0])


def token_test(text: str, modifier: str) -> Test:
    """Whether a value matches the searched token; `:text` looks at what stands beside the code."""
    if modifier == "text":
        wanted = unescaped(text)
        return lambda held: text_answer(wanted, list(displays(held.type, held.value)))
    if modifier == "of-type":
        return partial(_of_type, text)
    searched = parsed(text)
    if searched is None or not (searched.system or searched.code):
        return undecided
    return partial(_subsuming if modifier in {"above", "below"} else _same, searched)


def tokens(kind: str, value: Any) -> list[Token]:
    """The tokens of a value: of Identifier, Coding, CodeableConcept, ContactPoint and of plain codes."""
    if isinstance(value, dict):
        return _of_object(kind, value)
    if isinstance(value, bool):
        return [Token(None, "true" if value else "false")]
    return [Token(None, value)] if isinstance(value, str) and (kind in _PLAIN or not kind) else []


def _of_object(kind: str, value: dict[str, Any]) -> list[Token]:
    codings = value.get("coding")
    found = (
        [token for coding in codings for token in tokens("Coding", coding)]
        if isinstance(codings, list)
        else []
    )
    if kind == "CodeableConcept":
        return found
    code = value.get("value" if kind in _WITH_VALUE else "code")
    system = value.get("system")
    if kind == "ContactPoint" and isinstance(code, str):
        found.append(Token(None, code, loose=True))
    elif isinstance(code, str) or isinstance(system, str):
        found.append(Token(system if isinstance(system, str) else "", code if isinstance(code, str) else ""))
    return found


def displays(kind: str, value: Any) -> Iterator[str]:
    """The texts that `:text` searches: CodeableConcept.text, Coding.display, Identifier.type.text."""
    if not isinstance(value, dict):
        return
    if kind == "Identifier":
        yield from displays("CodeableConcept", value.get("type"))
        return
    codings = value.get("coding")
    for holder in (value, *(codings if isinstance(codings, list) else ())):
        if isinstance(holder, dict):
            yield from (holder[name] for name in ("text", "display") if isinstance(holder.get(name), str))


def _same(searched: Token, held: Held) -> Answer:
    answer: Answer = False
    for token in held.read(tokens):
        match = _matches(searched, token)
        if match is True:
            return True
        if match is None:
            answer = None
    return answer


def _subsuming(searched: Token, held: Held) -> Answer:
    """A code subsumes itself. What else it subsumes is for a terminology server to say."""
    return _same(searched, held) or None


def _matches(searched: Token, held: Token) -> Answer:
    code = _same_code(searched, held)
    return False if code is False else all_of((code, _same_system(searched.system, held)))


def _same_system(system: str | None, held: Token) -> Answer:
    if system is None:
        return True
    # The system of a plain code is implied by its binding; servers need not know it.
    return None if held.system is None else system == held.system


def _same_code(searched: Token, held: Token) -> Answer:
    if not searched.code or searched.code == held.code:
        return True
    if held.loose:
        return None if letters(searched.code) in letters(held.code) else False
    if searched.code.casefold() != held.code.casefold():
        return False
    sensitive = _case_sensitive(held.system or searched.system or "")
    return None if sensitive is None else not sensitive


def _case_sensitive(system: str) -> bool | None:
    known = r4().code_system(system) if system else None
    stated = known.get("caseSensitive") if known else None
    return stated if isinstance(stated, bool) else None


def _of_type(text: str, held: Held) -> Answer:
    found = [unescaped(part) for part in split(text, "|")]
    value = held.value
    if len(found) != 3 or held.type != "Identifier" or not isinstance(value, dict):  # noqa: PLR2004 - system, code, value
        return None
    named = any_of(
        _matches(Token(found[0], found[1]), token) for token in tokens("CodeableConcept", value.get("type"))
    )
    return all_of((named, value.get("value") == found[2]))
