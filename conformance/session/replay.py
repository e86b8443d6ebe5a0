"""The same verdicts from the evidence alone: anyone who holds a run's folder can recompute its report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.catalog import Catalog
from conformance.errors import UnknownName, Unreadable
from conformance.model.base import compact, sha256
from conformance.model.evidence import StepEvidence
from conformance.model.report import Report
from conformance.model.suite import DISCOVERY, BoundSuite, Case
from conformance.model.target import DataClass
from conformance.model.verdict import Verdict
from conformance.outside.stored_run import StoredRun
from conformance.session.faithful import is_foreign, refuse_other_cases, refuse_unfaithful
from conformance.session.judging import Bench, only
from conformance.session.packages import packages_again, resting_on_packages
from conformance.stages.report import report


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
    folder: StoredRun, catalog: Catalog, cases: Iterable[str] = (), packages: Sequence[str] = ()
) -> Replay:
    """Judge a finished run anew (only some cases or requirements of it, where they are named).

    `packages` are sources of FHIR packages beside the package cache; only those that the suite pins are used.

    Raises Unreadable where the run is broken or its evidence incomplete, UnknownName for a case that is not there.
    """
    bound = folder.suite()
    wanted = set(cases)
    known = {name for case in bound.cases for name in _names(case)}
    for name in wanted - known:
        raise UnknownName("case or requirement", name, known)
    suite = only(bound, lambda case: not wanted or bool(_names(case) & wanted))
    steps = {step.step: step for step in folder.finished_steps()}
    missing = [step for step in (DISCOVERY, *(s.id for s in suite.steps)) if step not in steps]
    if missing:
        raise Unreadable(f"{folder.path} lacks the evidence of {len(missing)} steps, among them {missing[0]}")
    refuse_other_cases(bound, steps[DISCOVERY])
    bare = _steps_without_bodies(suite, steps, folder)
    if DISCOVERY not in bare:
        refuse_unfaithful(bound, steps[DISCOVERY], catalog)
    foreign = {template.id for template in bound.templates if is_foreign(template, catalog)}
    foreign = {case.id for case in suite.cases if case.template in foreign}
    unkept = _resting_on_word(suite, bare) - foreign
    found = packages_again(bound.packages, packages)
    unjudged = resting_on_packages(suite, found, catalog) - foreign - unkept
    left = foreign | unkept | unjudged
    bench = Bench(only(suite, lambda case: case.id not in left), steps[DISCOVERY], catalog, found)
    bench.without_steps()
    for step in suite.steps:
        bench.take(steps[step.id])
    recorded = _recorded(folder) if left else {}
    verdicts = [*bench.verdicts, *(recorded[case] for case in left if case in recorded)]
    return Replay(
        report=report(suite, verdicts, folder.waivers()),
        judged=len(bench.verdicts),
        on_word=tuple(sorted(unkept)),
        by_plugins=tuple(sorted(foreign)),
        evidence={
            content.id: sha256(compact(content.plain()))
            for step in steps.values()
            for content in (*step.exchanges, *step.documents)
        },
        by_packages=tuple(sorted(unjudged)),
        missing=tuple(pin.label for pin in found.missing),
    )


def _names(case: Case) -> set[str]:
    """All by which a case can be asked for."""
    return {case.id, case.template, case.requirement}


def _steps_without_bodies(suite: BoundSuite, steps: dict[str, StepEvidence], folder: StoredRun) -> set[str]:
    """The steps of which some body was dropped, because the data may not be stored.

    Synthetic data may be stored: there a body that is missing was withheld, and nobody's word stands for it.
    """
    if suite.target.data_class is DataClass.SYNTHETIC:
        return set()
    kept = {name.removesuffix(".gz") for name in folder.bodies.names()}
    return {
        step
        for step, evidence in steps.items()
        for content in (*evidence.exchanges, *evidence.documents)
        if content.body is not None and content.body.size and content.body.sha256 not in kept
    }


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
