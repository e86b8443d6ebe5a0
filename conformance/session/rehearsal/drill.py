"""The drill itself, stage by stage. A stage that was done in an earlier try is not done again."""

import datetime as dt
import secrets as random_bytes

from conformance.errors import UsageError
from conformance.model.inspection import Inspection
from conformance.model.rehearsal import Rehearsal, StoreOutcome
from conformance.outside.client import Client
from conformance.outside.kept_bodies import KeptBodies
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.probes.export_job import clear_away
from conformance.session.cleaning import clean_up
from conformance.session.inspect import Order as Inspecting
from conformance.session.inspect import inspect
from conformance.session.inspection_downloads import downloaded
from conformance.session.inspection_sources import Export
from conformance.session.inspection_tasks import Settings
from conformance.session.rehearsal.asking import Asking, Counts, estimate
from conformance.session.rehearsal.order import Notebook, Rehearsing, now
from conformance.session.rehearsal.outcome import Facts, judged
from conformance.session.rehearsal.price import priced
from conformance.session.rehearsal.publishing import publish
from conformance.session.rehearsal.stores import Stores

VALID_DAYS = 365


def rehearse(order: Rehearsing) -> Rehearsal:
    """Carry the drill through. Raises UsageError, TargetError, Untestable, HarnessError."""
    book = Notebook(order)
    secrets = Secrets()
    redactor = Redactor(random_bytes.token_bytes(32), secrets, order.target.data_class, order.target.endpoint)
    with Client(
        order.target,
        order.folder,
        bodies=KeptBodies(book.area.bodies),
        redactor=redactor,
        secrets=secrets,
        run_tag="rehearse",
        journal=book.area.remember,
    ) as client:
        drill = _Drill(order, book, client, redactor)
        drill.clean_up()
        drill.begin()
        drill.export()
        with book.timed("download"):
            export = downloaded(
                book.done.job, order.target, order.folder, book.exported, lambda name: order.tell(f"  {name}")
            )
        with book.timed("verify"):
            found = inspect(
                Inspecting(files=export.files, work=book.exported, settings=Settings(bases=export.bases))
            )
        order.tell("verified")
        after = drill.counted_again()
        stores = drill.stores(export)
        clear_away(client.wire("clear-away"), book.done.job)
    result = _result(order, book, found, after, stores)
    publish(order, result)
    book.area.erase()
    return result


class _Drill:
    """The stages that ask the target."""

    def __init__(self, order: Rehearsing, book: Notebook, client: Client, redactor: Redactor) -> None:
        self._order, self._book, self._client, self._redactor = order, book, client, redactor
        self._asking = Asking(client, order.target)

    def clean_up(self) -> None:
        """Remove from the destinations what an earlier try left there."""
        if stays := clean_up(self._client, self._book.area):
            self._order.tell(f"could not be removed: {len(stays)} resources of an earlier try")

    def begin(self) -> None:
        """Count, say what is to be expected, and ask whether to go on; of an earlier try, see whether its job lives."""
        order, book = self._order, self._book
        if book.done.job and not self._asking.is_there(book.done.job):
            order.tell("the export of the earlier try is no longer there: counting and exporting anew")
            book.done.job, book.done.expected = "", {}
        if not book.done.expected:
            order.tell(
                f"{order.target.endpoint} is first asked for /metadata, and once for each of its resource types how"
                " many there are; nothing else before you agree"
            )
            with book.timed("count"):
                book.done.expected = self._asking.counts("total-before")
        if not book.done.job:
            book.done.estimate = estimate(book.done.expected, order.target)
            if not order.agreed(f"The rehearsal expects {book.done.estimate}"):
                book.area.erase()
                raise UsageError(
                    "the rehearsal was not begun", hint="Say --yes to begin without being asked."
                )

    def export(self) -> None:
        """Export everything, or wait for the export that was begun already."""
        book = self._book
        with book.timed("export"):
            if not book.done.job:
                book.done.job = self._redactor.reveal(self._asking.begun())
                book.keep()
            self._order.tell("exporting")
            self._asking.finished(book.done.job)

    def counted_again(self) -> Counts:
        """What a search counts once everything is exported."""
        with self._book.timed("count"):
            return self._asking.counts("total-after")

    def stores(self, export: Export) -> tuple[StoreOutcome, ...]:
        """What our loader and each destination make of the export."""
        order, book = self._order, self._book
        stores = Stores(self._client, order.target, export.files, order.ignore, order.tell)
        with book.timed("load with our loader"):
            found = [stores.our_loader(book.exported)]
        order.tell("loaded with our loader and compared")
        for destination in order.target.destinations:
            with book.timed(f"load into {destination.name}"):
                found.append(stores.elsewhere(destination))
            order.tell(f"loaded into {destination.name}, compared and removed")
        return tuple(found)


def _result(
    order: Rehearsing, book: Notebook, found: Inspection, after: Counts, stores: tuple[StoreOutcome, ...]
) -> Rehearsal:
    done = book.done
    exported = {kind.name: kind.resources for kind in found.types}
    facts = Facts(done.expected, after, exported, found.errors, stores)
    size = sum(file.length for file in found.files)
    price = priced(order.target, order.folder, order.scenario, size, sum(exported.values()))
    verdict = judged(facts)
    return Rehearsal(
        target=order.target.card(),
        result=verdict.result,
        started_at=done.started,
        finished_at=now(),
        valid_until=dt.datetime.now(dt.UTC).date() + dt.timedelta(days=VALID_DAYS),
        resumed=done.resumed,
        estimate=done.estimate,
        expected={kind: number for kind, number in done.expected.items() if number is not None},
        expected_after={kind: number for kind, number in after.items() if number is not None},
        counted=exported,
        bytes=size,
        files={file.name: file.sha256 for file in found.files},
        seconds=done.seconds,
        errors=verdict.errors,
        unsure=verdict.unsure,
        stores=stores,
        ignored=order.ignore,
        ignored_by=order.ignored_by,
        measurements=price.measurements,
        assumed=price.assumed,
        unpriced=price.unknown,
    )
