"""Holding a value against a schema of a description, safely: patterns in bounded time, cycles in bounded depth.

Sources: OpenAPI 3.1.1 section 4.8.24 (JSON Schema 2020-12), OpenAPI 3.0.4 section 4.7.24 (its own dialect, with
`nullable`, and `exclusiveMinimum` as a boolean); `readOnly` and `writeOnly` in both.
"""

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import regex
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from jsonschema import validators as jsonschema_validators
from jsonschema.exceptions import UnknownType, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT4, DRAFT202012

from conformance.openapi.description import Description, Json

Direction = Literal["request", "response"]
SECONDS = 0.3
LONGEST_PATTERN = 4_000
MOST = 3
_LONGEST_SAID = 200
_HOME = "urn:openapi:description"
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_INT32, _INT64 = 2**31, 2**63
_ODDITIES: tuple[Json, ...] = (None, True, 0, -1.5, "", "htest", [], [0], ["htest"])
_LOOSE_OBJECTS: tuple[Json, ...] = ({}, {"htest-unknown": 1}, {"id": {"htest": [None]}, "status": [1]})


class Problem(str):
    """A sentence about a value that does not fit, and which rule it breaks where."""

    __slots__ = ("rule",)
    rule: str

    def __new__(cls, text: str, rule: str) -> Self:
        """A problem; the same rule broken at the same place is the same `rule`."""
        problem = super().__new__(cls, text)
        problem.rule = rule
        return problem


class Undecidable(ValueError):
    """Nobody can tell whether a value fits; the message says why."""


def problems(description: Description, schema: Json, value: Json, direction: Direction) -> list[Problem]:
    """How a value departs from a schema of the description, the first few; none where it fits. Raises Undecidable."""
    if isinstance(schema, bool):
        return [] if schema else [Problem("nothing is allowed here", "false")]
    try:
        return [_said(error) for error in islice(_errors(description, schema, value, direction), MOST)]
    except (RecursionError, Unresolvable) as error:
        ref = "" if isinstance(error, RecursionError) else str(error.ref)[:_LONGEST_SAID]
        why = f"refers to {ref!r}, which is not in the document" if ref else "is circular"
        raise Undecidable(f"its schema {why}") from None
    except TimeoutError:
        raise Undecidable("its schema has a pattern that takes too long") from None
    except (regex.error, UnknownType, TypeError, AttributeError, KeyError, ValueError) as error:
        raise Undecidable(
            f"its schema is none ({type(error).__name__}: {str(error)[:_LONGEST_SAID]})"
        ) from None


def refuses_nothing(description: Description, schema: Json) -> bool:
    """Whether a schema lets anything pass, or any object: then it describes nothing. Raises Undecidable."""
    if all(not problems(description, schema, each, "response") for each in _ODDITIES):
        return True
    return all(not problems(description, schema, each, "response") for each in _LOOSE_OBJECTS)


def _errors(
    description: Description, schema: Json, value: Json, direction: Direction
) -> Iterator[ValidationError]:
    validator, registry = _prepared(description, direction)
    # the schema is a part of the document, in which its references are found
    made = validator(schema, registry=registry, format_checker=_FORMATS, _resolver=registry.resolver(_HOME))
    yield from made.iter_errors(value)


@lru_cache(maxsize=8)
def _prepared(description: Description, direction: Direction) -> tuple[Any, Any]:
    draft = DRAFT202012 if description.minor else DRAFT4
    resource = draft.create_resource(dict(description.value))
    return _dialect(description.minor, direction), Registry().with_resource(_HOME, resource)


@lru_cache
def _dialect(minor: int, direction: Direction) -> Any:
    base: Any = Draft202012Validator if minor else Draft4Validator
    unseen = "readOnly" if direction == "request" else "writeOnly"
    own = {
        "required": partial(_required, unseen),
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
    }
    if not minor:
        own |= {name: partial(_unless_null, base.VALIDATORS[name]) for name in ("type", "enum")}
    extend: Any = jsonschema_validators.extend
    return extend(base, own)


def _required(unseen: str, _: Any, names: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    known = schema.get("properties")
    for name in names if isinstance(names, list) and isinstance(instance, dict) else ():
        stated = known.get(name) if isinstance(known, dict) else None
        if name not in instance and not (isinstance(stated, dict) and stated.get(unseen) is True):
            yield ValidationError(f"{name!r} is a required property")


def _pattern(validator: Any, text: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not _compiled(text).search(instance, timeout=SECONDS):
        yield ValidationError(f"{instance!r} does not match {text!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    for text, below in patterns.items() if isinstance(instance, dict) else ():
        for name, item in instance.items():
            if _compiled(text).search(name, timeout=SECONDS):
                yield from validator.descend(item, below, path=name, schema_path=text)


def _unless_null(
    usual: Any, validator: Any, stated: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if not (instance is None and schema.get("nullable") is True):
        yield from usual(validator, stated, instance, schema) or ()


@lru_cache(maxsize=512)
def _compiled(text: str) -> "regex.Pattern[str]":
    if len(text) > LONGEST_PATTERN:
        raise TimeoutError
    return regex.compile(text, regex.VERSION0)


def _said(error: ValidationError) -> Problem:
    message = error.message if len(error.message) <= _LONGEST_SAID else f"{error.message[:_LONGEST_SAID]}…"
    what = error.message if error.validator == "required" else ""
    return Problem(f"{message} (at {error.json_path})", f"{error.json_path} {error.validator} {what}".strip())


def _date_time(value: Any) -> bool:
    if not _DATE_TIME.fullmatch(value):
        return False
    return _date(value[:10])


def _date(value: str) -> bool:
    try:
        return dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _uri(value: str) -> bool:
    try:
        return bool(urlsplit(value).scheme) and not re.search(r"[\s<>\"{}|\\^`]", value)
    except ValueError:
        return False


def _format_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    texts = {
        "date-time": _date_time,
        "date": _date,
        "uuid": lambda value: bool(_UUID.fullmatch(value)),
        "uri": _uri,
        "email": lambda value: value.count("@") >= 1 and " " not in value.strip(),
    }
    for name, holds in texts.items():
        checker.checks(name)(lambda value, holds=holds: not isinstance(value, str) or holds(value))
    for name, limit in (("int32", _INT32), ("int64", _INT64)):
        checker.checks(name)(
            lambda value, limit=limit: (
                not isinstance(value, int) or isinstance(value, bool) or -limit <= value < limit
            )
        )
    return checker


_FORMATS = _format_checker()
