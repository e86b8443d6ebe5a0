"""Whether an item of a Questionnaire is enabled by the answers of a response.

Source: FHIR R4, Questionnaire.item.enableWhen and enableBehavior, and the code system questionnaire-enable-operator.
Answers are True, False, or None where it cannot be decided.
"""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from conformance.fhir.definitions.table import Typed
from conformance.fhir.fhirpath.values import is_reckonable
from conformance.fhir.ucum import convert
from conformance.fhir.validation.rules.reading import Json, choice_of, object_at, objects_at, text_at
from conformance.fhir.validation.rules.response_index import ResponseIndex
from conformance.fhir.validation.values import order

EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # only an amount of time on a date would count from it
UCUM = "http://unitsofmeasure.org"
_ORDERS = {">": {1}, "<": {-1}, ">=": {0, 1}, "<=": {-1, 0}}


def is_enabled(item: Json, index: ResponseIndex, place: int) -> bool | None:
    """Whether an item is enabled, judged from the place in the response where it stands or would stand."""
    conditions = objects_at(item, "enableWhen")
    if not conditions:
        return True
    told = [_met(condition, index.answers(text_at(condition, "question"), place)) for condition in conditions]
    if text_at(item, "enableBehavior") == "all":
        return False if False in told else None if None in told else True
    return True if True in told else None if None in told else False


def expression_of(item: Json) -> str:
    """The FHIRPath expression that enables an item (Structured Data Capture), or an empty text."""
    for extension in objects_at(item, "extension"):
        if extension.get("url") == EXPRESSION:
            return text_at(object_at(extension, "valueExpression"), "expression")
    return ""


def _met(condition: Json, answers: list[tuple[str, Any]]) -> bool | None:
    operator = text_at(condition, "operator")
    kind, wanted = choice_of(condition, "answer")
    if operator == "exists":
        return bool(answers) is wanted if isinstance(wanted, bool) else None
    if not kind:
        return None
    if operator in {"=", "!="}:
        told = {same(kind, found, wanted) if other == kind else False for other, found in answers}
        # whether no answer at all is "not equal" the definition leaves open
        if True not in told and (None in told or (operator == "!=" and not answers)):
            return None
        return (True in told) is (operator == "=")
    return _in_order(operator, kind, wanted, answers) if operator in _ORDERS else None


def _in_order(operator: str, kind: str, wanted: Any, answers: list[tuple[str, Any]]) -> bool | None:
    signs = {compared(kind, found, wanted) if other == kind else None for other, found in answers}
    if signs & _ORDERS[operator]:
        return True
    return None if None in signs else False


def same(kind: str, found: Any, wanted: Any) -> bool | None:
    """Whether an answer is a given value of its type; None where that cannot be told.

    Quantities are the same by what they come to, Codings by system and code, References by what they refer to.
    """
    if kind == "Quantity":
        sign = _quantities(found, wanted)
        return (found == wanted or None) if sign is None else sign == 0
    if isinstance(found, dict) and isinstance(wanted, dict):
        if "code" in wanted:
            return all(found.get(name) == wanted.get(name) for name in ("system", "code"))
        if "reference" in wanted:
            return bool(found.get("reference") == wanted["reference"])
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    return bool(found == wanted)


def compared(kind: str, found: Any, wanted: Any) -> int | None:
    """-1, 0 or 1 as an answer is below, at or above a value of its own type; None where they have no order."""
    if kind == "Quantity":
        return _quantities(found, wanted)
    return order(found, Typed(f"{kind[:1].lower()}{kind[1:]}", wanted), _ANY_TIME)


def _quantities(found: Any, wanted: Any) -> int | None:
    one, other = number_of(found), number_of(wanted)
    if one is None or other is None or text_at(found, "comparator") or text_at(wanted, "comparator"):
        return None
    if text_at(found, "system") != text_at(wanted, "system") or not text_at(found, "code"):
        return None
    if text_at(found, "code") != text_at(wanted, "code"):
        if text_at(found, "system") != UCUM:
            return None
        converted = convert(one, text_at(found, "code"), text_at(wanted, "code"))
        if converted is None:
            return None
        one = converted
    return (one > other) - (one < other)


def number_of(quantity: Any) -> Fraction | None:
    """The value of a Quantity, or None where it has none that can be reckoned with."""
    value = quantity.get("value") if isinstance(quantity, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value))
    return Fraction(number) if is_reckonable(number) else None
