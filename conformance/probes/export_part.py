"""An export of a part of the data, so that the time of two sizes and more can be compared."""

from conformance.fhir.bundles import total
from conformance.plugin import Untestable, Wire, probe
from conformance.probes.bracketed import declared_types
from conformance.probes.export import carry_out, preferring
from conformance.probes.export_job import kick_off


@probe("export-part")
def export_part(wire: Wire, *, percent: int) -> None:
    """Export so many types, the smallest first, that they come to about this share of all resources."""
    totals = {}
    for kind in declared_types(wire):
        answer = wire.send(
            "GET", f"/{kind}?_summary=count", label="part-total", about={"type": kind}, shared=True
        )
        bundle = answer.resource("Bundle") if answer.ok else None
        totals[kind] = (total(bundle) if bundle is not None else None) or 0
    held = sorted((count, kind) for kind, count in totals.items() if count)
    whole = sum(count for count, _ in held)
    chosen: list[str] = []
    reached = 0
    for count, kind in held:
        if chosen and (reached + count) * 100 > percent * whole:
            break
        chosen.append(kind)
        reached += count
    if not chosen or len(chosen) == len(held):
        raise Untestable("the target holds too few types of resources for exports of several sizes")
    parameters = {"_type": ",".join(sorted(chosen))}
    carry_out(wire, preferring(kick_off(wire.base, "system", "", parameters)), until="files")
