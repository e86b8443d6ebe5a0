"""Exports beside something else: other exports at the same time, reads of the live service, callers who may not.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-kick-off-request
"""

from conformance.analysis.export import is_running
from conformance.model.evidence import Exchange
from conformance.plugin import Credentials, Wire, probe
from conformance.probes.export_job import KickOff, advised_wait, ask, clear_away, send, status_url
from conformance.probes.export_sequence import own_kick_off
from conformance.probes.plan_reading import plan_value

FEWEST_JOBS, MOST_JOBS = 2, 8
"""So many exports are tried at once where the plan declares no number, or a larger one."""
READS = 12
"""So many reads are timed before an export, and between two looks at its status."""
MOST_ROUNDS = 10


@probe("exports-at-once")
def exports_at_once(wire: Wire) -> None:
    """Begin as many exports at once as the exit plan declares, two where it declares none, and follow each to its end.

    At most eight are begun. The kick-offs are labelled `kick-off-at-once`, the answers about their jobs
    `status-at-once`. All are cleared away.
    """
    declared = plan_value(wire, "export.limits.concurrentJobs")
    wanted = declared if isinstance(declared, int) and not isinstance(declared, bool) else FEWEST_JOBS
    number = min(max(wanted, 1), MOST_JOBS)
    wire.note("tried", number)
    jobs: list[str] = []
    for count in range(number):
        request = own_kick_off(wire, f"at once {count}", {"_type": "Patient"})
        answer = send(wire, request, "kick-off-at-once")
        if where := status_url(answer, request.url):
            jobs.append(where)
    for where in jobs:
        _wait(wire, where)
    for where in jobs:
        clear_away(wire, where)


@probe("reads-during-export")
def reads_during_export(wire: Wire, *, id: str) -> None:  # noqa: A002 - the profile's word
    """Read a patient some times before an export (`read-before`), and while it runs (`read-during`)."""
    for _ in range(READS):
        _read(wire, id, "read-before")
    request = own_kick_off(wire, "reads", {})
    answer = send(wire, request)
    where = status_url(answer, request.url)
    if not where:
        return
    for _ in range(MOST_ROUNDS):
        for _ in range(READS):
            _read(wire, id, "read-during")
        seen = ask(wire, where, "status")
        if not is_running(seen) or seen.failure or wire.remaining() <= 0:
            break
        wire.pause(min(wire.remaining(), advised_wait(seen, 1.0)))
    clear_away(wire, where)


@probe("export-uninvited")
def export_uninvited(wire: Wire) -> None:
    """Ask for an export without credentials (`kick-off-anonymous`) and with a token that nobody issued.

    The latter is labelled `kick-off-bad-token`. An export that begins all the same is cleared away.
    """
    request = own_kick_off(wire, "uninvited", {"_type": "Patient"})
    asked: tuple[tuple[Credentials, str], ...] = (
        ("none", "kick-off-anonymous"),
        ("bad", "kick-off-bad-token"),
    )
    for credentials, label in asked:
        answer = _as(wire, request, credentials, label)
        if where := status_url(answer, request.url):
            clear_away(wire, where)


def _as(wire: Wire, request: KickOff, credentials: Credentials, label: str) -> Exchange:
    return wire.send(
        request.method,
        request.url,
        label=label,
        headers=request.headers,
        accept=request.accept,
        credentials=credentials,
        waits=True,
    )


def _read(wire: Wire, identity: str, label: str) -> None:
    wire.send("GET", f"/Patient/{identity}", label=label, waits=True)


def _wait(wire: Wire, where: str) -> None:
    """Look at a job until it has ended, or time is over."""
    while wire.remaining() > 0:
        answer = ask(wire, where, "status-at-once")
        if answer.failure or not is_running(answer):
            return
        wire.pause(min(wire.remaining(), advised_wait(answer, 1.0)))
