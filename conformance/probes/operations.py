"""Calls of operations that change nothing."""

from typing import Any

from conformance.fhir.reading_operations import NO_SUCH_OPERATION, query_of
from conformance.plugin import Wire, probe
from conformance.probes.request import with_query


@probe("reading-operation")
def reading_operation(
    wire: Wire, *, at: str, name: str, arguments: list[dict[str, Any]] | None = None, gives: str
) -> None:
    """Call an operation that changes nothing (`call`): by GET, and by POST where that gives no result.

    Where neither gives a resource of the type `gives`, it is called without arguments (`bare`), and so is one that
    there surely is not (`unknown`), to compare.
    """
    given = arguments or []
    path = f"{at}/${name}"
    answer = wire.send("GET", with_query(path, query_of(given)), label="call")
    if answer.ok and answer.resource(gives) is not None:
        return
    body: dict[str, Any] = {"resourceType": "Parameters"} | ({"parameter": given} if given else {})
    answer = wire.send("POST", path, label="call", json=body)
    if answer.ok and answer.resource(gives) is not None:
        return
    wire.send("GET", path, label="bare")
    wire.send("GET", f"{at}/${NO_SUCH_OPERATION}", label="unknown")
