"""`validate`: resources from files, judged by the fast path and, where that is not certain, by the precise one.

What is seldom needed (the precise path, the line to a terminology server) is loaded when it is needed: most runs
judge one good file, and shall begin at once.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import orjson

from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.packages.package import Package
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Issue, Outcome, Severity
from conformance.fhir.validation.leeway import AS_FHIR_SAYS, Leeway
from conformance.fhir.validation.summary import Summary
from conformance.outside.packages import load_definitions
from conformance.outside.resource_files import Piece, pieces
from conformance.session.structures import canonical_of

if TYPE_CHECKING:
    from conformance.fhir.definitions.library import Definitions
    from conformance.fhir.validation.accept import Acceptor
    from conformance.fhir.validation.validator import Validator
    from conformance.outside.terminology_server import TerminologyServer

__all__ = ["Bench", "Judged", "Judgement", "judge_files", "workbench"]

MOST_BYTES = 100_000_000
LONGEST_NAME = 200

_BEGINNING = 4096
_XML_ROOT = re.compile(rb"<(?![?!])([A-Za-z]+)")
_XML_ID = re.compile(rb"<id\s+value\s*=\s*[\"']([A-Za-z0-9.-]{1,64})[\"']")


@dataclass(frozen=True, slots=True)
class Judged:
    """One resource with findings: where it stands, what it is called, and what was said."""

    file: str
    line: int
    resource: str
    outcome: Outcome


@dataclass(slots=True)
class Judgement:
    """What one validation came to; `interrupted` where somebody ended it before all was judged.

    `handed_out` while somebody else has what was found, to write it down: they are not to be interrupted at it.
    """

    summary: Summary = field(default_factory=Summary)
    files: int = 0
    explained: int = 0
    seconds: float = 0.0
    engine: str = ""
    interrupted: bool = False
    handed_out: bool = False


class Bench:
    """What judges: definitions, terminology, the fast path and the precise one, each made when it is asked for.

    A context manager: leaving it closes the line to the terminology server.
    """

    def __init__(
        self,
        definitions: "Definitions",
        *,
        structures: Sequence[str] = (),
        server: "TerminologyServer | None" = None,
        warnings: bool = False,
        leeway: Leeway = AS_FHIR_SAYS,
    ) -> None:
        self.definitions = definitions
        self.structures = tuple(structures)
        self.leeway = leeway
        self.warnings = warnings
        self._server = server

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    @cached_property
    def terminology(self) -> Terminology:
        """What decides codes: loaded packages, then the server, where there is one."""
        return Terminology(self.definitions, remote=self._server)

    @cached_property
    def validator(self) -> "Validator":
        """The precise path."""
        from conformance.fhir.validation.validator import Validator  # noqa: PLC0415

        return Validator(self.definitions, self.terminology, structures=self.structures, leeway=self.leeway)

    @cached_property
    def acceptor(self) -> "Acceptor | None":
        """The fast path; None where warnings are asked for, or something is refused: it looks for neither.

        What is allowed needs no care: where the fast path sees it, it is not certain, and the precise path decides.
        """
        if self.warnings or self.leeway.refused:
            return None
        from conformance.fhir.validation.accept import Acceptor  # noqa: PLC0415

        return Acceptor(self.definitions, self.terminology, structures=self.structures)

    @property
    def problems(self) -> tuple[DefinitionProblem, ...]:
        """What is wrong with the loaded packages; nothing where there is only the base that is shipped."""
        if len(self.definitions.layers) == 1:
            return ()
        return (*self.definitions.problems, *_of_other_versions(self.definitions))


def workbench(
    *,
    packages: Sequence[str] = (),
    structures: Sequence[str] = (),
    tx: str = "",
    fhir_version: str = "4.0.1",
    warnings: bool = False,
    leeway: Leeway = AS_FHIR_SAYS,
) -> Bench:
    """What judges, with the packages loaded and the structures found.

    Raises UsageError for a package that cannot be had, a structure that no loaded package defines or that several
    go by, and an address that is none.
    """
    server = None
    if tx:
        from conformance.outside.terminology_server import TerminologyServer  # noqa: PLC0415

        server = TerminologyServer(tx)
    definitions = load_definitions(list(dict.fromkeys(packages)), fhir_version=fhir_version)
    found = dict.fromkeys(canonical_of(named, definitions) for named in structures)
    return Bench(definitions, structures=tuple(found), server=server, warnings=warnings, leeway=leeway)


def judge_files(
    files: Sequence[str],
    bench: Bench,
    *,
    told: Judgement,
    most_bytes: int = MOST_BYTES,
    after: Callable[[str, int], None] = lambda _file, _read: None,
) -> Iterator[Judged]:
    """Judge every resource of the files; yields those with findings, and counts everything in `told`.

    `after` is called after each resource with its file and about how many bytes of that file were read. A
    KeyboardInterrupt ends the judging and is noted in `told`, and so does whoever notes it there: what was judged until
    then stands.
    """
    began = time.monotonic()
    acceptor = bench.acceptor
    told.engine = _engine() if acceptor else "explain"
    try:
        for piece in _all_pieces(files, told, most_bytes):
            found = _judge(piece, bench, acceptor, told)
            after(piece.file, piece.read)
            if found is not None:
                told.handed_out = True
                yield found
                told.handed_out = False
            if told.interrupted:
                break
    except KeyboardInterrupt:
        told.interrupted = True
    if acceptor is not None:
        counts = acceptor.not_evaluated
        for rule in acceptor.skipped:
            told.summary.unjudged(rule.kind, rule.subject, rule.reason, counts[rule.kind, rule.subject])
    told.seconds = time.monotonic() - began


def _all_pieces(files: Sequence[str], told: Judgement, most_bytes: int) -> Iterator[Piece]:
    for file in files:
        told.files += 1
        yield from pieces(file, most_bytes=most_bytes)


def _engine() -> str:
    from conformance.fhir.validation.accept import engine  # noqa: PLC0415

    return engine()


def _judge(piece: Piece, bench: Bench, acceptor: "Acceptor | None", told: Judgement) -> Judged | None:
    if piece.trouble:
        outcome = Outcome((_unreadable(piece.trouble),))
    elif acceptor is not None and acceptor.accepts_bytes(piece.data):
        told.summary.accepted()
        return None
    else:
        told.explained += 1
        outcome = bench.validator.explain(piece.data)
        if not bench.warnings:
            outcome = Outcome(tuple(i for i in outcome.issues if i.is_error), outcome.not_evaluated)
    name = resource_name(piece.data) if outcome.issues else ""
    told.summary.add(piece.file, piece.line, name, outcome.issues)
    told.summary.not_evaluated(outcome.not_evaluated)
    return Judged(piece.file, piece.line, name, outcome) if outcome.issues else None


def resource_name(data: bytes) -> str:
    """`Patient/123` of a resource in JSON or XML, as far as it can be read; empty where it cannot."""
    if b"<" in data[:3] or data[:_BEGINNING].lstrip().startswith(b"<"):
        root, identity = _XML_ROOT.search(data[:_BEGINNING]), _XML_ID.search(data[:_BEGINNING])
        return b"/".join(found[1] for found in (root, identity) if found).decode() if root else ""
    try:
        value: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return ""
    identity = value.get("id")
    name = f"{value['resourceType']}/{identity}" if isinstance(identity, str) else value["resourceType"]
    return name[:LONGEST_NAME]


def _unreadable(trouble: str) -> Issue:
    return Issue(Severity.FATAL, "structure", "unreadable", f"The file {trouble}.")


def _of_other_versions(definitions: "Definitions") -> Iterator[DefinitionProblem]:
    """Packages that were made for another FHIR version than the one by which resources are judged."""
    release = definitions.fhir_version.split(".")[:2]
    for layer in definitions.layers:
        if isinstance(layer, Package) and layer.fhir_version and layer.fhir_version.split(".")[:2] != release:
            yield DefinitionProblem(
                f"the package {layer.name} is for FHIR {layer.fhir_version}, and resources are judged by"
                f" {definitions.fhir_version}",
                hint="Name the FHIR version with --fhir-version, or load a package that was made for it.",
            )
