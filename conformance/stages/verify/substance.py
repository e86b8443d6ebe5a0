"""Whether the files bear the statement out: the pinned profile, the evidence, the verdicts judged again."""

from collections.abc import Iterable

from pydantic import ValidationError

from conformance.errors import ConformanceError
from conformance.model.attestation import (
    EXIT_DEMANDS_NOT_MET,
    EXIT_NOT_AUTHENTIC,
    REPORT_FILE,
    RUN_FILE,
    SUITE_FILE,
    Recomputation,
    SignerInfo,
    StepOutcome,
)
from conformance.model.base import sha256
from conformance.model.predicate import ReportPredicate, predicate
from conformance.model.report import Report, RunnerRole, Tool
from conformance.stages.verify.brought import Recompute
from conformance.stages.verify.contents import Contents
from conformance.stages.verify.steps import Steps, few


def check_recomputation(
    contents: Contents,
    recompute: Recompute,
    stated: ReportPredicate,
    tool: Tool,
    done: Steps,
) -> Recomputation | None:
    """Judge again and compare: the digest of every exchange that a verdict names, then the whole report.

    Returns what judging again gave where it bears the report out, else None. A report that another version of
    the harness wrote and this one, `tool`, judges differently is not thereby forged; the same version must agree.
    """
    foreign = not _is_by(stated.tool, tool)
    code = EXIT_DEMANDS_NOT_MET if foreign else EXIT_NOT_AUTHENTIC
    by = f" by this version ({_named(tool)}; the report is by {_named(stated.tool)})" if foreign else ""
    try:
        again = recompute(contents.suite)
    except ConformanceError as error:
        done.add("evidence", StepOutcome.SKIPPED, "not looked at, since the verdicts cannot be recomputed")
        done.fail("recomputation", f"the verdicts cannot be recomputed{by}: {error.message}", code)
        return None
    _evidence(contents.report, again, done)
    if sha256(again.report.canonical()) != contents.report_digest:
        said = (
            f"authentic, judged differently now{by}"
            if foreign
            else "the evidence does not bear the report out"
        )
        done.fail("recomputation", f"{said}: {_differences(contents.report, again.report)}", code)
        return None
    counts = f"{again.judged} verdicts recomputed from the evidence"
    if again.on_word or again.by_plugins or again.by_packages:
        rest = f"{again.on_word} rest on the tester's word, {again.by_plugins} on plugins not run again"
        if again.by_packages:
            rest += (
                f", {again.by_packages} on FHIR packages that are not here as pinned: {few(again.missing)}"
            )
        done.add("recomputation", StepOutcome.WARN, f"{counts}, {rest}")
    else:
        done.ok("recomputation", f"{counts}, none resting on the tester's word")
    return again


def _is_by(theirs: Tool, ours: Tool) -> bool:
    """Whether the report was made by this very harness: its version and, where both are known, its source's digest."""
    return theirs.version == ours.version and (
        theirs.digest == ours.digest or not (theirs.digest and ours.digest)
    )


def _named(tool: Tool) -> str:
    return f"{tool.version}, source {tool.digest[:12]}" if tool.digest else tool.version


def _evidence(report: Report, again: Recomputation, done: Steps) -> None:
    named = {
        (reference.id, reference.sha256)
        for requirement in report.requirements
        for verdict in requirement.verdicts
        for reference in verdict.evidence
    }
    if wrong := sorted({name for name, digest in named if again.evidence.get(name) != digest}):
        done.fail("evidence", f"verdicts name exchanges that the evidence does not hold so: {few(wrong)}")
    else:
        done.ok("evidence", f"{len(named)} exchanges and documents are what the verdicts rest on")


def _differences(theirs: Report, ours: Report) -> str:
    again = {requirement.id: requirement for requirement in ours.requirements}
    differing = []
    for requirement in theirs.requirements:
        other = again.get(requirement.id)
        if other is None or other != requirement:
            now = "absent" if other is None else str(other.outcome)
            differing.append(f"{requirement.id} ({requirement.outcome}, recomputed {now})")
    if theirs.result is not ours.result:
        differing.insert(0, f"result {theirs.result}, recomputed {ours.result}")
    return few(differing) if differing else "the reports differ in what they say of run, suite or target"


def check_binding(
    stated: ReportPredicate, contents: Contents, signers: Iterable[SignerInfo], done: Steps
) -> None:
    """The statement says what report, suite and run record say, and claims no role that the reader denies."""
    wrong = []
    expected = _expected_predicate(contents)
    if expected is None:
        wrong.append(f"{RUN_FILE} bears no proper times")
    else:
        ours, theirs = expected.in_full(), stated.in_full()
        differing = [name for name in ours if ours[name] != theirs[name]]
        wrong += [f"{name} is not that of {REPORT_FILE} and {RUN_FILE}" for name in differing]
    if contents.report.suite_digest != contents.suite_digest:
        wrong.append(f"the report is of another suite than {SUITE_FILE}")
    run_ids = {contents.report.run_id, contents.suite.run_id, contents.record.run_id}
    if len(run_ids) > 1:
        wrong.append(f"the files are of different runs: {few(sorted(run_ids))}")
    if contents.report.target != contents.suite.target:
        wrong.append("report and suite are about different targets")
    granted = {str(role) for signer in signers for role in signer.roles}
    role = stated.runner.role
    if role is not RunnerRole.SELF and role not in granted:
        wrong.append(f"it claims to be run by {role}, but its signer is trusted as {few(sorted(granted))}")
    if wrong:
        done.fail("binding", "; ".join(wrong))
    else:
        done.ok("binding", f"statement, report, suite and run record agree; run by {_runner(stated)}")


def _expected_predicate(contents: Contents) -> ReportPredicate | None:
    try:
        return predicate(contents.report, contents.record, contents.report_digest)
    except ValidationError:
        return None


def _runner(stated: ReportPredicate) -> str:
    named = ", ".join(part for part in (stated.runner.name, stated.runner.organisation) if part)
    return f"{stated.runner.role} ({named})" if named else str(stated.runner.role)
