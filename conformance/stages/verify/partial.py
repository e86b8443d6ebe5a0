"""Verifying a share: part of a signed run, with all that was recorded of its failures.

What is there is held against what was signed, byte by byte: suite, report and record of the run by the statement, each
exchange by the digest that a verdict names. What is not there is counted. Nothing is judged anew, as that takes the
whole of the evidence, so a share never shows more than that its parts are those of the signed run.
"""

import datetime as dt
from collections.abc import Sequence

from conformance.errors import Unreadable
from conformance.model.attestation import (
    ENVELOPE_FILE,
    EXIT_DEMANDS_NOT_MET,
    RECORDS_FILE,
    REPORT_FILE,
    RUN_FILE,
    SHARED_FILES,
    SUITE_FILE,
    Expectations,
    Files,
    Statement,
    StepOutcome,
    Verification,
)
from conformance.model.base import sha256
from conformance.model.names import is_view, unsafe_names
from conformance.model.report import Report, RunRecord
from conformance.model.suite import BoundSuite
from conformance.model.trust import Trust
from conformance.model.trust_rules import REPORT_RULE
from conformance.model.verdict import EvidenceRef, Outcome
from conformance.stages.verify.authorship import (
    authors,
    check_keys,
    check_signatures,
    open_envelope,
    read_statement,
)
from conformance.stages.verify.beside import hear, waived
from conformance.stages.verify.brought import Brought
from conformance.stages.verify.contents import Contents, read_signed
from conformance.stages.verify.demands import check_asked, check_times, check_verdict
from conformance.stages.verify.profile import check_profile
from conformance.stages.verify.signed import When
from conformance.stages.verify.steps import Refused, Steps, few
from conformance.stages.verify.substance import check_binding

__all__ = ["records_of_failures", "verify_partial"]


def records_of_failures(report: Report) -> tuple[EvidenceRef, ...]:
    """The records that the failures of a report rest on, each once, in the order of their ids."""
    found = {
        (reference.id, reference.sha256): reference
        for requirement in report.at(Outcome.FAIL)
        for verdict in requirement.verdicts
        if verdict.outcome is Outcome.FAIL
        for reference in verdict.evidence
    }
    return tuple(found[key] for key in sorted(found))


def verify_partial(  # noqa: PLR0913 - what a reader may bring
    envelope: bytes | None,
    files: Files,
    records: Sequence[bytes],
    trust: Trust,
    now: dt.datetime,
    *,
    expectations: Expectations,
    brought: Brought,
) -> Verification:
    """Whether the parts of a run that are here are those that a trusted signer signed; `records` are its lines."""
    done, when = Steps(), When(now, brought.received, brought.stamped)
    try:
        opened = open_envelope(envelope, done)
        signed = check_signatures(opened, trust, done)
        statement, stated = read_statement(opened, done)
        answering = authors(signed, stated)
        heard = hear(brought.given, files, statement, sha256(opened.content), answering, trust, when)
        signers = check_keys(signed, stated, when, trust, heard, done)
        contents, partial = _check_files(statement, files, heard.files, done)
        partial += _check_records(contents.report, records, done)
    except Refused:
        return Verification(steps=done.in_order(), verdict=done.verdict, exit_code=done.exit_code)
    check_profile(stated, contents, brought.published, heard.releases, trust, done)
    said = "a share is part of a run: nothing was judged anew, which takes the whole run"
    if expectations.require == "partial":
        done.add("recomputation", StepOutcome.SKIPPED, said)
    else:
        done.fail("recomputation", said, EXIT_DEMANDS_NOT_MET)
    check_binding(stated, contents, signers, done)
    check_asked(stated, expectations, done)
    check_times(stated, expectations, trust.rule(REPORT_RULE), when, done)
    if not done.authentic:
        return Verification(steps=done.in_order(), verdict=done.verdict, exit_code=done.exit_code)
    check_verdict(stated, expectations, heard.superseded, done)
    return Verification(
        steps=done.in_order(),
        verdict=done.verdict,
        beside=(*heard.said, *waived(stated, files, trust, when)),
        unread=(*heard.unread, *brought.unread),
        exit_code=done.exit_code,
        signers=signers,
        result=stated.result,
        methods=stated.methods,
        runner=stated.runner,
        target=stated.target,
        partial=partial,
    )


def _check_files(
    statement: Statement, files: Files, replies: frozenset[str], done: Steps
) -> tuple[Contents, str]:
    """What is there of the signed files is unchanged; and how much is not there, in words."""
    subjects = {subject.name: subject.digests.get("sha256", "") for subject in statement.subject}
    present = set(files.names())
    problems = list(unsafe_names(present))
    if len(subjects) != len(statement.subject):
        problems.append("a file stands twice among the subjects")
    extra = sorted(present - set(subjects) - {ENVELOPE_FILE, *SHARED_FILES} - replies)
    if smuggled := [name for name in extra if not is_view(name)]:
        problems.append(f"smuggled in, there but not signed: {few(smuggled)}")
    if missing := [name for name in (SUITE_FILE, REPORT_FILE, RUN_FILE, RECORDS_FILE) if name not in present]:
        problems.append(f"a share needs {few(missing)}")
    if problems:
        done.refuse("files", "; ".join(problems))
    here = sorted(present & set(subjects))
    try:
        if changed := [name for name in here if files.digest(name) != subjects[name]]:
            done.refuse("files", f"changed since they were signed: {few(changed)}")
        contents = Contents(
            suite=read_signed(BoundSuite, SUITE_FILE, files, subjects),
            report=read_signed(Report, REPORT_FILE, files, subjects),
            record=read_signed(RunRecord, RUN_FILE, files, subjects),
            digests=subjects,
        )
    except Unreadable as error:
        done.refuse("files", error.message)
    said = f"{len(here)} of the {len(subjects)} files that were signed are here"
    done.add("files", StepOutcome.WARN, f"a share: {said}, all as they were signed")
    return contents, said


def _check_records(report: Report, records: Sequence[bytes], done: Steps) -> str:
    """Each record is one that a verdict names; and how many of those that failures rest on are here, in words."""
    named = {
        reference.sha256
        for requirement in report.requirements
        for verdict in requirement.verdicts
        for reference in verdict.evidence
    }
    digests = {sha256(record) for record in records}
    if strange := digests - named:
        done.refuse("evidence", f"{len(strange)} records are of no exchange that the signed report names")
    wanted = records_of_failures(report)
    lacking = [reference.id for reference in wanted if reference.sha256 not in digests]
    said = f"{len(wanted) - len(lacking)} of the {len(wanted)} records that failures rest on"
    if lacking:
        done.add("evidence", StepOutcome.WARN, f"{said} are here; not here: {few(lacking)}")
    else:
        done.ok("evidence", f"{said} are here, each as the signed report names it")
    return f", and {said}"
