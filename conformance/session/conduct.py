"""One run from start to end, and the same gone on with after it broke off."""

import datetime as dt
import secrets as random_bytes
import shlex
import time
from collections.abc import Iterable, Mapping
from typing import Any, Self

from conformance.catalog import Catalog
from conformance.errors import Interrupted, TargetError, UnknownName, UsageError
from conformance.model.evidence import Evidence, StepEvidence
from conformance.model.profile import Discovery, Profile
from conformance.model.report import RunRecord
from conformance.model.suite import DISCOVERY, BoundSuite, Step, Suite, Template, discovery_step, template_of
from conformance.model.tender import TENDER_FILE
from conformance.outside import folders
from conformance.outside.client import Client
from conformance.outside.folders import RunFolder
from conformance.outside.redact import Redactor
from conformance.session.area import WorkArea, claimed, erase_abandoned
from conformance.session.cleaning import clean_up, enter_strays
from conformance.session.going_on import to_go_on_with
from conformance.session.judging import Bench
from conformance.session.ledger import Ledger
from conformance.session.order import Finished, Order, instant
from conformance.session.overrides import checked_overrides
from conformance.session.packages import NONE, packages_again, packages_for
from conformance.session.preflight import refuse_untestable
from conformance.session.publishing import complete, publish
from conformance.session.steps import busiest_first
from conformance.session.suites import profile_named, suite_of
from conformance.session.tenders.keeping import settled
from conformance.session.tenders.reading import bound_to
from conformance.session.tool import peak_memory, this_tool
from conformance.session.waiving import refuse_unknown
from conformance.stages.bind import Circumstances, bind
from conformance.stages.judge import gates
from conformance.stages.report import report
from conformance.stages.run import Conduct, carry_out, run
from conformance.views.progress import Progress

__all__ = ["Finished", "Order", "conduct", "resume"]

OF_DOCUMENTS = frozenset({"documents", "documentation", "interface", "interface-pages"})
"""The probes that ask nothing of the target itself."""


def conduct(order: Order, catalog: Catalog, progress: Progress) -> Finished:
    """Test a target from nothing to a closed run folder.

    Raises UsageError for what the person can mend, TargetError where the target cannot be tested, Interrupted.
    """
    suite = order.suite or suite_of(profile_named(order.profile, catalog), order.seed, catalog)
    profile = suite.profile
    overrides = checked_overrides(order.overrides, profile, order.presets, order.runner.role)
    refuse_unknown(order.waivers, profile)
    if order.tender:
        overrides = settled(
            order.tender, suite, order.packages, order.target.card(), order.runner, order.as_of
        )
    erase_abandoned()
    run_id = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{random_bytes.token_hex(4)}"
    folder = RunFolder.create(order.out, order.secrets.gate)
    with claimed(run_id), _Running(order, run_id, folder, catalog, progress, profile) as running:
        running.packages = packages_for(profile.packages, order.packages, profile.fhir_version)
        bound = running.bound(suite, overrides)
        return running.finish(bound)


def resume(order: Order, catalog: Catalog, progress: Progress) -> Finished:
    """Go on with a run that broke off: finished steps are kept, half-done ones cleaned up after and repeated.

    Of one that came to its report only what was still to be written is: signature, views and bundle.
    """
    folder = RunFolder(order.out, order.secrets.gate)
    with claimed(to_go_on_with(folder, order.target, catalog).run_id):
        bound = to_go_on_with(folder, order.target, catalog)  # another process may have ended it meanwhile
        return _gone_on_with(bound, order, folder, catalog, progress)


def _gone_on_with(
    bound: BoundSuite, order: Order, folder: RunFolder, catalog: Catalog, progress: Progress
) -> Finished:
    folder.tidy()
    if folder.has(folders.REPORT):
        return _closed(order, folder, bound.run_id)
    with _Running(order, bound.run_id, folder, catalog, progress, bound.profile, resumed=True) as running:
        bound = running.ledger.kept_suite()
        running.packages = packages_again(bound.packages, order.packages, bound.profile.fhir_version)
        if running.packages.missing:
            raise UsageError(
                f"the run in {order.out} used the package {running.packages.missing[0].label}, which is not here as"
                " it was then",
                hint="Give it with --package, or install it in ~/.fhir/packages.",
            )
        return running.finish(bound)


def _closed(order: Order, folder: RunFolder, run_id: str) -> Finished:
    """A run that came to its report, with all that it was ended before writing."""
    bundle = complete(folder, order.signing, order.views)
    WorkArea(run_id).erase()
    return Finished(folder.report(), folder.record(), folder, bundle)


class _Running:
    """A run under way: the client, the evidence and what must be put in order however it ends."""

    def __init__(  # noqa: PLR0913 - the parts of a run
        self,
        order: Order,
        run_id: str,
        folder: RunFolder,
        catalog: Catalog,
        progress: Progress,
        profile: Profile,
        *,
        resumed: bool = False,
    ) -> None:
        self.order = order
        self.run_id = run_id
        self.folder = folder
        self.catalog = catalog
        self.progress = progress
        self.resumed = resumed
        self.packages = NONE
        self.clock = time.monotonic()
        self.area = WorkArea(run_id)
        self.sessions = self.area.sessions(instant(dt.datetime.now(dt.UTC)))
        words = profile.discovery is Discovery.FHIR
        target = order.target
        redactor = Redactor(self.area.key, order.secrets, target.data_class, target.endpoint, words=words)
        self.ledger = Ledger(folder, self.area, redactor, order.target.data_class)
        try:
            self.client = Client(
                order.target,
                order.folder,
                bodies=self.ledger.bodies,
                redactor=redactor,
                secrets=order.secrets,
                run_tag=run_id,
                journal=self.area.remember,
                tell=progress.note,
                transport=order.transport,
                stop=order.stop,
                turn=order.turn,
            )
        except BaseException:
            self._break_off()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            self.client.close()
            self.progress.close()
        finally:  # however often Ctrl-C is pressed
            if error is not None:
                self._end(error)

    def _end(self, error: BaseException) -> None:
        """Leave the run as it is. Raises Interrupted, with how to go on, where that is why it ends."""
        kept = self._break_off()
        if isinstance(error, KeyboardInterrupt):
            if not kept:
                raise Interrupted("interrupted before anything was tested; nothing was kept") from error
            where = shlex.quote(str(self.folder.path))
            raise Interrupted(
                f"interrupted; what was finished is kept in {self.folder.path}",
                hint=f"Go on with it: conformance run --resume {where} (with the same --target); "
                f"to give it up, remove what it created: conformance cleanup {where}",
            ) from error

    def _break_off(self) -> bool:
        """Leave the run so that it can be gone on with; whether it can.

        A run that never began leaves what the target answered, if it did: a buyer may have to show that.
        """
        self.ledger.abandon()
        if self.folder.has(folders.SUITE):
            return True
        if not self._was_answered():
            self.folder.discard()
        self.area.erase()
        return False

    def _was_answered(self) -> bool:
        discovery = self.ledger.discovery
        return discovery is not None and any(exchange.status for exchange in discovery.exchanges)

    def discovery(self, kind: Discovery, templates: tuple[Template, ...], step: Step) -> StepEvidence:
        """What the target declares and holds, as the step finds out. Raises TargetError where it cannot be tested.

        A suite that looks at documents only asks the target nothing.
        """
        silent = bool(templates) and all(_asks_nothing(template) for template in templates)
        if silent and self.ledger.discovery is None:
            self.ledger.add(StepEvidence(step=DISCOVERY))
        if self.ledger.discovery is None:
            self.progress.phase("Asking the target what it declares and holds", 1)
            self.ledger.add(carry_out(step, self.client.wire, self.catalog))
        assert self.ledger.discovery is not None, "it was recovered or added a moment ago"
        evidence = self.ledger.discovery.connected(self.ledger.bodies.read)
        try:
            if not silent:
                refuse_untestable(evidence, self.order.target, kind)
        except TargetError as error:
            if self._was_answered():
                kept = f"What it answered is kept in {self.folder.path / folders.EVIDENCE}."
                raise TargetError(error.message, hint=f"{error.hint} {kept}") from error
            raise
        return evidence

    def bound(self, suite: Suite, overrides: Mapping[str, Any]) -> BoundSuite:
        """The suite bound to the target, written down before anything else is sent."""
        step = discovery_step(suite.profile, overrides)
        discovery = self.discovery(suite.profile.discovery, suite.templates, step)
        card = self.order.target.card()
        around = Circumstances(
            run_id=self.run_id,
            as_of=self.order.as_of,
            target=card,
            overrides=overrides,
            plugins=self.catalog.plugins,
            only=_known(self.order.only, suite),
            packages=self.packages.pins,
        )
        seen = Evidence(steps=(), discovery=discovery, target=card, as_of=self.order.as_of)
        bound = bind(suite, discovery, around, lambda calls: gates(calls, seen, self.catalog), self.catalog)
        discovery.forget()
        if self.order.tender:
            self.folder.write(TENDER_FILE, self.order.tender.data)
        self.ledger.keep_suite(bound)
        return bound

    def finish(self, bound: BoundSuite) -> Finished:
        """Carry out what is left of a bound suite, judge all of it, clean up, and close the folder."""
        step = discovery_step(bound.profile, bound.parameters)
        discovery = self.discovery(bound.profile.discovery, bound.templates, step)
        bench = Bench(bound, discovery, self.catalog, self.packages)
        self._show(bench.without_steps())
        if self.resumed:
            enter_strays(self.client, self.area, self.run_id)
            clean_up(self.client, self.area)
        kept = frozenset(self.ledger.done)
        left = [step for step in bound.steps if step.id not in kept]
        self.progress.phase("Testing", len(bound.steps))
        for step in bound.steps:
            if step.id in kept:
                self._judge(bench, self.ledger.recovered(step.id))
        done = lambda evidence: self._done(bench, evidence)  # noqa: E731 - one line that names what it takes
        workers = self.order.target.limits.concurrency
        run(
            busiest_first(left, bound),
            Conduct(self.client.wire, done, self.client.stop, workers),
            self.catalog,
        )
        left_behind = clean_up(self.client, self.area)
        self.ledger.close()
        published = self.ledger.published_suite(bound)
        cases = {case.id: case for case in published.cases}
        verdicts = (self.ledger.published_verdict(verdict, cases[verdict.case]) for verdict in bench.verdicts)
        waivers = self.order.waivers
        digest = self.ledger.suite_digest
        content = report(published, verdicts, waivers.list if waivers else (), digest)
        record = self._record(left_behind)
        bundle = publish(self.folder, content, record, self.order.signing, self.order.views, waivers)
        self.area.erase()
        return Finished(content, record, self.folder, bundle)

    def _done(self, bench: Bench, evidence: StepEvidence) -> None:
        self.ledger.add(evidence)
        self._judge(bench, evidence)

    def _judge(self, bench: Bench, evidence: StepEvidence) -> None:
        self._show(bench.take(evidence.connected(self.ledger.bodies.read)))
        self.progress.step(evidence.step)

    def _show(self, verdicts: Iterable[Any]) -> None:
        for verdict in verdicts:
            self.progress.verdict(verdict)

    def _record(self, left_behind: tuple[str, ...]) -> RunRecord:
        asked, ended = self.client.statistics, dt.datetime.now(dt.UTC)
        return RunRecord(
            run_id=self.run_id,
            started_at=self.sessions[0],
            finished_at=instant(ended),
            binding=bound_to(self.folder, self.order.terms.binding),
            valid_until=self.order.terms.end(ended),
            resumed=max(len(self.sessions) - 1, int(self.resumed)),
            runner=self.order.runner,
            tool=this_tool(),
            requests=asked.requests,
            retried=asked.retried,
            saved=self.client.saved,
            bytes_received=asked.bytes_received,
            seconds=round(time.monotonic() - self.clock, 3),
            peak_memory=peak_memory(),
            left_behind=left_behind,
        )


def _asks_nothing(template: Template) -> bool:
    """Whether a case looks at documents only, and no condition of it is about what the target declares."""
    documents = all(probe.name in OF_DOCUMENTS for probe in template.probes)
    return documents and not template.when and template.each is None


def _known(only: tuple[str, ...], suite: Suite) -> tuple[str, ...]:
    """What --only names. Raises UnknownName for what is no requirement and no case of the suite."""
    known = {t.requirement for t in suite.templates} | {t.id for t in suite.templates}
    for name in only:
        if name not in known and template_of(name) not in known:
            raise UnknownName("requirement or case", name, known)
    return tuple(sorted(set(only)))
