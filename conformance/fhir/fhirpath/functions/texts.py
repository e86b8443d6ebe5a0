"""String functions. Source: FHIRPath N1, 5.6; FHIRPath 2.1 (additional string functions)."""

import base64
import binascii
import html
import json
from collections.abc import Callable
from typing import Any

from conformance.fhir.fhirpath.environment import EMPTY, LONGEST_TEXT, Env, Step
from conformance.fhir.fhirpath.errors import EvaluationError, StepLimit
from conformance.fhir.fhirpath.functions.registry import (
    Arguments,
    Function,
    function,
    integer_of,
    only,
    plain,
    text_of,
    values_of,
)
from conformance.fhir.fhirpath.nodes import Items
from conformance.fhir.fhirpath.patterns import found_in, matches_whole, replaced


def _on_texts(name: str, operation: Callable[..., Any], arguments: int) -> Function:
    """A function of a text and so many texts; empty where one of them is."""

    def build(given: Arguments) -> Step:
        runs = [argument.run for argument in given]
        what = f"{name}()"

        def step(env: Env, items: Items) -> Items:
            subject = text_of(items, what)
            if subject is None:
                return EMPTY
            texts = [text_of(run(env), what) for run in runs]
            if None in texts:
                return EMPTY
            found = operation(subject, *texts)
            env.spend_text(len(subject) + (len(found) if isinstance(found, str) else 0))
            return only(found)

        return step

    return Function(name, arguments, arguments, build)


def _replaced(subject: str, pattern: str, substitution: str) -> str:
    if len(subject) * max(1, len(substitution)) > LONGEST_TEXT:
        raise StepLimit(f"a text grew beyond {LONGEST_TEXT:,} characters")
    return subject.replace(pattern, substitution)


def _encoded(subject: str, how: str) -> str | None:
    data = subject.encode()
    match how:
        case "hex":
            return data.hex()
        case "base64":
            return base64.b64encode(data).decode()
        case "urlbase64":
            return base64.urlsafe_b64encode(data).decode()
        case _:
            raise EvaluationError(f"encode() knows hex, base64 and urlbase64, not {how!r}")


def _decoded(subject: str, how: str) -> str | None:
    try:
        match how:
            case "hex":
                return bytes.fromhex(subject).decode()
            case "base64":
                return base64.b64decode(subject, validate=True).decode()
            case "urlbase64":
                return base64.b64decode(subject, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        return None
    raise EvaluationError(f"decode() knows hex, base64 and urlbase64, not {how!r}")


def _escaped(subject: str, how: str) -> str:
    if how == "html":
        return html.escape(subject, quote=True)
    if how == "json":
        return json.dumps(subject, ensure_ascii=False)[1:-1]
    raise EvaluationError(f"escape() knows html and json, not {how!r}")


def _unescaped(subject: str, how: str) -> str | None:
    if how == "html":
        return html.unescape(subject)
    if how != "json":
        raise EvaluationError(f"unescape() knows html and json, not {how!r}")
    try:
        return str(json.loads(f'"{subject}"', strict=False))
    except ValueError:
        return subject


index_of = _on_texts("indexOf", str.find, 1)
last_index_of = _on_texts("lastIndexOf", str.rfind, 1)
starts_with = _on_texts("startsWith", str.startswith, 1)
ends_with = _on_texts("endsWith", str.endswith, 1)
contains = _on_texts("contains", lambda subject, part: part in subject, 1)
upper = _on_texts("upper", str.upper, 0)
lower = _on_texts("lower", str.lower, 0)
length = _on_texts("length", len, 0)
trim = _on_texts("trim", str.strip, 0)
replace = _on_texts("replace", _replaced, 2)
matches = _on_texts("matches", found_in, 1)
matches_full = _on_texts("matchesFull", matches_whole, 1)
replace_matches = _on_texts("replaceMatches", replaced, 2)
encode = _on_texts("encode", _encoded, 1)
decode = _on_texts("decode", _decoded, 1)
escape = _on_texts("escape", _escaped, 1)
unescape = _on_texts("unescape", _unescaped, 1)


@function("substring", 1, 2)
def substring(arguments: Arguments) -> Step:
    """The part from a start on, of a length where one is given; empty where the start lies outside."""

    def step(env: Env, items: Items) -> Items:
        subject = text_of(items, "substring()")
        start = integer_of(arguments[0].run(env), "substring()")
        if subject is None or start is None or not 0 <= start < len(subject):
            return EMPTY
        size = integer_of(arguments[1].run(env), "substring()") if len(arguments) > 1 else None
        return (subject[start:] if size is None else subject[start : start + max(size, 0)],)

    return step


@plain("toChars")
def to_chars(env: Env, items: Items) -> Items:
    """The characters, one by one."""
    subject = text_of(items, "toChars()") or ""
    env.spend(len(subject))
    return tuple(subject)


@function("split", 1)
def split(arguments: Arguments) -> Step:
    """The parts between the separators."""

    def step(env: Env, items: Items) -> Items:
        subject, separator = text_of(items, "split()"), text_of(arguments[0].run(env), "split()")
        if subject is None or separator is None:
            return EMPTY
        return subject.split(separator) if separator else tuple(subject)

    return step


@function("join", 0, 1)
def join(arguments: Arguments) -> Step:
    """All texts as one, with the separator between them."""

    def step(env: Env, items: Items) -> Items:
        if not items:
            return EMPTY
        separator = (text_of(arguments[0].run(env), "join()") or "") if arguments else ""
        parts = [part for part in values_of(items) if isinstance(part, str)]
        if len(parts) < len(values_of(items)):
            raise EvaluationError("join() needs Strings")
        env.spend_text(sum(map(len, parts)) + len(separator) * len(parts))
        return (separator.join(parts),)

    return step
