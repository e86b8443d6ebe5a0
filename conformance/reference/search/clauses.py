"""What one value of one search parameter asks of the index, as SQL that selects keys of versions.

See https://hl7.org/fhir/R4/search.html#ptypes and, for the prefixes, https://hl7.org/fhir/R4/search.html#prefix.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from conformance.reference.forms.outcomes import bad_request
from conformance.reference.records.indexing import fold, split_reference
from conformance.reference.search.clause import Asked, Clause, split, unescape
from conformance.reference.search.clauses_ordered import date, number, on_date, quantity

__all__ = ["MODIFIERS", "Asked", "Clause", "clause", "on_date", "split", "unescape"]

_AFTER_ALL = "\U0010ffff"
_ALWAYS = Clause("1", ())

MODIFIERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "token": frozenset({"not", "text"}),
        "string": frozenset({"exact", "contains"}),
        "reference": frozenset({"identifier"}),
        "uri": frozenset({"above", "below"}),
    }
)
"""The modifiers that are understood beside `:missing` and, of a reference, a resource type."""


def clause(asked: Asked, value: str) -> Clause:
    """The versions that match one value; refuses (400) a value that the kind of parameter cannot have."""
    kind = asked.parameter.kind
    if asked.modifier == "text":
        kind, where = "display", _text(asked, value)
    elif asked.modifier == "identifier":
        kind, where = "token", _token(asked, value) if asked.behaviour.values.identifier_heeded else _ALWAYS
    else:
        where = _KINDS[kind](asked, value)
    return Clause(
        f"SELECT pk FROM {kind}_index WHERE p = ? AND ({where.sql})",  # noqa: S608 - own names
        (asked.key, *where.arguments),
    )


def _token(asked: Asked, value: str) -> Clause:
    parts = split(value, "|")
    if len(parts) > 2:  # noqa: PLR2004 - system|code
        raise bad_request(f"{asked.parameter.name}={value}: more than one '|'")
    behaviour, code = asked.behaviour.values, unescape(parts[-1])
    any_system = Clause("code LIKE ?" if behaviour.like_for_tokens else "code = ?", (code,))
    if len(parts) == 1:
        return (
            Clause("code = ? AND system = ''", (code,))
            if behaviour.bare_code_is_without_system
            else any_system
        )
    if asked.parameter.name == "identifier" and not asked.behaviour.identifier_system_matters and code:
        return any_system
    system = unescape(parts[0])
    if not code:
        return Clause("system = ?", (system,)) if behaviour.system_alone_heeded else _ALWAYS
    if not system and behaviour.no_system_is_any:
        return any_system
    return Clause("code = ? AND system = ?", (code, system))


def _text(asked: Asked, value: str) -> Clause:
    folded = fold(unescape(value))
    if not asked.behaviour.values.text_heeded:
        return _ALWAYS
    return Clause("folded >= ? AND folded < ?", (folded, folded + _AFTER_ALL))


def _string(asked: Asked, value: str) -> Clause:
    text, behaviour = unescape(value), asked.behaviour.values
    folded = fold(text)
    inside = Clause("instr(folded, ?) > 0", (folded,))
    start = Clause("folded >= ? AND folded < ?", (folded, folded + _AFTER_ALL))
    if asked.modifier == "exact":
        return inside if behaviour.exact_is_contains else Clause("exact = ?", (text,))
    if asked.modifier == "contains":
        return start if behaviour.contains_is_start else inside
    if behaviour.like_for_strings:
        return Clause("folded LIKE ?", (f"{folded}%",))
    if asked.behaviour.strings_case_sensitive:
        return Clause("substr(exact, 1, ?) = ?", (len(text), text))
    if not behaviour.accents_folded and text.isascii():
        return Clause(
            f"({start.sql}) AND lower(substr(exact, 1, ?)) = lower(?)", (*start.arguments, len(text), text)
        )
    return start


def _reference(asked: Asked, value: str) -> Clause:
    text, behaviour = unescape(value), asked.behaviour.values
    target, identifier, url = split_reference(text, asked.base_url)
    if text.startswith(asked.base_url) and not behaviour.absolute_found:
        return Clause("url = ?", (text,))
    if url and ":" not in url and "/" not in url:
        target, identifier, url = "", url, ""
        if not asked.modifier and not behaviour.bare_id_found:
            return Clause("0", ())
    if url:
        return Clause("url = ?", (url,))
    if asked.modifier and not target:
        target = asked.modifier
    if asked.modifier and target != asked.modifier:
        return Clause("0", ())
    condition = Clause("id = ?", (identifier,))
    if not behaviour.versioned_found:
        condition = Clause("id = ? AND url = ''", (identifier,))
    if asked.behaviour.patient_brings_another and asked.parameter.name in {"subject", "patient"}:
        others = "SELECT min(id) FROM reference_index WHERE p = ? AND target = 'Patient'"
        condition = Clause(
            f"id = ? OR id = coalesce(({others} AND id > ?), ({others}))",
            (identifier, asked.key, identifier, asked.key),
        )
    heeded = behaviour.typed_modifier_heeded if asked.modifier else behaviour.type_heeded
    if target and heeded:
        return Clause(f"({condition.sql}) AND target = ?", (*condition.arguments, target))
    return condition


def _uri(asked: Asked, value: str) -> Clause:
    text, behaviour = unescape(value), asked.behaviour.values
    if asked.modifier and not behaviour.below_is_equal:
        if ":" in text and "://" not in text:
            raise bad_request(f"{asked.parameter.name}:{asked.modifier}={value}: only URLs have a hierarchy")
        if asked.modifier == "below":
            under = text.rstrip("/") + "/"
            return Clause("value = ? OR (value >= ? AND value < ?)", (text, under, under + _AFTER_ALL))
        return Clause(
            "value = ? OR substr(?, 1, length(rtrim(value, '/')) + 1) = rtrim(value, '/') || '/'",
            (text, text),
        )
    return Clause("value = ?" if behaviour.uri_case_heeded else "lower(value) = lower(?)", (text,))


_KINDS: Mapping[str, Callable[[Asked, str], Clause]] = MappingProxyType(
    {
        "token": _token,
        "string": _string,
        "date": date,
        "reference": _reference,
        "quantity": quantity,
        "number": number,
        "uri": _uri,
    }
)
