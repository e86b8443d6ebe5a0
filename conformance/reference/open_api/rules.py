"""What the notification service accepts: each rule written out by hand, not read from its description."""

import json
import re
from typing import Any

from conformance.reference.open_api.records import CHANNELS, EVENTS, STATUSES

Json = dict[str, Any]
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_URL = re.compile(r"https://[a-z0-9.-]+/[^\s<>\"{}|\\^`]*")
_LONGEST_URL = 500
_LONGEST_REFERENCE = 64
_NHS_NUMBER_DIGITS = 10
_MOST_EVENTS = 3


class Refused(Exception):
    """A request that is not carried out."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def number(given: list[str], name: str, least: int, most: int, usual: int) -> int:
    """The whole number that a parameter states, the usual one where it is absent."""
    if not given:
        return usual
    if (
        len(given) > 1
        or not re.fullmatch(r"-?[0-9]{1,9}", given[0], re.ASCII)
        or not least <= int(given[0]) <= most
    ):
        raise Refused(400, f"{name} has to be a whole number from {least} to {most}")
    return int(given[0])


def status(given: list[str]) -> str:
    """The status that a parameter asks for; empty where it is absent."""
    if given and (len(given) > 1 or given[0] not in STATUSES):
        raise Refused(400, f"status has to be one of {', '.join(STATUSES)}")
    return given[0] if given else ""


def read(media_type: str, body: bytes) -> Json:
    """The object in the body of a request."""
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "The body has to be application/json")
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is no JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "The body has to be an object")
    return value


def _no_number(word: str) -> float:
    raise ValueError(word)


def message(value: Json, templates: Json, unchecked: frozenset[str]) -> Json:
    """A new message, checked."""
    _members(value, {"templateId", "recipient", "channel"}, {"reference"}, unchecked)
    if not isinstance(value["templateId"], str) or not _UUID.fullmatch(value["templateId"]):
        raise Refused(400, "templateId has to be a UUID")
    if "recipient" not in unchecked:
        _recipient(value["recipient"])
    if not isinstance(value["channel"], str) or value["channel"] not in CHANNELS:
        raise Refused(400, f"channel has to be one of {', '.join(CHANNELS)}")
    reference = value.get("reference")
    if reference is not None and (not isinstance(reference, str) or len(reference) > _LONGEST_REFERENCE):
        raise Refused(400, f"reference has to be a text of {_LONGEST_REFERENCE} characters at most")
    if value["templateId"] not in templates:
        raise Refused(422, "There is no such template")
    return {**value, "reference": reference}


def _recipient(value: Any) -> None:
    if not isinstance(value, dict):
        raise Refused(400, "recipient has to be an object")
    _members(value, {"nhsNumber"}, set(), frozenset())
    given = value["nhsNumber"]
    if not isinstance(given, str) or not re.fullmatch(rf"[0-9]{{{_NHS_NUMBER_DIGITS}}}", given, re.ASCII):
        raise Refused(400, f"recipient.nhsNumber has to be {_NHS_NUMBER_DIGITS} digits")


def subscription(value: Json, unchecked: frozenset[str]) -> Json:
    """A new subscription, checked."""
    _members(value, {"callbackUrl", "events"}, set(), unchecked)
    url, events = value["callbackUrl"], value["events"]
    right = isinstance(url, str) and len(url) <= _LONGEST_URL and _URL.fullmatch(url)
    if not right and "url" not in unchecked:
        raise Refused(400, "callbackUrl has to be an https address")
    if not isinstance(events, list) or not 1 <= len(events) <= _MOST_EVENTS:
        raise Refused(400, f"events has to be a list of one to {_MOST_EVENTS}")
    if any(not isinstance(each, str) or each not in EVENTS for each in events):
        raise Refused(400, f"events can be {', '.join(EVENTS)}")
    return value


def _members(value: Json, needed: set[str], possible: set[str], unchecked: frozenset[str]) -> None:
    if lacking := sorted(needed - set(value)):
        raise Refused(400, f"{', '.join(lacking)} is missing")
    if "members" not in unchecked and (strange := sorted(set(value) - needed - possible)):
        raise Refused(400, f"{len(strange)} members are not known here")
