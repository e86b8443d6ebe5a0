"""What a rehearsal asks of the product: how much it holds, an export of all, and whether that export is still there."""

from dataclasses import dataclass

from conformance.analysis.export import is_running
from conformance.errors import TargetError
from conformance.fhir.bundles import total
from conformance.model.target import Target
from conformance.outside.client import Client
from conformance.probes.bracketed import count, declared_types
from conformance.probes.export_job import ask, begin, follow, kick_off
from conformance.probes.loading import TOGETHER

BYTES_EACH = 1300
"""So many bytes an exported resource has in the sample data (synthea-small): it is only to be told beforehand."""
POLLS = 20

Counts = dict[str, int | None]
"""Resources by type; None where a search tells no total."""


@dataclass(frozen=True)
class Asking:
    """Asks the product of this client."""

    client: Client
    target: Target

    def counts(self, label: str) -> Counts:
        """How many resources of each declared type there are. Raises Untestable where none is declared."""
        wire = self.client.wire(label)
        types = declared_types(wire)
        count(wire, types, label)
        bundles = {
            one.about["type"]: one.resource("Bundle") if one.ok else None
            for one in wire.evidence().exchanges
            if one.label == label
        }
        found = {kind: total(bundle) if bundle is not None else None for kind, bundle in bundles.items()}
        return {kind: number if number is None or number >= 0 else None for kind, number in found.items()}

    def begun(self) -> str:
        """Begin an export of everything; the URL of its status. Raises TargetError."""
        wire = self.client.wire("export")
        answer, where = begin(wire, kick_off(wire.base, "system", "", {}))
        if not where:
            raise TargetError(
                f"the export was not begun: {answer} answered {answer.status} {answer.failure}".rstrip(),
                hint="`conformance run bulk-data-export` says what is wrong with exports here.",
            )
        return where

    def finished(self, where: str) -> None:
        """Wait until the export is complete. Raises TargetError where it came to nothing."""
        last = follow(self.client.wire("status"), where)
        if last is None or not last.ok:
            said = "it did not end in time" if last is None else f"{last} answered {last.status}"
            raise TargetError(
                f"the export came to no manifest: {said}", hint="`conformance run exit-core` says more."
            )

    def is_there(self, where: str) -> bool:
        """Whether the target still knows the job of an earlier try."""
        answer = ask(self.client.wire("still-there"), where, "status")
        return not answer.failure and (answer.ok or is_running(answer))


def estimate(counts: Counts, target: Target) -> str:
    """What a rehearsal is to be expected to ask and to bring, and how that was reckoned."""
    resources = sum(number or 0 for number in counts.values())
    types = len(counts)
    requests = types * 2 + POLLS + 2
    told = (
        f"{resources:,} resources, about {resources * BYTES_EACH / 1e6:,.1f} MB (at {BYTES_EACH:,} bytes each, as in"
        f" the sample data: yours may be larger), in about {requests} requests to {target.endpoint}: {types} to count"
        f" again at the end, about {types} for files, {POLLS} to ask whether the export is ready, 2 to begin and to"
        " clear it away"
    )
    rate = target.limits.requests_per_second
    if rate:
        told += f"; at {rate:g} requests a second that takes at least {requests / rate:,.0f} s"
    if unknown := [kind for kind, number in counts.items() if number is None]:
        told += f". Not in it: {', '.join(unknown)}, of which the target tells no number"
    for there in target.destinations:
        batches = -(-resources // TOGETHER)
        told += (
            f". To {there.name}: about {batches * 3 + types} requests to look whether it is free, to write, to read and"
            " to remove"
        )
    return f"{told}."
