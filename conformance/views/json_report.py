"""Any value as one JSON document, for `--json` output."""

import datetime as dt
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath

from conformance.model.base import Json, Noun


def as_json(value: object) -> str:
    """One indented JSON document in ASCII, ending in a newline.

    Nouns have the form that they have on disk. Control characters and other marks that a server sent stand as
    JSON escapes, so that the document can be shown on a terminal and still holds every character. Raises
    TypeError for a value that has no JSON form.
    """
    return json.dumps(_plain(value), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _plain(value: object) -> Json:  # noqa: PLR0911 - one line for each kind of value
    if isinstance(value, Noun):
        return value.plain()
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(_plain(name)): _plain(member) for name, member in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((_plain(member) for member in value), key=str)
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no JSON form")
