"""How an export job is begun, followed, ended and cleared away.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-export-operation-request-flow
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode

from conformance.analysis.export import (
    ACCEPTED,
    PAGE,
    TOO_MANY_REQUESTS,
    UNAVAILABLE,
    export_status,
    is_running,
    next_page,
)
from conformance.analysis.instants import http_date
from conformance.fhir.addresses import led_to
from conformance.model.evidence import Exchange
from conformance.plugin import Credentials, Untestable, Wire

Level = Literal["system", "patient", "group"]
Edition = Literal["STU2", "STU3", "4.0.0-202609-ballot"]
"""The edition of the guide that is tested, as its addresses have it."""
BALLOT = "4.0.0-202609-ballot"
Method = Literal["", "GET", "POST"]
Values = Mapping[str, str | list[str]]

FIRST_WAIT, LONGEST_WAIT, LONGEST_ADVICE = 0.2, 30.0, 300.0
TOLD_EVERY = 60.0
ABSURD = 86_400.0
"""Whoever is told to come back after more than a day was told nonsense, such as a moment in place of a span."""
MOST_EMPTY_ANSWERS = 10
"""So often may the status URL answer 200 without a manifest before the job is given up."""
MOST_PAGES = 1_000
BUSY = frozenset({TOO_MANY_REQUESTS, UNAVAILABLE})
LIVELY = BUSY | {ACCEPTED}
MOST_BUSY_ANSWERS = 10
"""So often is a cancelled job asked for while it answers that it is busy."""
LISTS = frozenset({"_type", "_elements", "includeAssociatedData"})
_KINDS = {
    "_since": "valueInstant",
    "_until": "valueInstant",
    "allowPartialManifests": "valueBoolean",
    "patient": "valueReference",
}


@dataclass(frozen=True)
class KickOff:
    """A kick-off request, ready to be sent. `parameters` are noted where they stand in the body."""

    method: str
    url: str
    parameters: Mapping[str, list[str]]
    headers: Mapping[str, str] = field(default_factory=dict)
    accept: str = "application/fhir+json"
    is_ballot: bool = False

    @property
    def content(self) -> dict[str, Any] | None:
        """The body: a Parameters resource, None where the parameters stand in the URL."""
        if self.method != "POST":
            return None
        given = [
            _parameter(name, one, self.is_ballot)
            for name, values in self.parameters.items()
            for one in values
        ]
        return {"resourceType": "Parameters", **({"parameter": given} if given else {})}


def kick_off(
    base: str, level: Level, group: str, parameters: Values, *, by: Method = "", edition: Edition = "STU3"
) -> KickOff:
    """The request that starts this export: by GET, or by POST as the ballot of STU4 wants it.

    Several values of a parameter are sent one by one. In the ballot a list by comma is taken apart, since a client
    shall not send one there.
    """
    method = by or ("POST" if edition == BALLOT else "GET")
    given = {name: [value] if isinstance(value, str) else list(value) for name, value in parameters.items()}
    if edition == BALLOT:
        given = {
            name: [part for value in values for part in value.split(",")] if name in LISTS else values
            for name, values in given.items()
        }
    path = {"system": "", "patient": "/Patient", "group": f"/Group/{quote(group, safe='')}"}[level]
    query = urlencode(given, doseq=True, quote_via=quote, safe=",/:") if method == "GET" else ""
    url = f"{base}{path}/$export{'?' + query if query else ''}"
    return KickOff(method, url, given, is_ballot=edition == BALLOT)


def send(wire: Wire, request: KickOff, label: str = "kick-off") -> Exchange:
    """Send a kick-off once."""
    if request.method == "POST":
        wire.note("parameters", {name: list(values) for name, values in request.parameters.items()})
    return wire.send(
        request.method,
        request.url,
        label=label,
        headers=request.headers,
        accept=request.accept,
        json=request.content,
        waits=True,
    )


def begin(wire: Wire, request: KickOff) -> tuple[Exchange, str]:
    """Send the kick-off; return its answer and the absolute URL of the status, empty where there is none.

    A target may run one export at a time: one that is told to come back later (429, 503) is asked again.
    """
    for own_wait in growing_waits():
        answer = send(wire, request)
        left = wire.remaining()
        if answer.status not in BUSY:
            break
        if left <= 0:
            raise Untestable(
                f"the target answered {answer.status} to every kick-off until the time for a job was over"
            )
        wire.pause(min(left, advised_wait(answer, own_wait)))
    return answer, status_url(answer, request.url)


def status_url(answer: Exchange, url: str) -> str:
    """The absolute URL of the status, empty where the kick-off led to none.

    A location may wrongly be relative: the check says so, and the job is followed all the same.
    """
    location = answer.header("content-location") if answer.ok else None
    return led_to(url, location.strip()) if location else ""


def follow(
    wire: Wire,
    where: str,
    headers: Mapping[str, str] | None = None,
    running: Callable[[Exchange], None] = lambda _: None,
) -> Exchange | None:
    """Ask for the status until the job ends; return the last answer, None where time ran out before.

    `running` is told each answer before.
    """
    empty, begun, told = 0, wire.remaining(), 0.0
    for own_wait in growing_waits():
        answer = ask(wire, where, "status", headers)
        if answer.failure:
            return None
        if not is_running(answer):
            return answer
        running(answer)
        empty += export_status(answer) not in LIVELY
        if empty >= MOST_EMPTY_ANSWERS:
            return None
        left = wire.remaining()
        if left <= 0:
            wire.note("timed-out", True)
            return None
        if begun - left - told >= TOLD_EVERY:
            told = begun - left
            wire.tell(_progress(answer, told, left))
        wire.pause(min(left, advised_wait(answer, own_wait)))
    return None


def _progress(answer: Exchange, passed: float, left: float) -> str:
    said = (answer.header("x-progress") or "").strip()[:100]
    words = f": {said!r}" if said else ""
    return f"an export has been running for {passed / 60:.0f} min, {left / 3600:.1f} h are left{words}"


def ask(wire: Wire, where: str, label: str, headers: Mapping[str, str] | None = None) -> Exchange:
    """Ask for the status once."""
    return wire.send("GET", where, label=label, accept="application/json", headers=headers, waits=True)


def ask_when_free(wire: Wire, where: str, label: str) -> None:
    """Ask for the status, and again after the wait that is advised while the answer is to come back later (429, 503).

    The last answer recorded is the one that counts.
    """
    for _, own_wait in zip(range(MOST_BUSY_ANSWERS), growing_waits(), strict=False):
        answer = ask(wire, where, label)
        left = wire.remaining()
        if answer.status not in BUSY or left <= 0:
            return
        wire.pause(min(left, advised_wait(answer, own_wait)))


def follow_pages(
    wire: Wire, first: Exchange, where: str, headers: Mapping[str, str] | None = None
) -> list[Any]:
    """The manifest and the pages that follow on it, as they are linked, within bounds.

    The note `pages-ended` says why there are no more of them: `complete`, `loop` (a link that was followed before),
    `failed` (a page did not come) or `limit`. There is none where the manifest has one page only.
    """
    pages = [first.json_or_none()]
    seen, place, ended = {where}, where, ""
    while onward := next_page(pages[-1]):
        place = led_to(place, onward)
        if place in seen:
            ended = "loop"
        elif len(pages) >= MOST_PAGES or wire.remaining() <= 0:
            ended = "limit"
        if ended:
            break
        seen.add(place)
        answer = wire.send("GET", place, label=PAGE, accept="application/json", headers=headers, file=True)
        if not answer.ok or not isinstance(answer.json_or_none(), dict):
            ended = "failed"
            break
        pages.append(answer.json_or_none())
    if len(pages) > 1 or ended:
        wire.note("pages-ended", ended or "complete")
    return pages


def advised_wait(answer: Exchange, own_wait: float) -> float:
    """How long to wait: as Retry-After says, in seconds or as a date (RFC 9110, 10.2.3), as long as it is sane."""
    seconds = advice(answer)
    if seconds is None or seconds > ABSURD:
        return own_wait
    return min(max(seconds, FIRST_WAIT), LONGEST_ADVICE)


def advice(answer: Exchange) -> float | None:
    """The seconds that Retry-After asks to wait; None where it asks for nothing that can be understood."""
    text = (answer.header("retry-after") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    until, now = http_date(text), http_date(answer.header("date") or "")
    return (until - now).total_seconds() if until is not None and now is not None else None


def clear_away(wire: Wire, where: str, headers: Mapping[str, str] | None = None) -> None:
    """Tell the target that the job is done with; what it answers is not judged."""
    wire.send("DELETE", where, label="cleanup", headers=headers, waits=True)


def probe_status_protection(wire: Wire, where: str) -> None:
    """Ask for the status without credentials and with a token that nobody issued."""
    asked: tuple[tuple[Credentials, str], ...] = (("none", "status-anonymous"), ("bad", "status-bad-token"))
    for credentials, label in asked:
        wire.send("GET", where, label=label, accept="application/json", credentials=credentials)


def growing_waits() -> Iterator[float]:
    """How long to wait between two requests, each time twice as long, up to a limit."""
    wait = FIRST_WAIT
    while True:
        yield wait
        wait = min(wait * 2, LONGEST_WAIT)


def _parameter(name: str, value: str, is_ballot: bool) -> dict[str, Any]:  # noqa: FBT001 - read by position in one place
    if name == "includeAssociatedData" and is_ballot:
        return {"name": name, "valueCoding": {"code": value}}
    kind = _KINDS.get(name, "valueString")
    typed: Any = value
    if kind == "valueReference":
        typed = {"reference": value}
    elif kind == "valueBoolean":
        typed = value == "true"
    return {"name": name, kind: typed}
