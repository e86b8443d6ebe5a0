"""How an export job is begun, followed, ended and cleared away.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-export-operation-request-flow
"""

from collections.abc import Iterator, Mapping
from typing import Literal
from urllib.parse import quote, urlencode, urljoin

from conformance.analysis.export import ACCEPTED, TOO_MANY_REQUESTS, UNAVAILABLE, is_running
from conformance.analysis.instants import http_date
from conformance.model.evidence import Exchange
from conformance.plugin import Credentials, Untestable, Wire

Level = Literal["system", "patient", "group"]

FIRST_WAIT, LONGEST_WAIT, LONGEST_ADVICE = 0.2, 30.0, 300.0
MOST_EMPTY_ANSWERS = 10
"""So often may the status URL answer 200 without a manifest before the job is given up."""
BUSY = frozenset({TOO_MANY_REQUESTS, UNAVAILABLE})
LIVELY = BUSY | {ACCEPTED}


def export_url(wire: Wire, level: Level, group: str, parameters: Mapping[str, str | list[str]]) -> str:
    """The absolute URL of a kick-off request."""
    path = {"system": "", "patient": "/Patient", "group": f"/Group/{quote(group, safe='')}"}[level]
    query = urlencode(parameters, doseq=True, quote_via=quote, safe=",/:")
    return f"{wire.base}{path}/$export{'?' + query if query else ''}"


def begin(wire: Wire, url: str, *, accept: str, prefer: str) -> tuple[Exchange, str]:
    """Send the kick-off; return its answer and the absolute URL of the status, empty where there is none.

    A target may run one export at a time: one that is told to come back later (429, 503) is asked again.
    """
    headers = {"Prefer": prefer} if prefer else {}
    for own_wait in _growing_waits():
        answer = wire.send("GET", url, label="kick-off", headers=headers, accept=accept, waits=True)
        left = wire.remaining()
        if answer.status not in BUSY:
            break
        if left <= 0:
            raise Untestable(
                f"the target answered {answer.status} to every kick-off until the time for a job was over"
            )
        wire.pause(min(left, advised_wait(answer, own_wait)))
    location = answer.header("content-location") if answer.ok else None
    # A location may wrongly be relative: the check says so, and the job is followed all the same.
    return answer, urljoin(url, location.strip()) if location else ""


def follow(wire: Wire, where: str) -> Exchange | None:
    """Ask for the status until the job ends; return the last answer, None where time ran out before."""
    empty = 0
    for own_wait in _growing_waits():
        answer = wire.send("GET", where, label="status", accept="application/json", waits=True)
        if answer.failure:
            return None
        if not is_running(answer):
            return answer
        empty += answer.status not in LIVELY
        if empty >= MOST_EMPTY_ANSWERS:
            return None
        left = wire.remaining()
        if left <= 0:
            wire.note("timed-out", True)
            return None
        wire.pause(min(left, advised_wait(answer, own_wait)))
    return None


def advised_wait(answer: Exchange, own_wait: float) -> float:
    """How long to wait: as Retry-After says, in seconds or as a date (RFC 9110, 10.2.3), within reason."""
    advice = (answer.header("retry-after") or "").strip()
    if advice.isdecimal():
        return min(max(float(advice[:6]), FIRST_WAIT), LONGEST_ADVICE)
    until, now = http_date(advice), http_date(answer.header("date") or "")
    if until is not None and now is not None:
        return min(max((until - now).total_seconds(), FIRST_WAIT), LONGEST_ADVICE)
    return own_wait


def clear_away(wire: Wire, where: str) -> None:
    """Tell the target that the job is done with; what it answers is not judged."""
    wire.send("DELETE", where, label="cleanup", waits=True)


def cancel(wire: Wire, where: str) -> None:
    """Cancel the job, ask for its status, and cancel it once more, when it is no longer there."""
    wire.send("DELETE", where, label="cancel")
    wire.send("GET", where, label="status-after-cancel", accept="application/json")
    wire.send("DELETE", where, label="cancel-again")


def probe_status_protection(wire: Wire, where: str) -> None:
    """Ask for the status without credentials and with a token that nobody issued."""
    asked: tuple[tuple[Credentials, str], ...] = (("none", "status-anonymous"), ("bad", "status-bad-token"))
    for credentials, label in asked:
        wire.send("GET", where, label=label, accept="application/json", credentials=credentials)


def _growing_waits() -> Iterator[float]:
    wait = FIRST_WAIT
    while True:
        yield wait
        wait = min(wait * 2, LONGEST_WAIT)
