"""Loading the exported files somewhere, reading them back and comparing: our loader, and servers of somebody else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from conformance.analysis.lines import LineTooLong, lines
from conformance.analysis.round_trip import Comparison, Resource, compared, name_of, read, with_reasons
from conformance.checks.destinations import REFUSED, what_it_said
from conformance.errors import HarnessError, Untestable
from conformance.model.rehearsal import LossLine, StoreOutcome
from conformance.model.target import DataClass, Destination, Target
from conformance.outside.client import Client
from conformance.outside.export_reading import ExportFile, Reader
from conformance.outside.our_loader import chunks_of, ended, loaded
from conformance.plugin import Wire
from conformance.probes.loading import (
    TOGETHER,
    Loading,
    load_into,
    read_back,
    refuse_unless_free,
    remove_from,
    resources_read,
)

MOST_LOSSES = 1000
MOST_TOLD = 20
OUR_LOADER = "our loader"


@dataclass(frozen=True)
class Stores:
    """The exported files, and what may differ once they are read back."""

    client: Client
    target: Target
    files: tuple[ExportFile, ...]
    ignore: tuple[str, ...]
    tell: Callable[[str], None]

    def our_loader(self, work: Path) -> StoreOutcome:
        """Load the files with our loader. Raises HarnessError where it comes to no end."""
        given = (chunk for file in self.files for chunk in ended(Reader(file).blocks()))
        with loaded(given, self.client.wait, work) as found:
            try:
                comparison = compared(self._lines(), lines(chunks_of(found.back)), self.ignore)
                reasons = with_reasons(lines(chunks_of(found.refused)))
            except LineTooLong as reason:
                raise HarnessError(f"the export cannot be compared: {reason}") from reason
        why = [
            f"{self._shown(name) or 'a line'}: {reason}"
            for (name, place), reason in reasons.items()
            if not place
        ]
        return _outcome(OUR_LOADER, comparison, why, comparison.missing + comparison.unreadable, ours=True)

    def elsewhere(self, destination: Destination) -> StoreOutcome:
        """Load the files into a server that somebody else made, and take them away again, whatever happens."""
        name = destination.name
        there = self.client.wire(f"load-{name}").destinations()[name]
        found, comparison = Loading(), Comparison()
        unsure: list[str] = []
        silent: list[str] = []
        stays: list[str] = []
        try:
            refuse_unless_free(there, self._lines(), name)
            load_into(there, self._lines(), name, found)
            self.tell(f"{len(found.sent):,} resources sent to {name}; reading them back")
            silent = self._compared(there, name, found, comparison)
        except Untestable as reason:
            unsure.append(str(reason))
        finally:
            stays = remove_from(there, found.sent, name)
        if silent:
            unsure.append(f"it neither took nor gave back {len(silent):,} resources: {self._first(silent)}")
        if stays:
            self.tell(f"could not be removed from {name}: {', '.join(stays)}")
        refused = {
            reference: answer
            for reference, answer in found.refused.items()
            if answer.status in REFUSED and not answer.failure
        }
        why = [
            f"{self._shown(reference)}: {answer.status}"
            + (f", {what_it_said(answer)}" if self._about_nobody else "")
            for reference, answer in refused.items()
        ]
        outcome = _outcome(name, comparison, why, len(refused) + comparison.unreadable)
        return outcome.model_copy(
            update={"endpoint": destination.endpoint, "unsure": tuple(unsure), "left_behind": len(stays)}
        )

    @property
    def _about_nobody(self) -> bool:
        return self.target.data_class is DataClass.SYNTHETIC

    def _shown(self, reference: str) -> str:
        """`Type/id`, or the type alone where the data is about people: the report is for others to read."""
        return reference if self._about_nobody else reference.partition("/")[0]

    def _first(self, references: list[str]) -> str:
        return ", ".join(dict.fromkeys(self._shown(one) for one in references[:MOST_TOLD]))

    def _compared(self, there: Wire, name: str, found: Loading, comparison: Comparison) -> list[str]:
        """Compare what comes back, some resources at a time; the names of those of which nothing is known."""
        silent: list[str] = []
        for several in _chunks(self._lines()):
            given: list[Resource] = []
            for resource in (read(line) for line in several):
                if resource is None:
                    comparison.unreadable += 1
                else:
                    given.append(resource)
            answers = read_back(there, [name_of(one) for one in given], name)
            back = {name_of(one): one for answer in answers for one in resources_read(answer)}
            for resource in given:
                reference = name_of(resource)
                answer = found.refused.get(reference)
                if reference in back:
                    comparison.take(resource, back[reference], self.ignore)
                    continue
                comparison.miss(resource)
                if answer is None or answer.status not in REFUSED or answer.failure:
                    silent.append(reference)
        return silent

    def _lines(self) -> Iterator[bytes]:
        return (line for file in self.files for line in lines(Reader(file).blocks()) if line.strip())


def _outcome(
    name: str, found: Comparison, why: list[str], refusals: int, *, ours: bool = False
) -> StoreOutcome:
    lost = list(found.lost())
    return StoreOutcome(
        name=name,
        ours=ours,
        resources=found.resources,
        kept=found.resources - found.missing,
        refused=tuple(why[:MOST_TOLD]),
        refusals=refusals,
        losses=tuple(
            LossLine(
                path=one.path,
                kind=one.kind,
                aspect=one.aspect,
                count=one.count,
                resources=one.resources,
                first=one.examples[0][1].place,
            )
            for one in lost[:MOST_LOSSES]
        ),
        further_losses=found.further + max(0, len(lost) - MOST_LOSSES),
    )


def _chunks(items: Iterator[bytes]) -> Iterator[list[bytes]]:
    while several := list(islice(items, TOGETHER)):
        yield several
