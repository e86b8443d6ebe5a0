"""Broken copies of resources: the mistakes that exporters make, and those that break validators.

`mutated(resource, random)` changes one to three places of a deep copy; `mutants(resource)` is the same as a
Hypothesis strategy, so that a failing case shrinks to its seed.
"""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

# ruff: noqa: E501 - tables of mistakes are read by column

__all__ = ["MUTATIONS", "mutants", "mutated"]

Place = tuple[Any, Any]
"""A holder (an object or array) and the name or index in it."""

SCALARS = (
    "",
    " ",
    "x",
    "0",
    "true",
    0,
    -1,
    1.5,
    3000000000,
    True,
    False,
    None,
    "\u0000",
    "\u00a0",
    "é",
    "a  b",
    "a\nb",
)
TEXTS = (
    "2020-02-30", "2020-13", "2020-02-29", "2021-02-29", "2020-01-01T10:00:00", "2020-01-01T10:00:00Z", "2020-01-01T24:00:00Z",
    "2020-01-01T10:00:60Z", "2020-01-01T10:00Z", "0000", "2020", "10:00:00", "urn:uuid:X", "URN:UUID:1", "urn:oid:2.16.01",
    "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "#x", "#", "Patient/1", "Patient/ö", "patient/1", "Nobody/1", "Patient/1/_history/2",
    "http://example.org/fhir/Patient/1", "Patient?x=y", "http://x", "x:", ":", "AAAA", "AAA=", "A===", "<b>bold</b>", "<div>",
    '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>',
    '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>', "entered-in-error", "unknown", "final",
)  # fmt: skip
EXTENSIONS = (
    {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"city": "Leeds"}},
    {
        "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
        "valueDateTime": "2020-01-01T10:00:00Z",
    },
    {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"},
    {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "nonsense"},
    {
        "url": "http://hl7.org/fhir/StructureDefinition/geolocation",
        "extension": [{"url": "latitude", "valueDecimal": 1}],
    },
    {"url": "http://nobody.test/unknown", "valueString": "x"},
    {"url": "http://nobody.test/unknown"},
    {"url": "http://nobody.test/unknown", "valueString": "x", "valueCode": "y"},
    {
        "url": "http://nobody.test/unknown",
        "valueString": "x",
        "extension": [{"url": "a", "valueString": "x"}],
    },
    {"url": "relative", "valueString": "x"},
    {"valueString": "x"},
    {},
)
CODES = (
    "active",
    "home",
    "male",
    "official",
    "==",
    "kg",
    "completed",
    "order",
    "AMB",
    "confirmed",
    "usual",
    "en",
)


def mutated(resource: Any, chance: random.Random) -> Any:
    """A deep copy of a resource with one to three mistakes."""
    made = copy.deepcopy(resource)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        places = list(_places(made))
        if places:
            chance.choice(MUTATIONS)(made, chance.choice(places), chance)
    return made


def mutants(resource: Any) -> st.SearchStrategy[Any]:
    """Broken copies of a resource, by a seed that Hypothesis chooses."""
    return st.integers(0, 2**32).map(lambda seed: mutated(resource, random.Random(seed)))


def _places(value: Any) -> Iterator[Place]:
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        entries = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for name, item in entries:
            yield holder, name
            if isinstance(item, dict | list):
                waiting.append(item)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [value, *(holder[name] for holder, name in _places(value) if isinstance(holder[name], dict))]


def _delete(_root: Any, place: Place, _chance: random.Random) -> None:
    holder, name = place
    del holder[name]


def _rename(_root: Any, place: Place, chance: random.Random) -> None:
    holder, name = place
    if isinstance(holder, dict):
        new = chance.choice(
            (f"{name}X", f"_{name}", str(name).capitalize(), str(name)[:-1] or "x", "value", "code", "id")
        )
        holder[new] = holder.pop(name)


def _scalar(_root: Any, place: Place, chance: random.Random) -> None:
    holder, name = place
    holder[name] = chance.choice((*SCALARS, *TEXTS, *CODES))


def _text(_root: Any, place: Place, chance: random.Random) -> None:
    holder, name = place
    if isinstance(holder[name], str):
        word = holder[name]
        at = chance.randrange(len(word) + 1)
        holder[name] = chance.choice(
            (
                word[:at] + chance.choice("x -:/#.0\u2003") + word[at:],
                word[:at],
                word.upper(),
                f" {word}",
                f"{word} ",
                word * 2,
            )
        )


def _shape(_root: Any, place: Place, chance: random.Random) -> None:
    holder, name = place
    value = holder[name]
    holder[name] = chance.choice(
        (
            [value],
            {"x": value},
            [],
            {},
            [None],
            [value, value],
            value[0] if isinstance(value, list) and value else [[]],
        )
    )


def _repeat(_root: Any, place: Place, chance: random.Random) -> None:
    holder, name = place
    if isinstance(holder, list):
        holder.insert(chance.randrange(len(holder) + 1), copy.deepcopy(holder[name]))
    elif isinstance(holder[name], list) and holder[name]:
        holder[name].append(copy.deepcopy(chance.choice(holder[name])))


def _shuffle(_root: Any, place: Place, chance: random.Random) -> None:
    holder, name = place
    if isinstance(holder[name], list):
        chance.shuffle(holder[name])


def _choice(root: Any, _place: Place, chance: random.Random) -> None:
    """Another form of a choice beside, or in place of, the one that is there."""
    stems = (
        "value",
        "effective",
        "onset",
        "performed",
        "deceased",
        "multipleBirth",
        "occurrence",
        "medication",
    )
    found = [
        (each, name, stem) for each in _objects(root) for name in each for stem in stems
        if name.startswith(stem) and name != stem and name[len(stem)].isupper()
    ]  # fmt: skip
    if found:
        holder, name, stem = chance.choice(found)
        kind, value = chance.choice((
            ("String", "x"), ("Boolean", True), ("DateTime", "2020"), ("Period", {"start": "2021", "end": "2020"}),
            ("Quantity", {"value": 1, "code": "kg"}), ("Integer", 1), ("CodeableConcept", {"text": "x"}), ("Age", {"value": 1}),
        ))  # fmt: skip
        if chance.random() < 0.5:
            del holder[name]
        holder[stem + kind] = value


def _companion(_root: Any, place: Place, chance: random.Random) -> None:
    holder, name = place
    if isinstance(holder, dict):
        extension = {"extension": [copy.deepcopy(chance.choice(EXTENSIONS))]}
        holder[f"_{name}"] = chance.choice(
            (extension, {"id": "a"}, {}, None, [extension], [None], [None, extension], [extension, None])
        )
        if chance.random() < 0.3:
            del holder[name]


def _extension(root: Any, _place: Place, chance: random.Random) -> None:
    holder = chance.choice(_objects(root))
    name = chance.choice(("extension", "extension", "extension", "modifierExtension"))
    known = holder.get(name)
    added = copy.deepcopy(chance.choice(EXTENSIONS))
    holder[name] = [*known, added] if isinstance(known, list) else [added]


def _foreign(root: Any, place: Place, chance: random.Random) -> None:
    """A value from elsewhere in the same resource."""
    holder, name = place
    other, from_name = chance.choice(list(_places(root)))
    holder[name] = copy.deepcopy(other[from_name])


def _add(root: Any, _place: Place, chance: random.Random) -> None:
    holder = chance.choice(_objects(root))
    name, value = chance.choice((
        ("id", "a"), ("id", ""), ("resourceType", "Patient"), ("text", {"status": "generated", "div": chance.choice(TEXTS)}),
        ("contained", [{"resourceType": "Organization", "id": "o", "name": "x"}]), ("status", chance.choice(CODES)),
        ("contained", [{"resourceType": "Organization", "id": "o", "name": "x"}, {"resourceType": "Patient", "id": "o"}]),
        ("managingOrganization", {"reference": "#o"}), ("subject", {"reference": chance.choice(TEXTS)}),
        ("meta", {"profile": [chance.choice(TEXTS)]}), ("meta", {"lastUpdated": chance.choice(TEXTS)}),
        ("fhir_comments", ["x"]), ("dataAbsentReason", {"text": "x"}), ("period", {"start": "2020-05", "end": "2020-04-01"}),
        ("meta", {"profile": ["http://hl7.org/fhir/StructureDefinition/vitalsigns"]}), ("use", chance.choice(CODES)),
        ("system", chance.choice(TEXTS)), ("value", chance.choice(TEXTS)), ("comparator", "<"), ("language", "en-GB"),
        ("reference", chance.choice(TEXTS)), ("type", "Patient"), ("identifier", [{"system": "urn:ietf:rfc:3986", "value": "x"}]),
    ))  # fmt: skip
    holder[name] = copy.deepcopy(value)


MUTATIONS: tuple[Callable[[Any, Place, random.Random], None], ...] = (
    _delete, _rename, _scalar, _scalar, _text, _text, _shape, _repeat, _shuffle, _choice, _companion, _extension, _foreign, _add, _add,
)  # fmt: skip
"""Every kind of mistake, called with the root, a place in it and a source of chance."""
