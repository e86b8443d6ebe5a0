"""The check that all that a service shows can be taken out of it by its export."""

from collections.abc import Iterator

from conformance.analysis.described import base_of, below, description_of
from conformance.checks.picking import listed
from conformance.model.base import NotJson, strict_json
from conformance.openapi.description import Json
from conformance.openapi.places import identity, items
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

OPEN = ("application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "text/csv")
LARGEST = 64_000_000


@check("openapi-export-whole")
def openapi_export_whole(evidence: Evidence) -> Findings:
    """The export is in an open format for machines, and holds each thing that the lists show, with its content."""
    answer = next(iter(reversed(evidence.labelled("export"))), None)
    if answer is None:
        raise NoData("the declaration names no export (export.path)")
    if answer.failure:
        raise NotJudgeable(f"{answer}: {answer.failure}")
    if not answer.ok or answer.body is None or not answer.body.size:
        yield answer.finding(f"answered {answer.status} and no export")
        return
    if answer.media_type not in OPEN:
        yield answer.finding(
            f"exports {answer.media_type or 'no stated type'}, which is none of {', '.join(OPEN)}"
        )
        return
    shown = list(_shown(evidence))
    if not shown:
        raise NoData("the lists show nothing with an id, so that nobody can tell what an export has to hold")
    try:
        held = _held(answer)
    except NotJson as error:
        yield answer.finding(f"exports what cannot be read: {error}")
        return
    lost = [f"{place} {name}" for place, name, _ in shown if name not in held]
    if lost:
        yield answer.finding(
            f"leaves out {len(lost)} of {len(shown)} things that the lists show: {listed(lost)}"
        )
    poorer = [
        f"{name} ({', '.join(sorted(lacking)[:3])})"
        for _, name, item in shown
        if name in held and (lacking := _less(item, held[name]))
    ]
    if poorer:
        yield answer.finding(f"exports {len(poorer)} things with less than the lists show: {listed(poorer)}")


def _shown(evidence: Evidence) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Each thing that a list shows: where, its id, and what is shown of it."""
    base, description = base_of(evidence), description_of(evidence)
    for answer in evidence.labelled("listed"):
        path = below(answer.url, base)
        known = [one for one in description.described(path) if one.method == "GET"] if answer.ok else []
        for item in items(answer.json_or_none()) if known else ():
            if name := identity(item):
                yield path, name, item


def _held(answer: Exchange) -> dict[str, list[dict[str, Json]]]:
    """What an export holds, by id. Raises NotJson, and NotJudgeable where it is too large to look through."""
    assert answer.body is not None, "it was looked at a moment ago"
    if answer.body.size > LARGEST:
        raise NotJudgeable(f"the export is larger than {LARGEST:,} bytes")
    data = answer.content()
    if answer.media_type == "text/csv":
        import csv  # noqa: PLC0415 - one format of several

        rows = list(csv.DictReader(data.decode("utf-8", "replace").splitlines()))
        waiting: list[Json] = [{k: v for k, v in row.items() if k} for row in rows]
    elif answer.media_type == "application/json":
        waiting = [strict_json(data)]
    else:
        waiting = [strict_json(line) for line in data.splitlines() if line.strip()]
    held: dict[str, list[dict[str, Json]]] = {}
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if name := identity(value):
                held.setdefault(name, []).append(value)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return held


def _less(item: dict[str, Json], held: list[dict[str, Json]]) -> set[str]:
    """The members with a value that no export of the thing has; addresses of the thing itself are left aside.

    A table has what stands within a member in columns of its own (`name.family`).
    """
    wanted = _valued(item) - {"links", "_links", "href", "self"}
    return min(
        (wanted - _valued(each) - {n.partition(".")[0] for n in _valued(each)} for each in held), key=len
    )


def _valued(item: dict[str, Json]) -> set[str]:
    return {name for name, value in item.items() if value not in (None, "", [], {})}
