"""The files that the statement is about: all there, unchanged, nothing else with them, and readable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from conformance.errors import Unreadable
from conformance.model.attestation import (
    ENVELOPE_FILE,
    REPORT_FILE,
    RUN_FILE,
    SIGNED_FILES,
    SUITE_FILE,
    Files,
    Statement,
)
from conformance.model.base import NotJson, Noun, sha256, strict_json
from conformance.model.dsse import first_problem
from conformance.model.names import is_view, unsafe_names
from conformance.model.report import Report, RunRecord
from conformance.model.suite import BoundSuite
from conformance.stages.verify.steps import Steps, few

LARGEST_FILE = 512 * 2**20
FORMAT = "1"
"""The format of suite and report, of which no other is read."""

N = TypeVar("N", bound=Noun)


@dataclass(frozen=True)
class Contents:
    """The files of a run that say what it was about and what it came to, read from the signed bytes."""

    suite: BoundSuite
    report: Report
    record: RunRecord
    digests: Mapping[str, str]

    @property
    def suite_digest(self) -> str:
        """The SHA-256 of the suite's canonical form."""
        return self.digests[SUITE_FILE]

    @property
    def report_digest(self) -> str:
        """The SHA-256 of the report's canonical form."""
        return self.digests[REPORT_FILE]


def check_files(statement: Statement, files: Files, replies: frozenset[str], done: Steps) -> Contents:
    """Every subject is there, unchanged; nothing else is, but for the envelope, signed `replies`, and views."""
    subjects = {subject.name: subject.digests.get("sha256", "") for subject in statement.subject}
    present = set(files.names())
    problems = list(unsafe_names({*subjects, *present}))
    if len(subjects) != len(statement.subject):
        problems.append("a file stands twice among the subjects")
    if unnamed := [name for name in SIGNED_FILES if name not in subjects]:
        problems.append(f"not signed: {few(unnamed)}")
    if withheld := sorted(set(subjects) - present):
        problems.append(f"withheld, signed but not there: {few(withheld)}")
    extra = sorted(present - set(subjects) - {ENVELOPE_FILE} - replies)
    if smuggled := [name for name in extra if not is_view(name)]:
        problems.append(f"smuggled in, there but not signed: {few(smuggled)}")
    if problems:
        done.refuse("files", "; ".join(problems))
    try:
        if changed := [name for name in sorted(subjects) if files.digest(name) != subjects[name]]:
            done.refuse("files", f"changed since they were signed: {few(changed)}")
        contents = Contents(
            suite=read_signed(BoundSuite, SUITE_FILE, files, subjects),
            report=read_signed(Report, REPORT_FILE, files, subjects),
            record=read_signed(RunRecord, RUN_FILE, files, subjects),
            digests=subjects,
        )
    except Unreadable as error:
        done.refuse("files", error.message)
    views = f"; unsigned views, which prove nothing: {few(extra)}" if extra else ""
    views += f"; signed statements beside the report: {few(sorted(replies))}" if replies else ""
    done.ok("files", f"{len(subjects)} files, all as they were signed{views}")
    return contents


def read_signed(kind: type[N], name: str, files: Files, subjects: dict[str, str]) -> N:
    """The noun in a file, from bytes that are the signed ones and its one canonical form. Raises Unreadable.

    So the file's digest is that of the noun, and nothing in it can be read in two ways.
    """
    data = files.read(name, LARGEST_FILE)
    if sha256(data) != subjects[name]:
        raise Unreadable(f"{name} changed while it was being verified")
    try:
        noun = kind.model_validate_json(data, by_alias=True, by_name=False)
        same = noun.canonical() == data
    except ValidationError as error:
        raise Unreadable(_trouble(name, data) or f"{name} is malformed: {first_problem(error)}") from None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name} has no canonical form: {error}") from None
    if (format_ := getattr(noun, "format", FORMAT)) != FORMAT:
        raise Unreadable(f"{name} has format {format_!r}; {FORMAT!r} is read here")
    if not same:
        raise Unreadable(_trouble(name, data) or f"{name} is not in its canonical form, as it is written")
    return noun


def _trouble(name: str, data: bytes) -> str:
    """That a file is no strict JSON, and why, or of another format; empty where neither is what is wrong with it."""
    try:
        value = strict_json(data)
    except NotJson as error:
        return f"{name} is not strict JSON: {error}"
    format_ = value.get("format", FORMAT) if isinstance(value, dict) else FORMAT
    return f"{name} has format {format_!r}; {FORMAT!r} is read here" if format_ != FORMAT else ""
