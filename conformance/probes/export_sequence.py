"""Probes of the export as a protocol: one job through any sequence of requests, two jobs at once, many polls.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-export-operation-request-flow
"""

import datetime as dt
import zlib
from dataclasses import replace
from typing import Any

from conformance.analysis.export import TOO_MANY_REQUESTS, is_running
from conformance.fhir.export_actions import Action
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.export_files import fetch_one, listed_files
from conformance.probes.export_job import (
    Edition,
    KickOff,
    ask,
    ask_when_free,
    begin,
    clear_away,
    follow,
    kick_off,
    send,
    status_url,
)

PATIENTS: dict[str, str | list[str]] = {"_type": "Patient"}
DAY = 86_400
BURST = 30
"""So many requests for a status in a row are more than any client should send."""


@probe("export-cancelled")
def export_cancelled(wire: Wire, *, edition: Edition = "STU3") -> None:
    """Begin an export of everything and cancel it; ask for its status, again while it is busy, and cancel it again."""
    _, where = begin(wire, own_kick_off(wire, "cancelled", {}, edition))
    if where:
        wire.send("DELETE", where, label="cancel")
        ask_when_free(wire, where, "status-after-cancel")
        wire.send("DELETE", where, label="cancel-again")


@probe("export-sequence")
def export_sequence(wire: Wire, *, actions: list[Action], edition: Edition = "STU3") -> None:
    """Begin an export of the patients and do with its job what `actions` say, one after the other.

    `poll` asks for the status once, `wait` until the job has ended, `download` fetches a file of the manifest seen
    last, `cancel` deletes the job. Each request carries the number of its action; the job is cleared away at last.
    """
    _, where = begin(wire, own_kick_off(wire, " ".join(actions), PATIENTS, edition))
    if not where:
        return
    job = _Job(wire, where)
    for number, action in enumerate(actions):
        job.act(action, {"action": action, "number": str(number)})
    clear_away(wire, where)


@probe("export-two-at-once")
def export_two_at_once(wire: Wire, *, edition: Edition = "STU3") -> None:
    """Begin an export of the patients, and at once one of the practitioners (`kick-off-second`); carry on both."""
    _, first = begin(wire, own_kick_off(wire, "first", PATIENTS, edition))
    other = own_kick_off(wire, "second", {"_type": "Practitioner"}, edition)
    answer = send(wire, other, "kick-off-second")
    second = status_url(answer, other.url)
    if first:
        follow(wire, first)
    if second:
        for _ in range(MOST_LOOKS):
            seen = ask(wire, second, "status-second")
            if not is_running(seen) or wire.remaining() <= 0:
                break
            wire.pause(1.0)
        clear_away(wire, second)
    if first:
        clear_away(wire, first)


MOST_LOOKS = 60


@probe("export-polled-often")
def export_polled_often(wire: Wire, *, edition: Edition = "STU3") -> None:
    """Ask for the status of a job many times in a row without a pause (`burst`), until told that this is too often."""
    _, where = begin(wire, own_kick_off(wire, "often", PATIENTS, edition))
    if not where:
        return
    for _ in range(BURST):
        if ask(wire, where, "burst").status == TOO_MANY_REQUESTS:
            wire.pause(1.0)
            break
    clear_away(wire, where)


class _Job:
    """A job, and the manifest of it that was seen last."""

    def __init__(self, wire: Wire, where: str) -> None:
        self.wire = wire
        self.where = where
        self.manifest: dict[str, Any] | None = None

    def act(self, action: Action, about: dict[str, str]) -> None:
        match action:
            case "poll":
                self._seen(self._ask("GET", about))
            case "wait":
                answer = follow(self.wire, self.where)
                if answer is not None:
                    self._seen(answer)
            case "cancel":
                self._ask("DELETE", about)
            case "download":
                self._download(about)

    def _ask(self, method: str, about: dict[str, str]) -> Exchange:
        return self.wire.send(
            method, self.where, label="action", about=about, accept="application/json", waits=True
        )

    def _seen(self, answer: Exchange) -> None:
        value = answer.json_or_none() if answer.ok else None
        if isinstance(value, dict) and "output" in value:
            self.manifest = value

    def _download(self, about: dict[str, str]) -> None:
        files = [] if self.manifest is None else list(listed_files(self.manifest, self.where))
        if files and self.manifest is not None:
            file = replace(files[0], about=files[0].about | about)
            fetch_one(self.wire, self.manifest, file, "action")


def own_kick_off(
    wire: Wire, purpose: str, parameters: dict[str, str | list[str]], edition: Edition = "STU3"
) -> KickOff:
    """The kick-off of a job that no other step can come to share.

    A server may give two equal requests one job while it runs. Who cancels it then ends it for the other as well: so
    each of these exports begins at another moment long ago, by _since, which every server supports.
    """
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=zlib.crc32(purpose.encode()) % DAY)
    given = parameters | {"_since": moment.isoformat()}
    request = kick_off(wire.base, "system", "", given, edition=edition)
    return replace(request, headers={"Prefer": "respond-async"})
