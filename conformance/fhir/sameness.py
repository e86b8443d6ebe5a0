"""Whether what a server gives back is what it was given: nothing lost, nothing altered. It may add what it likes.

Compared is what FHIR's JSON says, not how: a primitive with its extensions is one thing, wherever they are written
(https://hl7.org/fhir/R4/json.html#primitive); contained resources may have other ids; a reference may have become
absolute or name a version; an instant may be told in another time zone. A decimal is its digits, those behind the
point that are zero too (https://hl7.org/fhir/R4/datatypes.html#decimal).
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conformance.fhir.documents import read_json
from conformance.fhir.references import named

VALUE = ""
"""The member under which the value of a primitive stands beside its id and extensions."""

SERVERS_OWN = frozenset({"id", "text"})
SERVERS_META = frozenset({"versionId", "lastUpdated", "source"})
ORDERED = frozenset({"given", "line", "prefix", "suffix"})
"""Lists whose order has a meaning (https://hl7.org/fhir/R4/datatypes.html#HumanName, #Address)."""

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True)
class Loss:
    """One thing that was sent and did not come back: where, what it was, and what stands there now, if anything."""

    place: str
    sent: Any
    read: Any = None

    @property
    def is_number(self) -> bool:
        """Whether a number came back as another, or with other digits."""
        return all(isinstance(value, int | Decimal) for value in (self.sent, self.read))

    def __str__(self) -> str:
        if self.read is None:
            return f"lacks what was sent as {self.place}"
        return f"gives {self.place} as {_shown(self.read)}, though {_shown(self.sent)} was sent"


def losses(sent: bytes, read: bytes) -> list[Loss]:
    """What of a resource that was sent is lost or altered in what was read; both as bytes of JSON."""
    before, after = read_json(sent).value, read_json(read).value
    if not isinstance(before, dict) or not isinstance(after, dict):
        return [Loss("the resource", before, after)]
    return list(_lost("", _plain(before), _plain(after)))


def _plain(resource: Mapping[str, Any]) -> Any:
    """A resource without what is the server's own, contained ones named by their place."""
    kept = {name: value for name, value in resource.items() if name.lstrip("_") not in SERVERS_OWN}
    meta = kept.get("meta")
    if isinstance(meta, dict):
        kept["meta"] = {name: value for name, value in meta.items() if name.lstrip("_") not in SERVERS_META}
    contained = kept.get("contained")
    listed = [one for one in contained if isinstance(one, dict)] if isinstance(contained, list) else []
    places = {f"#{one.get('id')}": f"#{number}" for number, one in enumerate(listed)}
    if listed:
        kept["contained"] = [{name: value for name, value in one.items() if name != "id"} for one in listed]
    return _joined(kept, places)


def _joined(value: Any, places: Mapping[str, str]) -> Any:
    """The value in which each primitive is an object with its value and what is written beside it."""
    if isinstance(value, list):
        return [_joined(item, places) for item in value]
    if not isinstance(value, dict):
        return {} if value is None else {VALUE: value}
    found: dict[str, Any] = {}
    for name in dict.fromkeys(name.removeprefix("_") for name in value):
        whole, beside = value.get(name), value.get(f"_{name}")
        if name == "reference" and isinstance(whole, str):
            whole = places.get(whole, whole)
        joined = _joined(whole, places) or {}
        found[name] = joined if beside is None else _beside(joined, _joined(beside, places))
    return found


def _beside(whole: Any, beside: Any) -> Any:
    if isinstance(whole, list) and isinstance(beside, list):
        length = max(len(whole), len(beside))
        padded = ([*items, *([{}] * (length - len(items)))] for items in (whole, beside))
        return [_beside(one, other) for one, other in zip(*padded, strict=True)]
    if isinstance(whole, dict) and isinstance(beside, dict):
        return whole | beside
    return whole or beside


def _lost(place: str, sent: Any, read: Any) -> Iterator[Loss]:
    if isinstance(sent, dict):
        if not isinstance(read, dict):
            yield Loss(place, sent, read)
            return
        for name, value in sent.items():
            inner = place if name == VALUE else f"{place}.{name}".lstrip(".")
            if name not in read:
                yield Loss(inner, value)
            else:
                yield from _lost(inner, value, read[name])
    elif isinstance(sent, list):
        yield from _lost_items(place, sent, read if isinstance(read, list) else [])
    elif not _same(place, sent, read):
        yield Loss(place, sent, read)


def _lost_items(place: str, sent: list[Any], read: list[Any]) -> Iterator[Loss]:
    left = list(range(len(read)))
    last = -1
    for number, item in enumerate(sent):
        here = f"{place}[{number}]"
        found = next((at for at in left if next(_lost(here, item, read[at]), None) is None), None)
        if found is None:
            beside = read[number] if number in left and len(read) >= len(sent) else None
            yield from [Loss(here, item)] if beside is None else _lost(here, item, beside)
            continue
        left.remove(found)
        if found < last and place.rpartition(".")[2] in ORDERED:
            yield Loss(here, item.get(VALUE), read[number].get(VALUE))
        last = max(last, found)


def _same(place: str, sent: Any, read: Any) -> bool:
    if isinstance(sent, bool) or isinstance(read, bool):
        return sent is read
    if isinstance(sent, int | Decimal) and isinstance(read, int | Decimal):
        return Decimal(sent).as_tuple() == Decimal(read).as_tuple()
    if isinstance(sent, str) and isinstance(read, str) and sent != read:
        if place.endswith("reference"):
            return named(sent) is not None and named(sent) == named(read)
        return _instant(sent) is not None and _instant(sent) == _instant(read)
    return bool(sent == read)


def _instant(text: str) -> tuple[dt.datetime, str] | None:
    """The second in universal time that a text names, and the digits of its fraction; None where it names none."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00")).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment, (found[2] or "").rstrip("0")


def _shown(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {VALUE}:
        value = value[VALUE]
    text = str(value) if isinstance(value, int | Decimal) else repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 - as much as helps
