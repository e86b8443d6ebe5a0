"""The limits that a question sets on its answers: bounds, lengths, forms, sizes, types of targets.

Source: FHIR R4, Questionnaire.item.maxLength and the extensions minValue, maxValue, minLength, regex,
maxDecimalPlaces, mimeType, maxSize and questionnaire-referenceResource
(https://hl7.org/fhir/R4/questionnaire-profiles.html); for quantities, minQuantity and maxQuantity of Structured Data
Capture.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from conformance.fhir.definitions.library import CORE
from conformance.fhir.fhirpath.errors import FhirPathError
from conformance.fhir.fhirpath.patterns import matches_whole
from conformance.fhir.ucum import measure
from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.enabling import UCUM, compared
from conformance.fhir.validation.rules.reading import Json, choice_of, objects_at, shortened, text_at
from conformance.fhir.validation.rules.urls import literal
from conformance.fhir.validation.scope import Scope

_CAPTURE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
_LIMIT_SIGNS = MappingProxyType(
    {
        f"{CORE}minValue": (-1, "less than", "minimum"),
        f"{CORE}maxValue": (1, "more than", "maximum"),
        f"{_CAPTURE}minQuantity": (-1, "less than", "minimum"),
        f"{_CAPTURE}maxQuantity": (1, "more than", "maximum"),
    }
)


def limits(answer: Node, question: Json, scope: Scope, severity: Severity) -> Iterable[Issue]:
    """Which limits of its question an answer does not keep."""
    kind, value = choice_of(answer.value, "value")
    if not kind:
        return
    place = next(iter(scope.below(answer, "value")), answer)
    for text in _broken(place, kind, value, question, scope):
        yield scope.issue(place, "response-limit", text, code="business-rule", severity=severity)


def _broken(place: Node, kind: str, value: Any, question: Json, scope: Scope) -> Iterator[str]:
    longest = question.get("maxLength")
    if isinstance(value, str) and isinstance(longest, int) and len(value) > longest:
        yield f"the answer has {len(value)} characters, and at most {longest} are allowed"
    targets: list[str] = []
    for extension in objects_at(question, "extension"):
        url = text_at(extension, "url")
        other, limit = choice_of(extension, "value")
        if url in _LIMIT_SIGNS:
            yield from _bound(place, (kind, value), (other, limit), url, scope)
        elif url == f"{CORE}questionnaire-referenceResource" and isinstance(limit, str):
            targets.append(limit)
        elif url == f"{CORE}regex" and isinstance(limit, str):
            yield from _form(place, value, limit, scope)
        elif url in _MEASURES:
            yield from _MEASURES[url](value, limit)
    if targets and kind == "Reference":
        found = literal(text_at(value, "reference")).type
        if found and found not in targets:
            yield f"the answer refers to {shortened(found)}, and {' or '.join(targets)} is allowed"


def _bound(
    place: Node, answer: tuple[str, Any], limit: tuple[str, Any], url: str, scope: Scope
) -> Iterator[str]:
    wrong, words, name = _LIMIT_SIGNS[url]
    kind = limit[0] if {answer[0], limit[0]} <= {"Date", "DateTime"} else answer[0]
    if kind != limit[0]:
        return
    if kind == "Quantity" and _other_dimension(answer[1], limit[1]):
        yield f"the answer {_shown(answer[1])} is no amount that the {name}, {_shown(limit[1])}, could bound"
        return
    sign = compared(kind, answer[1], limit[1])
    if sign is None:
        scope.cannot_judge(place, "invariant", url, f"an answer could not be compared with the {name}")
    elif sign == wrong:
        yield f"the answer {_shown(answer[1])} is {words} the allowed {name}, {_shown(limit[1])}"


def _other_dimension(found: Any, limit: Any) -> bool:
    """Whether two quantities have UCUM units that do not measure the same."""
    if {text_at(found, "system"), text_at(limit, "system")} != {UCUM}:
        return False
    one, other = measure(text_at(found, "code")), measure(text_at(limit, "code"))
    return one is not None and other is not None and one.dimension != other.dimension


def _form(place: Node, value: Any, pattern: str, scope: Scope) -> Iterator[str]:
    if not isinstance(value, str):
        return
    try:
        if not matches_whole(value, pattern):
            yield f"the answer {shortened(value)!r} does not have the form {shortened(pattern)}"
    except FhirPathError as failure:
        scope.cannot_judge(place, "invariant", f"{CORE}regex", failure.message)


def _shortest(value: Any, limit: Any) -> Iterator[str]:
    if isinstance(value, str) and isinstance(limit, int) and len(value) < limit:
        yield f"the answer has {len(value)} characters, and at least {limit} are needed"


def _places(value: Any, limit: Any) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not isinstance(limit, int):
        return
    exponent = Decimal(str(value)).as_tuple().exponent
    if isinstance(exponent, int) and -exponent > limit:
        yield f"the answer {value} has {-exponent} decimal places, and at most {limit} are allowed"


def _media(value: Any, limit: Any) -> Iterator[str]:
    found = text_at(value, "contentType")
    if found and isinstance(limit, str) and found.partition(";")[0].strip() != limit:
        yield f"the attachment is {shortened(found)}, and {limit} is allowed"


def _size(value: Any, limit: Any) -> Iterator[str]:
    size = value.get("size") if isinstance(value, dict) else None
    if isinstance(size, int) and isinstance(limit, int | float | Decimal) and size > limit:
        yield f"the attachment has {size} bytes, and at most {limit} are allowed"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return shortened(f"{value.get('value')} {text_at(value, 'unit') or text_at(value, 'code')}")
    return shortened(str(value))


_MEASURES: Mapping[str, Callable[[Any, Any], Iterator[str]]] = MappingProxyType(
    {
        f"{CORE}minLength": _shortest,
        f"{CORE}maxDecimalPlaces": _places,
        f"{CORE}mimeType": _media,
        f"{CORE}maxSize": _size,
    }
)
