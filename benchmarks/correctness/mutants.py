"""Resources with a small change somewhere, drawn by a seed: some are wrong then, some are still right.

The changes are the kinds of mistake that software makes: something missing, doubled, renamed, of another type, in
another place, empty, out of range. Each takes a value of the resource and returns whether it could change it.

What a literal reference says is changed only so far that it is empty, padded or leads to nothing contained: beyond
this the reference validator, as its own test suite sets it, does not judge references.
"""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Change = Callable[[Random, dict[str, Any], str], bool]

ODD_TEXTS = (
    "", " ", " x", "x ", "a b", "not-a-code", "2020-02-30", "2020-13-01", "2020", "24:00:00", "True", "http://",
    "urn:uuid:0", "#nowhere", "Medication/1", "line\nbreak", "tab\there", "\u00a0", "<b>x</b>", "x" * 70,
)  # fmt: skip
ODD_REFERENCES = ("", " ", " Patient/1", "#nowhere")
ODD_NUMBERS: tuple[Any, ...] = (-1, 0, 2**31, 1.5, 1e30, True, "1", None)
EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
FOREIGN: dict[str, Any] = {
    "extension": [{"url": EXTENSION + "patient-birthPlace", "valueAddress": {"city": "x"}}],
    "modifierExtension": [{"url": EXTENSION + "patient-citizenship", "valueBoolean": True}],
    "nickname": "x",
    "id": "not an id!",
    "valueString": "x",
    "resourceType": "Patient",
    "contained": [{"resourceType": "Basic", "id": "b"}],
    "_extra": {"extension": [{"url": EXTENSION + "data-absent-reason", "valueCode": "unknown"}]},
}


def mutants(resource: dict[str, Any], seed: str, count: int) -> Iterator[dict[str, Any]]:
    """So many changed copies of a resource, the same ones for the same seed."""
    random = Random(seed)
    known = {json.dumps(resource, sort_keys=True)}
    made = 0
    for _ in range(20 * count):
        copied = copy.deepcopy(resource)
        if not _change(random, copied):
            continue
        text = json.dumps(copied, sort_keys=True)
        if text not in known:
            known.add(text)
            made += 1
            yield copied
        if made == count:
            return


def _change(random: Random, resource: dict[str, Any]) -> bool:
    holders = list(_objects(resource))
    holder = random.choice(holders)
    names = [name for name in holder if not (holder is resource and name == "resourceType")]
    if not names:
        return False
    return random.choice(CHANGES)(random, holder, random.choice(names))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)


def _remove(_random: Random, holder: dict[str, Any], name: str) -> bool:
    del holder[name]
    return True


def _rename(random: Random, holder: dict[str, Any], name: str) -> bool:
    renamed = random.choice([name + "s", name[:-1], name.capitalize(), "_" + name])
    if not renamed or renamed in holder:
        return False
    holder[renamed] = holder.pop(name)
    return True


def _odd_value(random: Random, holder: dict[str, Any], name: str) -> bool:
    value = holder[name]
    if isinstance(value, bool):
        holder[name] = random.choice(["true", 1, not value])
    elif isinstance(value, str):
        holder[name] = random.choice(ODD_REFERENCES if name == "reference" else ODD_TEXTS)
    elif isinstance(value, int | float):
        holder[name] = random.choice(ODD_NUMBERS)
    else:
        return False
    return True


def _empty(random: Random, holder: dict[str, Any], name: str) -> bool:
    holder[name] = random.choice([None, {}, [], "", [None], [{}]])
    return True


def _wrap(_random: Random, holder: dict[str, Any], name: str) -> bool:
    value = holder[name]
    holder[name] = value[0] if isinstance(value, list) and value else [value]
    return True


def _repeat(_random: Random, holder: dict[str, Any], name: str) -> bool:
    value = holder[name]
    if not isinstance(value, list) or not value:
        return False
    value.append(copy.deepcopy(value[0]))
    return True


def _shorten(random: Random, holder: dict[str, Any], name: str) -> bool:
    value = holder[name]
    if isinstance(value, list) and len(value) > 1:
        value.pop(random.randrange(len(value)))
        return True
    if isinstance(value, str) and len(value) > 1 and name != "reference":
        holder[name] = value[: random.randrange(1, len(value))]
        return True
    return False


def _foreign(random: Random, holder: dict[str, Any], _name: str) -> bool:
    added = random.choice(sorted(FOREIGN))
    if added in holder:
        return False
    holder[added] = copy.deepcopy(FOREIGN[added])
    return True


def _second_choice(random: Random, holder: dict[str, Any], name: str) -> bool:
    stem = next(
        (s for s in ("value", "effective", "onset", "performed", "deceased") if name.startswith(s)), ""
    )
    if not stem:
        return False
    added = stem + random.choice(["String", "DateTime", "Boolean", "Period"])
    if added in holder:
        return False
    holder[added] = {
        "String": "x",
        "DateTime": "2020-01-01",
        "Boolean": True,
        "Period": {"start": "2020-01-01"},
    }[added.removeprefix(stem)]
    return True


def _swap(random: Random, holder: dict[str, Any], name: str) -> bool:
    other = random.choice(sorted(holder))
    if other in {name, "resourceType"} or "reference" in {name, other}:
        return False
    holder[name], holder[other] = holder[other], holder[name]
    return True


CHANGES: tuple[Change, ...] = (
    _remove, _remove, _rename, _odd_value, _odd_value, _odd_value, _empty, _wrap, _repeat, _shorten, _foreign,
    _second_choice, _swap,
)  # fmt: skip
