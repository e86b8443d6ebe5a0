"""One run in several parts, for build machines that work side by side, and bringing the parts together again.

A part is a run of some of the suite's cases: valid by itself, with the rest *untested*. Cases that send the same stay
in one part. The parts come together over the first one's discovery, and only where all of them were bound alike; then
everything is judged anew from the evidence, so that the whole is what one run would have come to.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from conformance.catalog import Catalog
from conformance.errors import Unreadable, UsageError
from conformance.model.base import canonical
from conformance.model.report import RunRecord
from conformance.model.suite import BoundSuite, Step, Suite, Template
from conformance.model.target import DataClass
from conformance.model.verdict import Outcome, Verdict
from conformance.outside import folders
from conformance.outside.folders import RunFolder
from conformance.session.publishing import publish
from conformance.session.replay import replay
from conformance.stages.bind import LEFT_OUT

MOST = 99


def shard(suite: Suite | BoundSuite, number: int, of: int) -> tuple[str, ...]:
    """The cases of one part, by id: what belongs together is together, and the parts are about equally large."""
    if not 1 <= number <= of <= MOST:
        raise UsageError(f"--shard is to be as in 2/4, with at most {MOST} parts, not {number}/{of}")
    parts: list[list[str]] = [[] for _ in range(of)]
    for group in sorted(_groups(suite.templates), key=lambda group: (-len(group), group)):
        min(parts, key=len).extend(group)
    return tuple(sorted(parts[number - 1]))


def _groups(templates: Sequence[Template]) -> list[list[str]]:
    """The cases that belong together: those of one requirement, and those that one probe's evidence serves."""
    group_of: dict[bytes | str, list[str]] = {}
    for template in templates:
        slots = [slot.plain() for slot in template.slots.values()]
        sent = [canonical([call.plain(), template.values, slots]) for call in template.probes]
        keys: set[bytes | str] = {template.requirement, *sent}
        joined = [template.id]
        for old in {id(group_of[key]): group_of[key] for key in keys if key in group_of}.values():
            joined += old
            keys |= {key for key, group in group_of.items() if group is old}
        group_of |= dict.fromkeys(keys, joined)
    return [sorted(group) for group in {id(group): group for group in group_of.values()}.values()]


def merge(parts: Sequence[Path], out: Path, catalog: Catalog, views: Sequence[str] = ()) -> RunFolder:
    """The whole run in a new folder, unsigned, with these kinds of view.

    Raises UsageError where a part is missing, doubled or does not fit.
    """
    runs = [RunFolder(path) for path in parts]
    suites = [run.suite() for run in runs]
    _refuse_strangers(parts, suites)
    _refuse_gaps(parts, suites)
    whole = _joined(suites)
    folder = RunFolder.create(out, lambda _data, _where: None)
    try:
        _write(folder, whole, runs)
        again = replay(folder, catalog)
        _refuse_disagreement(runs, {v.case: v for r in again.report.requirements for v in r.verdicts})
        publish(folder, again.report, _record(runs, whole.run_id), None, views)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise
    return folder


def _refuse_strangers(parts: Sequence[Path], suites: Sequence[BoundSuite]) -> None:
    first = suites[0]
    for path, suite in zip(parts, suites, strict=True):
        if suite.target.data_class is not DataClass.SYNTHETIC:
            raise UsageError(
                f"the run in {path} is of data about people, of which no evidence was kept: it cannot be judged anew",
                hint="Runs in parts are for synthetic data (dataClass: synthetic in the target file).",
            )
        for what in (
            "profile",
            "target",
            "as_of",
            "seed",
            "parameters",
            "overrides",
            "templates",
            "packages",
            "plugins",
        ):
            if getattr(suite, what) != getattr(first, what):
                raise UsageError(
                    f"{path} has another {what.replace('_', ' ')} than {parts[0]}: they are no parts of one run",
                    hint="Run all parts against the same target and profile, with the same options (--as-of too).",
                )


def _refuse_gaps(parts: Sequence[Path], suites: Sequence[BoundSuite]) -> None:
    owner: dict[str, Path] = {}
    for path, suite in zip(parts, suites, strict=True):
        for name in suite.only or tuple(template.id for template in suite.templates):
            if name in owner:
                raise UsageError(f"{name} stands in {owner[name]} and in {path}: a part was given twice")
            owner[name] = path
    missing = [template.id for template in suites[0].templates if template.id not in owner]
    if missing:
        lacking = _number_missing(suites)
        raise UsageError(
            f"{lacking or 'a part'} is missing: no run tried {missing[0]}"
            f"{f' and {len(missing) - 1} more cases' if len(missing) > 1 else ''}",
            hint="Give the folders of all parts.",
        )


def _number_missing(suites: Sequence[BoundSuite]) -> str:
    """Which part is missing, as in `part 3/4`, where the given ones are parts of one division."""
    given = {suite.only for suite in suites}
    for of in range(len(suites) + 1, MOST + 1):
        division = [shard(suites[0], number, of) for number in range(1, of + 1)]
        if given <= set(division):
            return "part " + ", ".join(f"{n}/{of}" for n, ids in enumerate(division, 1) if ids not in given)
    return ""


def _joined(suites: Sequence[BoundSuite]) -> BoundSuite:
    """The suite as it would have been bound in one run; `replay` refuses it where it would not have been."""
    tried: dict[str, list[int]] = {}
    not_tried: dict[str, tuple[str, ...]] = {}
    for place, suite in enumerate(suites):
        for name in suite.only:
            tried.setdefault(name, []).append(place)
        for requirement, said in suite.not_tried.items():
            not_tried[requirement] = (*not_tried.get(requirement, ()), *said)
    of_template = [
        [case for case in suites[place].cases if case.template == template.id]
        for template in suites[0].templates
        for place in tried.get(template.id, [0])
    ]
    cases = tuple(case for cases in of_template for case in cases)
    steps: dict[str, Step] = {step.id: step for suite in suites for step in suite.steps}
    order = dict.fromkeys(step for case in cases for step in case.steps)
    told = {r.id: not_tried[r.id] for r in suites[0].profile.requirements if r.id in not_tried}
    return suites[0].model_copy(
        update={"only": (), "cases": cases, "steps": tuple(steps[name] for name in order), "not_tried": told}
    )


def _write(folder: RunFolder, whole: BoundSuite, runs: Sequence[RunFolder]) -> None:
    log = folder.evidence()
    try:
        for run in runs:
            for evidence in run.finished_steps():
                if evidence.step not in log.done:
                    log.add(evidence)
        log.close()
    except BaseException:
        log.abandon()
        raise
    for run in runs:
        if run.bodies.folder.is_dir():
            shutil.copytree(run.bodies.folder, folder.bodies.folder, dirs_exist_ok=True)
    folder.write(folders.SUITE, whole.canonical())


def _refuse_disagreement(runs: Sequence[RunFolder], verdicts: dict[str, Verdict]) -> None:
    """Where parts sent the same, one answer stands for all: it must not hide what another part saw."""
    for run in runs:
        for result in run.report().requirements:
            for verdict in result.verdicts:
                now = verdicts.get(verdict.case)
                left_out = verdict.outcome is Outcome.UNTESTED and verdict.because == LEFT_OUT
                if not left_out and (now is None or now.outcome is not verdict.outcome):
                    raise Unreadable(
                        f"{verdict.case} came to {verdict.outcome} in {run.path} and to"
                        f" {now.outcome if now else 'nothing'} by the evidence of all parts: the target changed"
                        " between them",
                        hint="Run the parts again, against a target that nobody else is changing.",
                    )


def _record(runs: Sequence[RunFolder], run_id: str) -> RunRecord:
    """What the whole run took. Raises UsageError where the parts were run by different people or harnesses."""
    records = [run.record() for run in runs]
    first = records[0]
    if any((record.runner, record.tool) != (first.runner, first.tool) for record in records):
        raise UsageError("the parts were run by different people, or with different versions of the harness")
    return first.model_copy(
        update={
            "run_id": run_id,
            "started_at": min(record.started_at for record in records),
            "finished_at": max(record.finished_at for record in records),
            "resumed": sum(record.resumed for record in records),
            "requests": sum(record.requests for record in records),
            "retried": sum(record.retried for record in records),
            "saved": sum(record.saved for record in records),
            "bytes_received": sum(record.bytes_received for record in records),
            "seconds": round(sum(record.seconds for record in records), 3),
            "peak_memory": max(record.peak_memory for record in records),
            "left_behind": tuple(name for record in records for name in record.left_behind),
        }
    )
