"""The points of `check-target` for a target that is described by OpenAPI."""

from collections.abc import Iterator

from conformance.analysis.described import LABEL, LISTED, description_in
from conformance.errors import NoData
from conformance.model.evidence import Exchange
from conformance.model.target import Target
from conformance.outside.client import Client
from conformance.probes.openapi_discover import discover_openapi
from conformance.session.points import Point, reached


def openapi_points(client: Client, target: Target) -> Iterator[Point]:
    """Whether it answers, gives a description, and lets the tester's credentials in."""
    wire = client.wire("check-target")
    discover_openapi(wire)
    found = wire.evidence()
    first = found.exchanges[0]
    yield from reached(first, target)
    if first.failure:
        return
    described = found.labelled(LABEL)
    point = _description(described[-1] if described else first)
    yield point
    if point.good:
        yield from _credentials(found.labelled(LISTED), target)


def _description(answer: Exchange) -> Point:
    if not answer.ok:
        said = f"{answer} answered {answer.status}"
        return Point(
            "OpenAPI description", good=False, detail=f"{said} (check `description` in the target file)"
        )
    try:
        whole = description_in(answer)
    except NoData as reason:
        return Point("OpenAPI description", good=False, detail=str(reason))
    said = f"OpenAPI {whole.value['openapi']}, {whole.info.get('title')} {whole.info.get('version')}"
    return Point("OpenAPI description", good=True, detail=f"{said}, {len(whole.operations)} operations")


def _credentials(lists: tuple[Exchange, ...], target: Target) -> Iterator[Point]:
    if not lists:
        yield Point("credentials", good=None, detail="the description describes no list: not tried")
        return
    answer = lists[0]
    told = answer.failure or f"answered {answer.status} with auth {target.auth.kind}"
    yield Point("credentials", good=answer.ok, detail=f"{answer} {told}")
