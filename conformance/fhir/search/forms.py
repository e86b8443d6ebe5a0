"""Ways to search for a value that a resource holds: each form makes the text of a criterion out of the value.

A form is told by its name; which forms there are depends on the parameter's type. A form whose criterion is not to
find the resource that the value comes from names a control beside it: the criterion that does.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from conformance.fhir.search.criteria import escaped
from conformance.fhir.search.form import Form, Text
from conformance.fhir.search.forms_dates import DATE_FORMS
from conformance.fhir.search.forms_wildcards import wildcard_forms
from conformance.fhir.search.held import Held
from conformance.fhir.search.numbers import decimal
from conformance.fhir.search.references import literal
from conformance.fhir.search.strings import parts
from conformance.fhir.search.tokens import displays, tokens
from conformance.fhir.strings import swap_case, without_accents

__all__ = ["FORMS", "OTHER_SYSTEM", "other_type"]

LONGEST = 120
"""Longer texts make URLs that servers may refuse."""

OTHER_SYSTEM = "https://conformance-harness.org/no-such-system"
"""A system that nobody uses."""


def _token(held: Held, _: str) -> Iterator[Text]:
    for token in held.read(tokens):
        if token.code:
            yield Text(
                f"{escaped(token.system)}|{escaped(token.code)}" if token.system else escaped(token.code)
            )


def _code(held: Held, _: str) -> Iterator[Text]:
    yield from (Text(escaped(t.code)) for t in held.read(tokens) if t.code and t.system)


def _system(held: Held, _: str) -> Iterator[Text]:
    yield from (Text(f"{escaped(t.system)}|") for t in held.read(tokens) if t.system)


def _other_system(held: Held, _: str) -> Iterator[Text]:
    for token in held.read(tokens):
        if token.code and token.system:
            right = f"{escaped(token.system)}|{escaped(token.code)}"
            yield Text(f"{OTHER_SYSTEM}|{escaped(token.code)}", control=right)


def _no_system(held: Held, _: str) -> Iterator[Text]:
    for token in held.read(tokens):
        if token.code and token.system is not None:
            right = f"{escaped(token.system)}|{escaped(token.code)}" if token.system else ""
            yield Text(f"|{escaped(token.code)}", control=right)


def _not(held: Held, base: str) -> Iterator[Text]:
    yield from (Text(text.value, "not", text.value) for text in _token(held, base))


def _text(held: Held, _: str) -> Iterator[Text]:
    yield from (Text(escaped(text), "text") for text in displays(held.type, held.value) if text.strip())


def _strings(held: Held) -> Iterator[str]:
    """The texts that every server can be expected to look at: neither very long nor with white space at their ends."""
    for text, expected in held.read(parts):
        if expected and text.strip() == text != "" and len(text) <= LONGEST:
            yield text


def _string(held: Held, _: str) -> Iterator[Text]:
    yield from (Text(escaped(text)) for text in _strings(held))


def _start(held: Held, _: str) -> Iterator[Text]:
    for text in _strings(held):
        start = text[: max(2, len(text) * 2 // 3)].rstrip()
        if 1 < len(start) < len(text) and start.isalnum():
            yield Text(escaped(start))


def _separated(held: Held, _: str) -> Iterator[Text]:
    yield from (Text(escaped(text)) for text in _strings(held) if escaped(text) != text)


def _swapped(held: Held, _: str) -> Iterator[Text]:
    yield from (Text(escaped(swap_case(text))) for text in _strings(held) if swap_case(text) != text)


def _unaccented(held: Held, _: str) -> Iterator[Text]:
    for text in _strings(held):
        plain = without_accents(text)
        if plain != text and plain.isascii():
            yield Text(escaped(plain))


def _exact(held: Held, _: str) -> Iterator[Text]:
    yield from (Text(escaped(text), "exact") for text in _strings(held))


def _exact_swapped(held: Held, _: str) -> Iterator[Text]:
    for text in _strings(held):
        if swap_case(text) != text:
            yield Text(escaped(swap_case(text)), "exact", escaped(text))


def _exact_start(held: Held, base: str) -> Iterator[Text]:
    yield from (Text(text.value, "exact", text.value) for text in _start(held, base))


def _contains(held: Held, _: str) -> Iterator[Text]:
    for text in _strings(held):
        middle = text[1:-1] if len(text) < 8 else text[2:-2]  # noqa: PLR2004 - long enough to be rare
        if len(middle) > 2 and middle.isalpha():  # noqa: PLR2004 - the same
            yield Text(escaped(middle), "contains")


def _quantity(held: Held, unit: str) -> tuple[Decimal, str] | None:
    value = held.value
    number = decimal(value.get("value")) if isinstance(value, dict) and "comparator" not in value else None
    if number is None or not isinstance(value.get("system"), str) or not isinstance(value.get("code"), str):
        return None
    known = {
        "system": f"|{escaped(value['system'])}|{escaped(value['code'])}",
        "code": f"||{escaped(value['code'])}",
    }
    return number, known.get(unit, "")


def _plain_number(number: Decimal) -> str:
    return f"{number:f}"


def _with_unit(unit: str, prefix: str = "") -> Form:
    def form(held: Held, _: str) -> Iterator[Text]:
        found = _quantity(held, unit)
        if found:
            yield Text(f"{prefix}{_plain_number(found[0])}{found[1]}")

    return form


def _other_unit(held: Held, _: str) -> Iterator[Text]:
    found = _quantity(held, "system")
    if found:
        number = _plain_number(found[0])
        yield Text(f"{number}|{OTHER_SYSTEM}|{escaped(held.value['code'])}", control=f"{number}{found[1]}")


def _rounded(held: Held, _: str) -> Iterator[Text]:
    """A number with one digit less than the value has, to which the value rounds."""
    found = _quantity(held, "system") if isinstance(held.value, dict) else None
    number = found[0] if found else decimal(held.value)
    exponent = int(number.as_tuple().exponent) if number is not None else 0
    if number is not None and exponent < 0:
        less = number.quantize(Decimal(1).scaleb(exponent + 1))
        if less != number:
            yield Text(f"{_plain_number(less)}{found[1] if found else ''}")


def _number(prefix: str) -> Form:
    def form(held: Held, _: str) -> Iterator[Text]:
        number = decimal(held.value)
        if number is not None:
            yield Text(f"{prefix}{_plain_number(number)}")

    return form


def _reference(shape: Callable[[str, str, str], Text], *, versioned: bool = False) -> Form:
    def form(held: Held, base: str) -> Iterator[Text]:
        value = held.value.get("reference") if isinstance(held.value, dict) else None
        found = literal(value, base)
        if found is not None and not found.base and bool(found.version) == versioned:
            yield shape(found.type, found.id, base)

    return form


def other_type(resource_type: str) -> str:
    """A resource type that is not this one."""
    return "Patient" if resource_type != "Patient" else "Practitioner"


def _identifier(held: Held, base: str) -> Iterator[Text]:
    identifier = held.value.get("identifier") if isinstance(held.value, dict) else None
    if isinstance(identifier, dict):
        yield from (Text(text.value, "identifier") for text in _token(Held("Identifier", identifier), base))


def _uri(held: Held, _: str) -> Iterator[Text]:
    if isinstance(held.value, str) and held.value.isprintable():
        yield Text(escaped(held.value))


def _below(held: Held, _: str) -> Iterator[Text]:
    if isinstance(held.value, str) and held.value.count("/") > 3 and "://" in held.value:  # noqa: PLR2004 - a path
        yield Text(escaped(held.value.rsplit("/", 1)[0]), "below")


def _above(held: Held, _: str) -> Iterator[Text]:
    if isinstance(held.value, str) and "://" in held.value:
        yield Text(escaped(f"{held.value}/htest"), "above")


def _uri_swapped(held: Held, _: str) -> Iterator[Text]:
    if isinstance(held.value, str) and swap_case(held.value) != held.value:
        yield Text(escaped(swap_case(held.value)), control=escaped(held.value))


_WILDCARDS = wildcard_forms(_strings)
ORDERED = ("gt", "ge", "lt", "le", "ne", "sa", "eb")

FORMS: Mapping[str, Mapping[str, Form]] = MappingProxyType(
    {
        "token": {
            "plain": _token,
            "code": _code,
            "system": _system,
            "other-system": _other_system,
            "no-system": _no_system,
            "not": _not,
            "text": _text,
            **_WILDCARDS["token"],
        },
        "string": {
            "plain": _string,
            "start": _start,
            "separated": _separated,
            "swapped": _swapped,
            "unaccented": _unaccented,
            "exact": _exact,
            "exact-swapped": _exact_swapped,
            "exact-start": _exact_start,
            "contains": _contains,
            **_WILDCARDS["string"],
        },
        "date": DATE_FORMS,
        "number": {
            "plain": _number(""),
            "rounded": _rounded,
            **{prefix: _number(prefix) for prefix in ORDERED},
        },
        "quantity": {
            "plain": _with_unit(""),
            "unit": _with_unit("code"),
            "system-unit": _with_unit("system"),
            "other-unit": _other_unit,
            "rounded": _rounded,
            **{prefix: _with_unit("system", prefix) for prefix in ORDERED},
        },
        "reference": {
            "plain": _reference(lambda kind, name, _: Text(f"{kind}/{name}")),
            "id": _reference(lambda _, name, __: Text(name)),
            "absolute": _reference(lambda kind, name, base: Text(f"{base}/{kind}/{name}")),
            "typed": _reference(lambda kind, name, _: Text(name, kind)),
            "typed-other": _reference(
                lambda kind, name, _: Text(name, other_type(kind), control=f"{kind}/{name}")
            ),
            "other-type": _reference(
                lambda kind, name, _: Text(f"{other_type(kind)}/{name}", control=f"{kind}/{name}")
            ),
            "versioned": _reference(lambda kind, name, _: Text(f"{kind}/{name}"), versioned=True),
            "identifier": _identifier,
        },
        "uri": {"plain": _uri, "below": _below, "above": _above, "swapped": _uri_swapped},
    }
)
"""The forms by the parameter's type and their name."""
