"""Checks of the resources in answers (https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/http.html#read)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from conformance.checks.picking import alternatives, permitted, picked, quoted
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, check

PRIMITIVE = (str, int, float, bool)


@check("resource")
def resource(evidence: Evidence, *, type: str | list[str], id: str = "", label: str = "") -> Findings:  # noqa: A002 - these are the words of profiles
    """Every successful answer is a resource of one of these types, with this id if one is given."""
    wanted = type if isinstance(type, list) else [type]
    answers = [exchange for exchange in picked(evidence, label) if permitted(exchange).ok]
    if not answers:
        raise NoData("no answer succeeded")
    for exchange in answers:
        body = exchange.resource()
        if body is None:
            yield exchange.finding(f"answers no FHIR resource in JSON{_why(exchange)}")
        elif body["resourceType"] not in wanted:
            yield exchange.finding(f"answers {quoted(body['resourceType'])}, not {alternatives(wanted)}")
        elif id and body.get("id") != id:
            yield exchange.finding(f"answers a resource with the id {quoted(body.get('id'))}, not {id!r}")


@check("outcome")
def outcome(evidence: Evidence, *, label: str = "") -> Findings:
    """Every failed answer has an OperationOutcome as its body, with at least one issue that says what is wrong."""
    failed = [exchange for exchange in picked(evidence, label) if not exchange.ok]
    if not failed:
        raise NoData("no answer failed")
    for exchange in failed:
        body = exchange.resource("OperationOutcome")
        if body is None:
            stated = exchange.media_type or "no media type"
            yield exchange.finding(f"answered {exchange.status} without an OperationOutcome ({stated})")
            continue
        issues = body.get("issue")
        if not isinstance(issues, list) or not issues:
            yield exchange.finding("answered an OperationOutcome without an issue")
        elif not all(isinstance(i, dict) and i.get("severity") and i.get("code") for i in issues):
            yield exchange.finding("answered an OperationOutcome with an issue that lacks severity or code")


@check("fhir-json")
def fhir_json(evidence: Evidence, *, label: str = "") -> Findings:
    """Every successful answer is JSON as FHIR has it: no empty or null members, no member twice.

    null stands only in the arrays of primitives, to keep them in step with those of their extensions.
    """
    answers = [exchange for exchange in picked(evidence, label) if permitted(exchange).ok]
    if not any(exchange.body is not None and exchange.body.size for exchange in answers):
        raise NoData("no answer succeeded and had a body")
    for exchange in answers:
        if exchange.body is None or not exchange.body.size:
            continue
        if exchange.json_problem():
            yield exchange.finding(f"answers no JSON that FHIR allows{_why(exchange)}")
            continue
        for problem in exchange.memo("fhir-json", partial(_problems_of, exchange)):
            yield exchange.finding(f"answers a resource in which {problem}")


def _problems_of(exchange: Exchange) -> tuple[str, ...]:
    return tuple(_json_problems(exchange.json_or_none()))


def _json_problems(root: Json) -> Iterator[str]:
    """What FHIR does not allow in this JSON; walked without recursion, as the depth is the server's choice."""
    pending: list[tuple[str, Json]] = [("", root)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, dict):
            if not value:
                yield f"{place or 'the whole'} is an empty object"
            pending += [(f"{place}.{name}".lstrip("."), member) for name, member in value.items()]
        elif isinstance(value, list):
            yield from _array_problems(place, value)
            pending += [(f"{place}[{number}]", item) for number, item in enumerate(value) if item is not None]
        elif value is None:
            yield f"{place} is null"
        elif value == "" and isinstance(value, str):
            yield f"{place} is an empty string"


def _array_problems(place: str, array: list[Any]) -> Iterator[str]:
    if not array:
        yield f"{place} is an empty array"
    elif None in array:
        name = place.rsplit(".", 1)[-1]
        others = [item for item in array if item is not None]
        aligned = name.startswith("_") or all(isinstance(item, PRIMITIVE) for item in others)
        if not others or not aligned:
            yield f"{place} holds null"


def _why(exchange: Exchange) -> str:
    problem = exchange.json_problem()
    return f": {problem}" if problem else ""
