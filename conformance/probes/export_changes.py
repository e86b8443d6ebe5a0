"""The probe of what an export tells of changes that the harness makes itself.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest
"""

import datetime as dt
from typing import Any

from conformance.analysis.instants import instant
from conformance.plugin import Exchange, Untestable, Wire, probe
from conformance.probes.export import carry_out, preferring
from conformance.probes.export_job import Edition, kick_off
from conformance.probes.patients import needed_patient, remove, test_patient

A_MOMENT = 0.05


@probe("export-changes", writes=True)
def export_changes(wire: Wire, *, edition: Edition = "STU3") -> None:
    """Create two patients, delete one of them, and export the patients that changed since just before.

    The notes `kept` and `gone` name the two. Both are gone in the end.
    """
    kept = needed_patient(wire, test_patient(f"{wire.tag}-1", "HTEST-Kept", "1980-01-01"), "create")
    gone = needed_patient(wire, test_patient(f"{wire.tag}-2", "HTEST-Gone", "1980-01-01"), "create")
    seen = wire.send("GET", f"/Patient/{kept}", label="read")
    moment = _updated(seen)
    removed = remove(wire, gone, "delete")
    if moment is None or not removed.ok:
        remove(wire, kept)
        raise Untestable("the time of a change cannot be told, or nothing can be deleted")
    wire.note("kept", f"Patient/{kept}")
    wire.note("gone", f"Patient/{gone}")
    since = (moment - dt.timedelta(seconds=1)).isoformat(timespec="milliseconds")
    parameters = {"_type": "Patient", "_since": since}
    request = preferring(kick_off(wire.base, "system", "", parameters, edition=edition))
    carry_out(wire, request, until="files")
    remove(wire, kept)


@probe("export-altered", writes=True)
def export_altered(wire: Wire, *, count: int = 4) -> None:
    """Create patients, change every other of them later on, and export the patients that changed since in between.

    The note `altered` names those that were changed after the moment, with the version that each has since then. All
    are gone in the end.
    """
    made: list[str] = []
    try:
        for number in range(count):
            person = test_patient(f"{wire.tag}-{number}", f"HTEST-Altered-{number}", "1980-01-01")
            made.append(needed_patient(wire, person, "create"))
        last = _updated(wire.send("GET", f"/Patient/{made[-1]}", label="read"))
        if last is None:
            raise Untestable("the time of a change cannot be told")
        wire.pause(A_MOMENT)
        altered: dict[str, Any] = {}
        for number, identity in enumerate(made[::2]):
            person = test_patient(f"{wire.tag}-{2 * number}", f"HTEST-Altered-{number}-Anew", "1980-02-02")
            answer = wire.send("PUT", f"/Patient/{identity}", label="update", json={**person, "id": identity})
            if answer.ok:
                altered[f"Patient/{identity}"] = person["birthDate"]
        if not altered:
            raise Untestable("no patient could be changed")
        wire.note("altered", altered)
        since = (last + dt.timedelta(milliseconds=1)).isoformat(timespec="milliseconds")
        request = preferring(kick_off(wire.base, "system", "", {"_type": "Patient", "_since": since}))
        carry_out(wire, request, until="files")
    finally:
        for identity in made:
            remove(wire, identity)


def _updated(answer: Exchange) -> dt.datetime | None:
    meta = (answer.resource() or {}).get("meta")
    return instant(meta.get("lastUpdated")) if isinstance(meta, dict) else None
