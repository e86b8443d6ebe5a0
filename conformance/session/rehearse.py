"""`rehearse`: the exit drill. Export everything, verify it, load it with our loader, compare, and say what it took.

What is done is kept in the folder of the rehearsal: the job's address, the files that were fetched, and what each stage
came to; so a rehearsal that broke off goes on where it was. The exported files are removed at the end.
"""

import datetime as dt
import hashlib
import json
import secrets as random_bytes
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.analysis.lines import lines
from conformance.analysis.round_trip import Comparison, compared
from conformance.errors import TargetError, Unreadable, UsageError
from conformance.model.attestation import STATEMENT_TYPE, Statement, Subject
from conformance.model.dsse import Signer
from conformance.model.policy import words
from conformance.model.rehearsal import REHEARSAL_PREDICATE, LossLine, Rehearsal
from conformance.model.target import Target
from conformance.outside.bodies import MemoryBodies
from conformance.outside.client import Client
from conformance.outside.export_reading import Reader
from conformance.outside.our_loader import chunks_of, ended, loaded
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets
from conformance.probes.bracketed import declared_types
from conformance.probes.export_job import begin, clear_away, follow, kick_off
from conformance.session.inspect import Order as Inspecting
from conformance.session.inspect import inspect
from conformance.session.inspection_downloads import downloaded
from conformance.session.inspection_sources import Export
from conformance.session.inspection_tasks import Settings
from conformance.session.rehearsal_cost import priced, timed
from conformance.session.shipped import shipped_suite
from conformance.stages.sign import sign
from conformance.views.rehearsal_page import rehearsal_page

STATE, REPORT, ENVELOPE, WORK = "state.json", "rehearsal.json", "rehearsal.dsse.json", "work"
PAGE = "rehearsal.html"
PROFILE = "exit-core"
GONE = (404, 410)
VALID_DAYS = 365
MOST_LOSSES = 1000
BYTES_EACH = 1300
"""So many bytes an exported resource has in the sample data; good enough to say beforehand what is to be expected."""


@dataclass(frozen=True)
class Rehearsing:
    """What to rehearse: `folder` is the target file's; `agreed` is asked once it is known how much there is."""

    target: Target
    folder: Path
    out: Path
    agreed: Callable[[str], bool]
    tell: Callable[[str], None]
    resume: bool = False
    signer: Signer | None = None


@dataclass
class _State:
    """What is done so far."""

    started: str = ""
    resumed: int = 0
    expected: dict[str, int] = field(default_factory=dict)
    afterwards: dict[str, int] = field(default_factory=dict)
    job: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


def rehearse(order: Rehearsing) -> Rehearsal:
    """Carry the drill through. Raises UsageError, TargetError, Untestable, HarnessError."""
    state = _begun(order)
    work = order.out / WORK
    secrets = Secrets()
    redactor = Redactor(random_bytes.token_bytes(32), secrets, order.target.data_class, order.target.endpoint)
    with Client(
        order.target,
        order.folder,
        bodies=MemoryBodies(),
        redactor=redactor,
        secrets=secrets,
        run_tag="rehearse",
    ) as client:
        if not state.expected:
            order.tell("counting what the product holds, by one search for each type")
            state.expected = _counts(client)
            _keep(order, state)
        if state.job and _is_gone(client, state.job):
            order.tell("the export that was begun is gone: exporting anew")
            state.job, state.afterwards = "", {}
            shutil.rmtree(work, ignore_errors=True)
        if not state.job:
            resources = sum(state.expected.values())
            told = f"{resources:,} resources, about {resources * BYTES_EACH / 1e6:,.1f} MB, in about"
            requests = 2 * len(state.expected) + 20
            if not order.agreed(
                f"The rehearsal expects {told} {requests} requests to {order.target.endpoint} "
                f"(by a search for each type, and "
                f"{BYTES_EACH:,} bytes a resource)."
            ):
                raise UsageError(
                    "the rehearsal was not begun", hint="Say --yes to begin without being asked."
                )
            with _timed(order, state, "export"):
                state.job = redactor.reveal(_exported(client))
        if not state.afterwards:
            state.afterwards = _counts(client)
            _keep(order, state)
        with _timed(order, state, "download"):
            export = downloaded(state.job, order.target, order.folder, work, order.tell)
        with _timed(order, state, "verify"):
            found = inspect(Inspecting(files=export.files, work=work, settings=Settings(bases=export.bases)))
        order.tell("verified")
        with _timed(order, state, "load"):
            comparison = _loaded(export, client, work)
        order.tell("loaded and compared")
        wire = client.wire("clear-away")
        clear_away(wire, state.job)
    result = _result(order, state, found, comparison)
    _publish(order, result)
    shutil.rmtree(work, ignore_errors=True)
    (order.out / STATE).unlink()
    return result


def _begun(order: Rehearsing) -> _State:
    kept = order.out / STATE
    if order.resume:
        try:
            state = _State(**json.loads(kept.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise Unreadable(f"{order.out} holds no rehearsal that broke off: {error}") from error
        state.resumed += 1
        return state
    if order.out.exists() and any(order.out.iterdir()):
        raise UsageError(
            f"{order.out} is not empty", hint="Name a new folder with --out, or go on with --resume."
        )
    order.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _State(started=_now())


def _keep(order: Rehearsing, state: _State) -> None:
    part = order.out / f".{STATE}"
    part.write_text(json.dumps(vars(state)), "utf-8")
    part.replace(order.out / STATE)


class _timed:  # noqa: N801 - reads as a verb where it is used
    """Adds the seconds of a stage to those of earlier tries, and keeps what is done."""

    def __init__(self, order: Rehearsing, state: _State, stage: str) -> None:
        self._order, self._state, self._stage = order, state, stage

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        took = time.monotonic() - self._since
        self._state.seconds[self._stage] = round(self._state.seconds.get(self._stage, 0.0) + took, 3)
        _keep(self._order, self._state)


def _counts(client: Client) -> dict[str, int]:
    wire = client.wire("counts")
    found: dict[str, int] = {}
    for kind in declared_types(wire):
        answer = wire.send("GET", f"/{kind}?_summary=count", label="total")
        total = (answer.resource("Bundle") or {}).get("total") if answer.ok else None
        if isinstance(total, int):
            found[kind] = total
    return found


def _exported(client: Client) -> str:
    wire = client.wire("export")
    answer, where = begin(wire, kick_off(wire.base, "system", "", {}))
    if not where:
        raise TargetError(f"the export was not begun: {answer} answered {answer.status} {answer.failure}")
    last = follow(wire, where)
    if last is None or not last.ok:
        raise TargetError(
            f"the export came to no manifest: {last}", hint="`conformance run exit-core` says more."
        )
    return where


def _is_gone(client: Client, job: str) -> bool:
    answer = client.wire("resume").send("GET", job, label="status")
    return answer.status in GONE


def ignored() -> tuple[str, ...]:
    """The element paths that may differ, as exit-core states them by default."""
    suite = shipped_suite(PROFILE)
    stated = suite.profile.parameters["roundtrip_ignore"].default if suite else ""
    return tuple(sorted(words(stated)))


def _loaded(export: Export, client: Client, work: Path) -> Comparison:
    given = (chunk for file in export.files for chunk in ended(Reader(file).blocks()))
    with loaded(given, client.wait, work) as found:
        before = (line for file in export.files for line in lines(Reader(file).blocks()))
        return compared(before, lines(chunks_of(found.back)), ignored())


def _result(order: Rehearsing, state: _State, found: Any, comparison: Comparison) -> Rehearsal:
    counted = {kind.name: kind.resources for kind in found.types}
    errors = [*found.errors]
    for kind, before in state.expected.items():
        after, held = state.afterwards.get(kind, before), counted.get(kind, 0)
        if not min(before, after) <= held <= max(before, after):
            errors.append(
                f"{kind}: a search counted {before:,} before and {after:,} after, the export holds {held:,}"
            )
    lost = list(comparison.lost())
    today = dt.datetime.now(dt.UTC).date()
    size = sum(file.length for file in found.files)
    cost, unpriced = priced(
        order.target, order.folder, size=size, resources=sum(counted.values()), today=today
    )
    return Rehearsal(
        target=order.target.card(),
        started_at=state.started,
        finished_at=_now(),
        valid_until=today + dt.timedelta(days=VALID_DAYS),
        resumed=state.resumed,
        expected=state.expected,
        counted=counted,
        afterwards=state.afterwards,
        bytes=size,
        files={file.name: file.sha256 for file in found.files},
        seconds=state.seconds,
        errors=tuple(errors),
        loaded=comparison.resources - comparison.missing,
        missing=comparison.missing + comparison.unreadable,
        losses=tuple(
            LossLine(
                path=one.path,
                kind=one.kind,
                aspect=one.aspect,
                count=one.count,
                resources=one.resources,
                first=one.examples[0][1].place,
            )
            for one in lost[:MOST_LOSSES]
        ),
        ignored=ignored(),
        measurements=(timed(state.seconds, size), *cost),
        unpriced=unpriced,
        passed=not errors and comparison.lossless and comparison.resources > 0,
    )


def _publish(order: Rehearsing, result: Rehearsal) -> None:
    content = result.canonical()
    (order.out / REPORT).write_bytes(content)
    page = rehearsal_page(result, signed=order.signer is not None)
    (order.out / PAGE).write_text(page, "utf-8")
    if order.signer is not None:
        stated = Statement(
            type_=STATEMENT_TYPE,
            subject=(Subject(name=REPORT, digests={"sha256": hashlib.sha256(content).hexdigest()}),),
            predicate_type=REHEARSAL_PREDICATE,
            predicate=result.plain(),
        )
        (order.out / ENVELOPE).write_bytes(sign(stated, order.signer).canonical())


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
