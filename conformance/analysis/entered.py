"""Records that a buyer entered by hand into a product: read from a file, and found again by what they say.

Ids are the product's to give, so that nothing is matched by them.
"""

from typing import Any

from conformance.model.base import Json, NotJson, strict_json
from conformance.model.evidence import Document
from conformance.model.marked_yaml import read_yaml

MANAGED = frozenset({"id", "meta", "text"})
"""What a product sets by itself."""
MOST = 1_000


class NoRecords(Exception):
    """Why the file holds no records that could be looked for."""


def records(document: Document) -> list[dict[str, Any]]:
    """The records of a file: NDJSON, a list in JSON or YAML, or YAML with one of them. Raises NoRecords."""
    data = document.content()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoRecords(f"it is not in UTF-8 (byte {error.start + 1})") from None
    found = _lines(text) if text.lstrip().startswith("{") else None
    if found is None:
        marked = read_yaml(text, document.location)
        if marked.problems:
            raise NoRecords(str(marked.problems[0]))
        found = marked.value if isinstance(marked.value, list) else [marked.value]
    for number, one in enumerate(found, start=1):
        if not isinstance(one, dict) or not isinstance(one.get("resourceType"), str):
            raise NoRecords(f"record {number} is no resource: it has no resourceType")
        if not one.keys() - MANAGED - {"resourceType"}:
            raise NoRecords(
                f"record {number} says nothing beside its type, so that it cannot be told from others"
            )
    if not found:
        raise NoRecords("it is empty")
    if len(found) > MOST:
        raise NoRecords(f"it holds {len(found)} records, more than {MOST}")
    return found


def _lines(text: str) -> list[Json] | None:
    """The values of NDJSON, or that of a JSON document; None where it is neither."""
    found: list[Json] = []
    for line in text.splitlines():
        if line.strip():
            try:
                found.append(strict_json(line.encode()))
            except NotJson:
                return _whole(text)
    return found


def _whole(text: str) -> list[Json] | None:
    try:
        value = strict_json(text.encode())
    except NotJson:
        return None
    return value if isinstance(value, list) else [value]


def content(record: dict[str, Any]) -> dict[str, Any]:
    """What a record says, without what the product sets by itself."""
    return {name: value for name, value in record.items() if name not in MANAGED}


def missing(expected: Json, seen: Json, path: str = "") -> list[str]:
    """The places of an expected value that are not so in what is seen; there may be more there.

    Of a list each item has to be there, in whatever place.
    """
    if isinstance(expected, dict):
        if not isinstance(seen, dict):
            return [path or "the whole"]
        return [
            place
            for name, value in expected.items()
            for place in missing(value, seen.get(name), f"{path}.{name}" if path else name)
        ]
    if isinstance(expected, list):
        items = seen if isinstance(seen, list) else [seen]
        return [
            f"{path}[{number}]"
            for number, value in enumerate(expected)
            if not any(not missing(value, item, path) for item in items)
        ]
    same = isinstance(expected, bool) is isinstance(seen, bool) and expected == seen
    return [] if same else [path]
