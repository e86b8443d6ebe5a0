"""Bodies that are wrong in one point each, made of a test patient that is right.

Each keeps the patient's identifier where it can, so that a search shows whether something of it was kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from conformance.probes.patients import RUN_SYSTEM

FHIR_JSON = "application/fhir+json"
DEPTH = 2000
TOO_LONG = 2**20 + 1
"""Characters: one more than a FHIR string may have (https://hl7.org/fhir/R4/datatypes.html#string)."""

Patient = dict[str, Any]
BodyName = Literal[
    "right", "no-json", "truncated", "empty", "array", "text", "number", "no-type", "null-type", "other-type",
    "unknown-type", "plain-text", "form", "not-utf-8", "null-byte", "twice", "deep", "too-long", "bad-date",
    "bad-boolean", "single", "repeated", "unknown-element", "unknown-code", "invariant", "null-member",
]  # fmt: skip


@dataclass(frozen=True)
class Body:
    """What is sent, its media type, and in words what is wrong with it."""

    content: bytes
    kind: str
    media_type: str = FHIR_JSON


def body(name: BodyName, patient: Patient) -> Body:
    """The body of this name, made of the patient."""
    if name in _CHANGES:
        change, kind = _CHANGES[name]
        return Body(orjson.dumps(patient | change), kind)
    return _MADE[name](patient)


_CONTACT = {"relationship": [{"text": "htest"}]}
_CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "right": ({}, "a right resource"),
    "null-type": ({"resourceType": None}, "an object whose resourceType is null"),
    "unknown-type": ({"resourceType": "HtestNoSuchType"}, "a resource of a type that there is not"),
    "too-long": ({"language": "en", "name": [{"text": "x" * TOO_LONG}]}, "a string of more than 1 MiB"),
    "bad-date": ({"birthDate": "yesterday"}, "a birth date that is no date"),
    "bad-boolean": ({"active": "yes"}, "a boolean that is a text"),
    "single": ({"name": {"family": "HTEST"}}, "an object where an array has to be"),
    "repeated": ({"gender": ["unknown", "unknown"]}, "an array where one value has to be"),
    "unknown-element": ({"htestNoSuchElement": "x"}, "an element that there is not"),
    "unknown-code": ({"gender": "htest-no-such-code"}, "a code outside its required value set"),
    "invariant": ({"contact": [_CONTACT]}, "a contact with neither name nor address (invariant pat-1)"),
    "null-member": ({"gender": None}, "a member that is null"),
}


def _other_type(patient: Patient) -> Body:
    other = {
        "resourceType": "Basic",
        "meta": patient["meta"],
        "identifier": patient["identifier"],
        "code": {"text": "htest"},
    }
    return Body(orjson.dumps(other), "a resource of another type than the address names")


def _twice(patient: Patient) -> Body:
    return Body(orjson.dumps(patient)[:-1] + b',"gender":"unknown"}', "an object with one name twice")


def _deep(patient: Patient) -> Body:
    nested = b'{"extension":[' * DEPTH + b'{"url":"urn:htest","valueCode":"x"}' + b"]}" * DEPTH
    return Body(
        orjson.dumps(patient)[:-1] + b',"maritalStatus":' + nested + b"}", f"{DEPTH} objects in each other"
    )


def _family(patient: Patient, family: bytes, kind: str) -> Body:
    text = orjson.dumps(patient | {"name": [{"family": "htest-place"}]})
    return Body(text.replace(b"htest-place", family), kind)


_MADE: dict[str, Callable[[Patient], Body]] = {
    "no-json": lambda _: Body(b"This is no JSON.", "a text that is no JSON"),
    "truncated": lambda patient: Body(orjson.dumps(patient)[:-1], "JSON that was cut off"),
    "empty": lambda _: Body(b"", "no body at all"),
    "array": lambda patient: Body(orjson.dumps([patient]), "an array"),
    "text": lambda _: Body(b'"Patient"', "a text in JSON"),
    "number": lambda _: Body(b"42", "a number"),
    "no-type": lambda patient: Body(
        orjson.dumps({name: value for name, value in patient.items() if name != "resourceType"}),
        "an object without a resourceType",
    ),
    "other-type": _other_type,
    "plain-text": lambda patient: Body(orjson.dumps(patient), "the media type text/plain", "text/plain"),
    "form": lambda patient: Body(
        b"identifier=" + patient["identifier"][0]["value"].encode(),
        "the media type of a form",
        "application/x-www-form-urlencoded",
    ),
    "not-utf-8": lambda patient: _family(patient, b"HTEST-\xe9\xff", "bytes that are not UTF-8"),
    "null-byte": lambda patient: _family(patient, b"HTEST-\x00", "a null byte in a string"),
    "twice": _twice,
    "deep": _deep,
}  # fmt: skip


def identifier_of(patient: Patient) -> str:
    """The identifier that only this test patient has, as a search takes it."""
    return f"{RUN_SYSTEM}|{patient['identifier'][0]['value']}"
