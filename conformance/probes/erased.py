"""Asking, once a supplier has erased the data, for records that the buyer knows."""

from conformance.analysis.entered import NoRecords, records
from conformance.plugin import Untestable, Wire, probe
from conformance.probes.plan_reading import plan_of, rows
from conformance.probes.request import with_query


@probe("erased-records")
def erased_records(wire: Wire, *, count: int = 25) -> None:
    """Ask for records of the buyer's own file: by id (`erased`), and by their first identifier (`erased-search`)."""
    plan_of(wire)
    document = next(iter(wire.documents("canaries")), None)
    if document is None or document.problem:
        said = document.problem if document else "the target file names none (documents.canaries)"
        raise Untestable(f"there are no known records to ask for: {said}")
    try:
        known = records(document)
    except NoRecords as reason:
        raise Untestable(f"the file of known records cannot be used: {reason}") from None
    for record in known[:count]:
        kind = record["resourceType"]
        if isinstance(record.get("id"), str):
            wire.send("GET", f"/{kind}/{record['id']}", label="erased", about={"type": kind})
        for identifier in rows(record, "identifier")[:1]:
            system, value = identifier.get("system"), identifier.get("value")
            if isinstance(value, str):
                word = f"{system}|{value}" if isinstance(system, str) else value
                url = with_query(f"/{kind}", {"identifier": word})
                wire.send("GET", url, label="erased-search", about={"type": kind})
