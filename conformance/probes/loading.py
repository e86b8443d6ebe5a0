"""Loading an export into another FHIR server, and taking it away again: ids and references stay as they were.

Resources are written by transactions of updates (https://hl7.org/fhir/R4/http.html#transaction, #upsert). Where a
server refuses one as a whole, its resources are sent one by one; what then fails is tried again once more of the
others are there, since a server may mind whether a reference leads to something, and at last all together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from conformance.analysis.round_trip import Resource, name_of, read, written
from conformance.fhir.bundles import matches
from conformance.fhir.references import plain_id
from conformance.plugin import Exchange, Untestable, Wire
from conformance.probes.patients import TEST_DATA

Item = TypeVar("Item")

TOGETHER = 50
"""So many resources go into one transaction, and so many are asked for by one search."""
GONE = frozenset({404, 410})
MOST_TOGETHER = 2000
"""What is left at last goes into one transaction where it is not more than this."""


@dataclass
class Loading:
    """What became of loading: the names of what may be there now, and the last answer to what is not."""

    sent: list[str] = field(default_factory=list)
    refused: dict[str, Exchange] = field(default_factory=dict)


def refuse_unless_free(wire: Wire, lines: Iterable[bytes], name: str) -> None:
    """Raise Untestable where the destination holds anything of the same type and id, or does not let that be seen.

    Nothing that somebody else put there may be written over.
    """
    for resources in _chunks(_resources(lines)):
        for kind, ids in _ids(resources).items():
            url = f"/{kind}?_id={','.join(ids)}&_summary=count"
            answer = wire.send("GET", url, label="destination-free", about={"destination": name})
            bundle = (answer.resource("Bundle") if answer.ok else None) or {}
            total = bundle.get("total")
            if not isinstance(total, int):
                raise Untestable(
                    f"the destination {name} does not tell whether it holds {kind} resources already ({answer.status})"
                )
            if total:
                raise Untestable(
                    f"the destination {name} already holds {total} {kind} resources with the ids of the export: use an"
                    " empty server"
                )


def load_into(wire: Wire, lines: Iterable[bytes], name: str, found: Loading | None = None) -> Loading:
    """Write the resources of these lines to the destination of this name.

    `found` is filled as it goes on, so that whoever gave it knows what may be there if this breaks off.
    """
    found = Loading() if found is None else found
    left = list[Resource]()
    for resources in _chunks(_resources(lines)):
        for resource in resources:
            reference = name_of(resource)
            found.sent.append(reference)
            wire.created(reference)
        if not _together(wire, resources, name).ok:
            left += [one for one in resources if not _one(wire, one, name, found)]
        wire.tell(f"{len(found.sent)} resources sent to {name}")
    progress = True
    while left and progress:
        still = [one for one in left if not _one(wire, one, name, found)]
        progress, left = len(still) < len(left), still
    if 1 < len(left) <= MOST_TOGETHER and _together(wire, left, name).ok:
        found.refused.clear()
    return found


def read_back(wire: Wire, names: Sequence[str], name: str) -> Iterator[Exchange]:
    """Ask the destination for these resources, many by one search (`destination-read`)."""
    for several in _chunks(iter(names)):
        for kind, ids in _by_type(several).items():
            url = f"/{kind}?_id={','.join(ids)}&_count={len(ids)}"
            yield wire.send("GET", url, label="destination-read", about={"destination": name})


def resources_read(answer: Exchange) -> list[Resource]:
    """The resources of an answer to `read_back`, decimals with their digits."""
    bundle = read(answer.content()) if answer.ok else None
    return matches(bundle) if bundle is not None else []


def remove_from(wire: Wire, names: Sequence[str], name: str) -> list[str]:
    """Remove these from the destination, the last that came first; gives those that would not go.

    A server may mind what still refers to a resource: so what stays is tried again as long as something goes, and at
    last all together, for resources that refer to each other.
    """
    stays: list[str] = []
    for several in _chunks(reversed(names)):
        if not _removed_together(wire, several, name):
            stays += several
    progress = True
    while stays and progress:
        # The other way round each time: a chain of references is over in two turns, whichever way it runs.
        still = [one for one in reversed(stays) if not _removed(wire, one, name)]
        progress, stays = len(still) < len(stays), still
    if 1 < len(stays) <= MOST_TOGETHER and _removed_together(wire, stays, name):
        return []
    return stays


def _removed_together(wire: Wire, references: Sequence[str], name: str) -> bool:
    """Remove all of these at once, or none."""
    entries = [{"request": {"method": "DELETE", "url": one}} for one in references]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = wire.send("POST", "", label="destination-remove", about={"destination": name}, json=bundle)
    if answer.ok:
        for one in references:
            wire.deleted(one)
    return answer.ok


def _removed(wire: Wire, reference: str, name: str) -> bool:
    about = {"destination": name}
    answer = wire.send("DELETE", f"/{reference}", label="destination-remove", about=about)
    gone = answer.ok or answer.status in GONE
    if gone:
        wire.deleted(reference)
    return gone


def _together(wire: Wire, resources: Sequence[Resource], name: str) -> Exchange:
    entries = [
        {"resource": _tagged(one), "request": {"method": "PUT", "url": name_of(one)}} for one in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    about = {"destination": name}
    return wire.send("POST", "", label="destination-load", about=about, body=written(bundle))


def _one(wire: Wire, resource: Resource, name: str, found: Loading) -> bool:
    reference = name_of(resource)
    about = {"destination": name, "reference": reference}
    answer = wire.send(
        "PUT", f"/{reference}", label="destination-put", about=about, body=written(_tagged(resource))
    )
    if answer.ok:
        found.refused.pop(reference, None)
    else:
        found.refused[reference] = answer
    return answer.ok


def _tagged(resource: Resource) -> Resource:
    """The resource, marked as test data of ours."""
    meta = resource.get("meta")
    whole: dict[str, Any] = meta if isinstance(meta, dict) else {}
    tags = whole.get("tag")
    return {**resource, "meta": {**whole, "tag": [*(tags if isinstance(tags, list) else []), TEST_DATA]}}


def _resources(lines: Iterable[bytes]) -> Iterator[Resource]:
    """The resources with type and id; what has neither can be written nowhere, and is told by `our-loader-keeps`.

    The destination is somebody else's: no id may lead a request there to anything else (`?active=true`).
    """
    for line in lines:
        resource = read(line) if line.strip() else None
        if resource is not None and all(plain_id(resource.get(name)) for name in ("resourceType", "id")):
            yield resource


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    while several := list(islice(items, TOGETHER)):
        yield several


def _ids(resources: Iterable[Resource]) -> dict[str, list[str]]:
    return _by_type(name_of(one) for one in resources)


def _by_type(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in names:
        kind, _, identity = one.partition("/")
        found.setdefault(kind, []).append(identity)
    return found
