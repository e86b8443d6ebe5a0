"""The same verdicts from the evidence alone: anyone who holds a run's folder can recompute its report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.catalog import Catalog
from conformance.errors import UnknownName, Unreadable
from conformance.model.base import compact, sha256
from conformance.model.report import Report
from conformance.model.suite import DISCOVERY, BoundSuite, Case
from conformance.model.target import DataClass
from conformance.model.verdict import Verdict
from conformance.outside.stored_run import SUITE, StoredRun
from conformance.session.faithful import is_foreign, refuse_other_cases, refuse_unfaithful
from conformance.session.judging import Bench, only
from conformance.session.packages import packages_again, resting_on_packages
from conformance.stages.report import report

if TYPE_CHECKING:
    from conformance.model.evidence import StepEvidence


@dataclass(frozen=True)
class Replay:
    """A report judged anew.

    The recorded verdicts stand for the cases in `on_word`, whose evidence was not kept because the data may not be
    stored, for those in `by_plugins`, whose checks the catalogue does not have, and for those in `by_packages`, which
    rest on FHIR packages that are `missing` here. `evidence` holds the digest of the record of each exchange and
    document, by id.
    """

    report: Report
    judged: int
    on_word: tuple[str, ...]
    by_plugins: tuple[str, ...]
    evidence: dict[str, str]
    by_packages: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def replay(
    folder: StoredRun,
    catalog: Catalog,
    cases: Iterable[str] = (),
    packages: Sequence[str] = (),
    suite: BoundSuite | None = None,
) -> Replay:
    """Judge a finished run anew (only some cases or requirements of it, where they are named).

    `packages` are sources of FHIR packages beside the package cache; only those that the suite pins are used. `suite`
    is the run's, where it was read already and its file holds its canonical form. The evidence is read step by step,
    so that it is never all held.

    Raises Unreadable where the run is broken or its evidence incomplete, UnknownName for a case that is not there.
    """
    bound = suite or folder.suite()
    wanted = set(cases)
    known = {name for case in bound.cases for name in _names(case)} if wanted else set()
    for name in wanted - known:
        raise UnknownName("case or requirement", name, known)
    chosen = only(bound, lambda case: bool(_names(case) & wanted)) if wanted else bound
    seen = _Seen(folder, bound)
    missing = [step for step in (DISCOVERY, *(s.id for s in chosen.steps)) if step not in seen.steps]
    if missing or seen.discovery is None:
        raise Unreadable(f"{folder.path} lacks the evidence of {len(missing)} steps, among them {missing[0]}")
    refuse_other_cases(bound, seen.discovery)
    if DISCOVERY not in seen.bare:
        refuse_unfaithful(bound, seen.discovery, catalog)
    foreign = {template.id for template in bound.templates if is_foreign(template, catalog)}
    foreign = {case.id for case in chosen.cases if case.template in foreign}
    unkept = _resting_on_word(chosen, seen.bare) - foreign
    found = packages_again(bound.packages, packages, bound.profile.fhir_version)
    unjudged = resting_on_packages(chosen, found, catalog) - foreign - unkept
    left = foreign | unkept | unjudged
    judged = only(chosen, lambda case: case.id not in left) if left else chosen
    bench = Bench(judged, seen.discovery, catalog, found)
    bench.without_steps()
    for evidence in folder.finished_steps():
        bench.take(evidence)
    recorded = _recorded(folder) if left else {}
    digest = folder.files.digest(SUITE) if suite is not None and not wanted else ""
    verdicts = [*bench.verdicts, *(recorded[case] for case in left if case in recorded)]
    return Replay(
        report=report(chosen, verdicts, folder.waivers(), digest),
        judged=len(bench.verdicts),
        on_word=tuple(sorted(unkept)),
        by_plugins=tuple(sorted(foreign)),
        evidence=seen.digests,
        by_packages=tuple(sorted(unjudged)),
        missing=tuple(pin.label for pin in found.missing),
    )


class _Seen:
    """A first look at the evidence: which steps there are, the digest of each record, and what discovery showed.

    `bare` are the steps of which some body was dropped, because the data may not be stored. Synthetic data may be
    stored: there a body that is missing was withheld, and nobody's word stands for it.
    """

    def __init__(self, folder: StoredRun, suite: BoundSuite) -> None:
        self.steps: set[str] = set()
        self.digests: dict[str, str] = {}
        self.bare: set[str] = set()
        self.discovery: StepEvidence | None = None
        synthetic = suite.target.data_class is DataClass.SYNTHETIC
        kept = set() if synthetic else {name.removesuffix(".gz") for name in folder.bodies.names()}
        for evidence in folder.finished_steps():
            self.steps.add(evidence.step)
            if evidence.step == DISCOVERY:
                self.discovery = evidence
            for content in (*evidence.exchanges, *evidence.documents):
                self.digests[content.id] = sha256(compact(content.plain()))
                body = content.body
                if not synthetic and body is not None and body.size and body.sha256 not in kept:
                    self.bare.add(evidence.step)


def _names(case: Case) -> set[str]:
    """All by which a case can be asked for."""
    return {case.id, case.template, case.requirement}


def _resting_on_word(suite: BoundSuite, bare: set[str]) -> set[str]:
    """The cases that cannot be judged anew.

    Without what discovery showed, nobody can tell whether a case was bound as it should be: not even whether one
    that is said not to apply does not.
    """
    return {case.id for case in suite.cases if DISCOVERY in bare or bare & set(case.steps)}


def _recorded(folder: StoredRun) -> dict[str, Verdict]:
    """The verdicts as they were recorded, with the measurements that the report lists apart."""
    report = folder.report()
    recorded = (v for requirement in report.requirements for v in requirement.verdicts)
    return {
        v.case: v.model_copy(
            update={"measurements": tuple(each for each in report.measurements if each.case == v.case)}
        )
        for v in recorded
    }
