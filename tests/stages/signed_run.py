"""A small finished run in a folder, signed with real keys: where tests of signing and verifying start."""

import datetime as dt
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance import __version__
from conformance.errors import Unreadable
from conformance.model.attestation import Expectations, Recomputation, Verification
from conformance.model.base import sha256
from conformance.model.profile import Level, Method, Phase, Profile, Requirement
from conformance.model.report import (
    MethodVerdict,
    ProfileRef,
    Report,
    RequirementResult,
    Result,
    Runner,
    RunnerRole,
    RunRecord,
    Tool,
)
from conformance.model.suite import BoundSuite
from conformance.model.target import TargetCard
from conformance.model.trust import Trust, TrustedKey, TrustRole
from conformance.model.verdict import EvidenceRef, Outcome, Verdict
from conformance.outside.keys import KeySigner
from conformance.outside.trust import trusted_key
from conformance.stages.sign import countersign, sign, statement
from conformance.stages.verify import verify
from conformance.stages.verify.brought import NOTHING

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
EXCHANGE = EvidenceRef(id="x1", sha256="a" * 64)


class Folder:
    """The files of a run in a folder, as they stand there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self):
        for folder, _, files in os.walk(self.root):
            for name in files:
                yield str((Path(folder) / name).relative_to(self.root))

    def digest(self, name):
        return hashlib.sha256(self.read(name, 2**30)).hexdigest()

    def read(self, name, limit):
        path = self.root / name
        if path.is_symlink() or not path.is_file():
            raise Unreadable(f"{name} is no regular file")
        if path.stat().st_size > limit:
            raise Unreadable(f"{name} is too large")
        return path.read_bytes()


def new_key() -> KeySigner:
    return KeySigner(Ed25519PrivateKey.generate())


def trusting(signer: KeySigner, *roles: TrustRole, name: str = "Lab", **limits) -> TrustedKey:
    return trusted_key(signer.public_pem, name, roles or (TrustRole.LAB,), **limits)


@dataclass
class Run:
    """A run folder before and after signing."""

    root: Path
    suite: BoundSuite
    report: Report
    record: RunRecord

    @property
    def subjects(self) -> dict[str, str]:
        folder = Folder(self.root)
        return {name: folder.digest(name) for name in folder.names() if name != "report.dsse.json"}

    def write(self) -> "Run":
        (self.root / "bodies").mkdir(parents=True, exist_ok=True)
        (self.root / "suite.json").write_bytes(self.suite.canonical())
        (self.root / "report.json").write_bytes(self.report.canonical())
        (self.root / "run.json").write_bytes(self.record.canonical())
        (self.root / "evidence.jsonl").write_bytes(b'{"id":"x1"}\n')
        (self.root / "bodies" / "b1").write_bytes(b'{"resourceType":"Patient"}')
        return self

    def statement(self, **more):
        """What is stated of the run; `more` are members of its record."""
        record = self.record.model_copy(update=more)
        (self.root / "run.json").write_bytes(record.canonical())
        return statement(self.report, record, self.subjects)

    def signed(self, *signers: KeySigner, **more) -> bytes:
        """The envelope's bytes, after they were written beside the run."""
        first, *others = signers
        envelope = sign(self.statement(**more), first)
        for signer in others:
            envelope = countersign(envelope, signer)
        data = envelope.canonical()
        (self.root / "report.dsse.json").write_bytes(data)
        return data

    def verified(
        self,
        data: bytes | None,
        *keys: TrustedKey,
        now=NOW,
        recompute=None,
        rules=None,
        pins=(),
        brought=NOTHING,
        **expected,
    ) -> Verification:
        return verify(
            data,
            Folder(self.root),
            Trust(keys=keys, rules=rules or {}, pins=pins),
            now,
            recompute=recompute or self.recomputed,
            expectations=Expectations(**expected),
            brought=brought,
        )

    def recomputed(self, _suite=None) -> Recomputation:
        """What an honest recomputation of this run gives."""
        return Recomputation(self.report, judged=1, evidence={EXCHANGE.id: EXCHANGE.sha256})


def a_run(
    root: Path,
    *,
    result: Result = Result.PASSED,
    target: TargetCard | None = None,
    runner: Runner | None = None,
    version: str = __version__,
    finished_at: str = "2026-11-22T11:00:00Z",
) -> Run:
    """A run of one requirement against one target, written to `root`."""
    target = target or TargetCard(endpoint="https://fhir.example.org/r4", product="Example EPR")
    outcome = {Result.PASSED: Outcome.PASS, Result.FAILED: Outcome.FAIL}[result]
    requirement = Requirement(
        id="R-1", level=Level.SHALL, text="It answers.", source="https://example.org/#1", untested="a sample"
    )
    profile = Profile(profile="sample", version="1.0.0", title="Sample", requirements=(requirement,))
    pin = sha256(profile.canonical())
    suite = BoundSuite(
        run_id="run-1",
        as_of=NOW.date(),
        profile=profile,
        profile_digest=pin,
        seed=1,
        target=target,
    )
    verdict = Verdict(case="R-1/1", requirement="R-1", outcome=outcome, evidence=(EXCHANGE,))
    report = Report(
        run_id="run-1",
        profile=ProfileRef(profile="sample", version="1.0.0", title="Sample", digest=pin),
        target=target,
        as_of=NOW.date(),
        suite_digest=sha256(suite.canonical()),
        result=result,
        methods=(MethodVerdict(method=Method.AUTOMATED, gates=True, result=result, totals={outcome: 1}),),
        requirements=(
            RequirementResult(
                id="R-1",
                origin="sample@1.0.0",
                level=Level.SHALL,
                method=Method.AUTOMATED,
                phase=Phase.TENDER,
                text="It answers.",
                source="https://example.org/#1",
                outcome=outcome,
                verdicts=(verdict,),
            ),
        ),
    )
    record = RunRecord(
        run_id="run-1",
        started_at="2026-11-22T10:00:00Z",
        finished_at=finished_at,
        runner=runner or Runner(role=RunnerRole.LAB, name="A. Tester"),
        tool=Tool(name="conformance", version=version),
    )
    return Run(root, suite, report, record).write()
