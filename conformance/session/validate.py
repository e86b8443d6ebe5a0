"""`validate`: resources from files, judged by the fast path and, where that is not certain, by the precise one."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from conformance.errors import UsageError, closest
from conformance.fhir.terminology import Terminology
from conformance.fhir.validation.accept import Acceptor, engine
from conformance.fhir.validation.issues import Issue, Outcome, Severity
from conformance.fhir.validation.summary import Summary
from conformance.fhir.validation.validator import Validator
from conformance.outside.packages import load_definitions
from conformance.outside.resource_files import Piece, pieces
from conformance.outside.terminology_server import TerminologyServer

__all__ = ["Judged", "Judgement", "judge_files", "workbench"]

MOST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Judged:
    """One resource with findings: where it stands, what it is called, and what was said."""

    file: str
    line: int
    resource: str
    outcome: Outcome


@dataclass(slots=True)
class Judgement:
    """What one validation came to."""

    summary: Summary = field(default_factory=Summary)
    files: int = 0
    explained: int = 0
    seconds: float = 0.0
    engine: str = ""


def workbench(
    *,
    packages: Sequence[str] = (),
    structures: Sequence[str] = (),
    tx: str = "",
    fhir_version: str = "4.0.1",
    warnings: bool = False,
) -> tuple[Validator, Acceptor | None]:
    """What judges: the precise validator, and the fast path unless warnings are asked for too.

    Raises UsageError for a package that cannot be had and for a structure that no loaded package defines.
    """
    definitions = load_definitions(packages, fhir_version=fhir_version)
    for canonical in structures:
        if definitions.structure(canonical) is None:
            raise UsageError(
                f"no loaded package defines the structure {canonical}{closest(canonical, definitions.canonicals())}",
                hint="Load the package that defines it with --package NAME@VERSION, a .tgz or a folder.",
            )
    terminology = Terminology(definitions, remote=TerminologyServer(tx) if tx else None)
    validator = Validator(definitions, terminology, structures=tuple(structures))
    acceptor = None if warnings else Acceptor(definitions, terminology, structures=tuple(structures))
    return validator, acceptor


def judge_files(
    files: Sequence[str],
    validator: Validator,
    acceptor: Acceptor | None,
    *,
    told: Judgement,
    most_bytes: int = MOST_BYTES,
    after: Callable[[str, int], None] = lambda _file, _read: None,
) -> Iterator[Judged]:
    """Judge every resource of the files; yields those with findings, and counts everything in `told`.

    Without an acceptor every resource is explained, so that warnings are found as well. `after` is called after each
    resource with its file and about how many bytes of that file were read.
    """
    began = time.monotonic()
    told.engine = engine() if acceptor else "explain"
    for file in files:
        told.files += 1
        for piece in pieces(file, most_bytes=most_bytes):
            found = _judge(piece, validator, acceptor, told)
            after(file, piece.read)
            if found is not None:
                yield found
    if acceptor is not None:
        for rule, count in acceptor.not_evaluated.items():
            told.summary.unjudged(rule.kind, rule.subject, rule.reason, count)
    told.seconds = time.monotonic() - began


def _judge(piece: Piece, validator: Validator, acceptor: Acceptor | None, told: Judgement) -> Judged | None:
    if piece.trouble:
        outcome = Outcome((_unreadable(piece.trouble),))
    elif acceptor is not None and acceptor.accepts_bytes(piece.data):
        told.summary.accepted()
        return None
    else:
        told.explained += 1
        outcome = validator.explain(piece.data)
        if acceptor is not None:
            outcome = Outcome(tuple(i for i in outcome.issues if i.is_error), outcome.not_evaluated)
    name = resource_name(piece.data) if outcome.issues else ""
    told.summary.add(piece.file, piece.line, name, outcome.issues)
    told.summary.not_evaluated(outcome.not_evaluated)
    return Judged(piece.file, piece.line, name, outcome) if outcome.issues else None


def resource_name(data: bytes) -> str:
    """`Patient/123` of a resource in JSON, as far as it can be read; empty where it cannot."""
    try:
        value: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return ""
    identity = value.get("id")
    return f"{value['resourceType']}/{identity}" if isinstance(identity, str) else value["resourceType"]


def _unreadable(trouble: str) -> Issue:
    return Issue(Severity.FATAL, "structure", "unreadable", f"The file {trouble}.")
