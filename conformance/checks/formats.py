"""Checks of the formats in which resources come (https://hl7.org/fhir/R4/http.html#mime-type)."""

from decimal import Decimal
from typing import Any, Literal

from conformance.analysis.instants import instant
from conformance.checks.picking import alternatives, one, permitted, picked, quoted
from conformance.fhir.definitions import r4
from conformance.fhir.documents import read_json, read_xml
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, NotApplicable, NotJudgeable, check

Format = Literal["json", "xml", "turtle"]
MEDIA: dict[Format, tuple[str, ...]] = {
    "json": ("application/fhir+json", "application/json", "text/json", "application/json+fhir"),
    "xml": ("application/fhir+xml", "application/xml", "text/xml", "application/xml+fhir"),
    "turtle": ("application/fhir+turtle", "text/turtle"),
}
REFUSALS = (400, 406, 415)
NOT_ACCEPTABLE = 406
MOST_DIFFERENCES = 5
ZONE = len("+00:00")


def format_of(exchange: Exchange) -> Format | None:
    """The format that an answer's media type names; None where it is none of FHIR's."""
    return next((name for name, types in MEDIA.items() if exchange.media_type in types), None)


@check("declares-format")
def declares_format(evidence: Evidence, *, formats: Format) -> Findings:
    """The capability statement lists this format, by its short name or a media type (CapabilityStatement.format)."""
    listed = (evidence.capability_statement or {}).get("format")
    names = (
        {str(name).split(";")[0].strip().lower() for name in listed} if isinstance(listed, list) else set()
    )
    if not names & {formats, *MEDIA[formats]}:
        yield f"the target does not declare the format {formats}"


@check("utf-8")
def utf_8(evidence: Evidence, *, label: str = "", optional: bool = False) -> Findings:
    """Every answer with a resource is UTF-8, and states no other charset.

    `optional` is for what a server may refuse: where all is refused with 406, the case is inapplicable.
    """
    if optional and all(e.status == NOT_ACCEPTABLE for e in picked(evidence, label)):
        raise NotApplicable("the target refuses this with 406, as it may")
    answers = [e for e in picked(evidence, label) if format_of(e) and e.body is not None and e.body.size]
    if not answers:
        raise NoData("no answer had a resource as its body")
    for exchange in answers:
        stated = _charset(exchange)
        if stated not in {"", "utf-8", "utf8"}:
            yield exchange.finding(f"states the charset {quoted(stated)}, not UTF-8")
        try:
            exchange.content().decode("utf-8")
        except UnicodeDecodeError as error:
            yield exchange.finding(f"has a body that is not UTF-8 (byte {error.start})")


def _charset(exchange: Exchange) -> str:
    for part in (exchange.header("content-type") or "").split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


@check("fhir-format")
def fhir_format(
    evidence: Evidence, *, formats: Format | list[Format], label: str = "", optional: bool = False
) -> Findings:
    """Every answer is a resource in one of these formats, as its media type says.

    `optional` is for what a server may leave out: then a refusal (400, 406, 415) makes the case inapplicable.
    """
    wanted = formats if isinstance(formats, list) else [formats]
    for exchange in picked(evidence, label):
        if permitted(exchange).status in REFUSALS and optional:
            raise NotApplicable(f"{exchange} answered {exchange.status}: the target does not offer this")
        found = format_of(exchange)
        if not exchange.ok:
            yield exchange.finding(f"answered {exchange.status}, not a resource in {alternatives(wanted)}")
        elif found not in wanted:
            stated = exchange.header("content-type") or "no media type"
            yield exchange.finding(
                f"answered with the Content-Type {quoted(stated)}, not one of {alternatives(wanted)}"
            )
        elif found != "turtle" and (problem := _problem(exchange, found)):
            yield exchange.finding(f"answered what is no FHIR {found.upper()}: {problem}")


@check("not-acceptable")
def not_acceptable(evidence: Evidence, *, label: str = "") -> Findings:
    """A request for a format that the server does not speak is refused with 406."""
    for exchange in picked(evidence, label):
        if permitted(exchange).status != NOT_ACCEPTABLE:
            stated = exchange.media_type or "no media type"
            yield exchange.finding(
                f"answered {exchange.status} ({stated}), not 406, though that was not asked for"
            )


@check("same-content")
def same_content(evidence: Evidence, *, one: str, other: str, again: str = "") -> Findings:
    """Two answers hold the same resource, whatever their formats: the same elements with the same values.

    The text of narratives is not compared, since formats may write it differently, nor how a moment is written, as
    long as it is the same in the same time zone (`.5Z` and `.500+00:00`). `again` is the same request as
    `one`, repeated, for what may be made afresh each time: where it differs from itself, nothing is compared.
    """
    first, second = _read_from(evidence, one), _read_from(evidence, other)
    (left, before), (right, after) = first, second
    if _state(before) != _state(after):
        raise NotJudgeable(f"{right} answered another version than {left}: it changed meanwhile")
    unsteady = _differences("", before, _read_from(evidence, again)[1]) if again else {}
    differences = {
        place: seen for place, seen in _differences("", before, after).items() if place not in unsteady
    }
    for place in sorted(differences)[:MOST_DIFFERENCES]:
        yield right.finding(f"differs from the answer as {one} in {place} ({differences[place]})")


def _read_from(evidence: Evidence, label: str) -> tuple[Exchange, dict[str, Any]]:
    exchange = permitted(one(evidence, label))
    if not exchange.ok:
        raise NotJudgeable(f"{exchange} ({label}) answered {exchange.status}")
    found = format_of(exchange)
    if found is None or found == "turtle":
        raise NotJudgeable(f"{exchange} ({label}) is neither JSON nor XML of FHIR ({exchange.media_type})")
    value = _value(exchange, found)
    if value is None:
        raise NotJudgeable(f"{exchange} ({label}) cannot be read as {found}: {_problem(exchange, found)}")
    return exchange, value


def _value(exchange: Exchange, found: Format) -> dict[str, Any] | None:
    read = _document(exchange, found)[0]
    return read if isinstance(read, dict) and isinstance(read.get("resourceType"), str) else None


def _problem(exchange: Exchange, found: Format) -> str:
    value, problem = _document(exchange, found)
    if value is not None and not (isinstance(value, dict) and "resourceType" in value):
        return "it names no resource type"
    return problem


def _document(exchange: Exchange, found: Format) -> tuple[Json, str]:
    """The body as read from its format, and what is wrong with it; read once."""

    def read() -> tuple[Json, str]:
        data = exchange.content()
        document = read_xml(data, r4()) if found == "xml" else read_json(data)
        # What else is wrong in it is the matter of validation: here it has to be of the format at all, and XML in
        # another namespace than FHIR's is not.
        wrong = [
            problem.words
            for problem in document.problems
            if problem.severity == "fatal" or problem.message_id == "xml-namespace"
        ]
        return document.value, wrong[0] if wrong else ""

    return exchange.memo(f"document-{found}", read)


def _state(resource: dict[str, Any]) -> tuple[Any, Any]:
    meta = resource.get("meta")
    held = meta if isinstance(meta, dict) else {}
    return held.get("versionId"), _plain(held.get("lastUpdated"))


def _differences(place: str, one: Json, other: Json) -> dict[str, str]:
    """Where two values differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        found: dict[str, str] = {}
        for name in one.keys() | other.keys():
            if name not in {"div", "fhir_comments"}:
                found |= _differences(f"{place}.{name}".lstrip("."), one.get(name), other.get(name))
        return found
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return {place: f"{len(one)} items and {len(other)}"}
        found = {}
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            found |= _differences(f"{place}[{number}]", left, right)
        return found
    if _plain(one) != _plain(other):
        return {place or "the whole": f"{quoted(one)} and {quoted(other)}"}
    return {}


def _plain(value: Json) -> Any:
    """A value fit to be compared: a number or a moment is one however it was written, a boolean is no number."""
    if isinstance(value, str):
        moment = instant(value)
        return value if moment is None else ("moment", moment, value.replace("Z", "+00:00")[-ZONE:])
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value if not isinstance(value, bool) else ("boolean", value)
    return ("number", Decimal(str(value)))
