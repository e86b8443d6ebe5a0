"""A real signed run to attack, who may sign what, and what the reader finds out."""

import datetime as dt
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.catalog import built_in
from conformance.errors import KeyFileError, Unreadable
from conformance.model.attestation import Expectations, StepOutcome, Verification
from conformance.model.base import canonical, sha256
from conformance.model.dsse import Envelope, Signature, base64_text, read_envelope
from conformance.model.replies import Reply, reply_statement
from conformance.model.report import Binding, Report, Runner, RunnerRole, RunRecord
from conformance.model.suite import BoundSuite
from conformance.model.trust import Trust, TrustedKey, TrustRole
from conformance.model.trust_rules import Rule, need
from conformance.outside import trust as trust_files
from conformance.outside.bundle import bundle
from conformance.outside.folders import RunFolder
from conformance.outside.keys import KeySigner
from conformance.outside.trust import trusted_key
from conformance.session.publishing import subjects
from conformance.session.tool import this_tool
from conformance.session.verifying import Reader, check
from conformance.stages.sign import countersign, sign, statement
from conformance.stages.verify import Given

EXAMPLE = Path(__file__).resolve().parents[2] / "reports" / "example"
Change = Callable[[Any], None]


def new_key() -> KeySigner:
    return KeySigner(Ed25519PrivateKey.generate())


LAB, SUPPLIER, SELF_TEST, BUYER, BODY, STRANGER = (new_key() for _ in range(6))
ROLES = {
    LAB: (TrustRole.LAB, "Lab"),
    SUPPLIER: (TrustRole.SUPPLIER, "Maker"),
    SELF_TEST: (TrustRole.SUPPLIER_TEST, "Maker's test bench"),
    BUYER: (TrustRole.BUYER, "Buyer"),
    BODY: (TrustRole.BODY, "Body"),
}


def trusting(signer: KeySigner, **limits: Any) -> TrustedKey:
    role, name = ROLES[signer]
    return trusted_key(signer.public_pem, name, (role,), **limits)


def prepared(place: Path) -> Path:
    """A copy of the example, as a laboratory would have run and signed it for a buyer."""
    shutil.copytree(EXAMPLE, place)
    shutil.rmtree(place / "views")
    (place / "report.dsse.json").unlink()
    folder = RunFolder(place)
    record = folder.record().model_copy(
        update={
            "runner": Runner(role=RunnerRole.LAB, name="A. Tester"),
            "tool": this_tool(),
            "binding": Binding(nonce="n-1", procurement_ref="ocds-1"),
        }
    )
    folder.write("run.json", record.canonical())
    signed(folder, LAB)
    return place


def signed(folder: RunFolder, *signers: KeySigner) -> None:
    """Sign what the folder holds, as these signers would who know better."""
    for rest in folder.path.glob("*.zip"):
        rest.unlink()
    envelope = sign(statement(folder.report(), folder.record(), subjects(folder)), signers[0])
    for signer in signers[1:]:
        envelope = countersign(envelope, signer)
    folder.write("report.dsse.json", envelope.canonical())


@dataclass
class Stage:
    """The run under attack, and its reader."""

    root: Path
    keys: dict[KeySigner, TrustedKey] = field(default_factory=lambda: {key: trusting(key) for key in ROLES})
    rules: dict[str, Rule] = field(default_factory=dict)
    given: tuple[Given, ...] = ()
    received: dt.datetime | None = None
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    asked: dict[str, Any] = field(default_factory=dict)
    bundled: Path | None = None
    trust_file: Path | None = None
    authorities: tuple[str, ...] = ()

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.root)

    @property
    def envelope(self) -> Path:
        return self.root / "report.dsse.json"

    @property
    def finished(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.folder.record().finished_at)

    def rule(self, name: str, *needs: str, **more: Any) -> None:
        """The reader asks for this."""
        self.rules[name] = Rule(needs=tuple(need(text) for text in needs), **more)

    def limit(self, signer: KeySigner, **limits: Any) -> None:
        """The reader trusts this key within these limits only."""
        self.keys[signer] = trusting(signer, **limits)

    def edit(self, name: str, change: Change) -> None:
        """Change a JSON file, and sign nothing."""
        value = json.loads((self.root / name).read_bytes())
        change(value)
        (self.root / name).write_bytes(canonical(value))

    def rewrite(self, *signers: KeySigner, **changes: Change) -> None:
        """Change suite, report or run record (`run`), keep them fitting to each other, and sign them anew."""
        for name, change in changes.items():
            self.edit(f"{name}.json", change)
            kind = {"suite": BoundSuite, "report": Report, "run": RunRecord}[name]
            whole = self.root / f"{name}.json"
            whole.write_bytes(kind.read(whole.read_bytes()).canonical())
        if "suite" in changes:
            digest = sha256(self.folder.suite().canonical())
            self.edit("report.json", lambda report: report.update(suiteDigest=digest))
        signed(self.folder, *(signers or (LAB,)))

    def restate(self, change: Change, *signers: KeySigner) -> None:
        """Change the statement and sign that."""
        value = json.loads(read_envelope(self.envelope.read_bytes()).content)
        change(value)
        self.put(canonical(value), *(signers or (LAB,)))

    def put(self, payload: bytes, *signers: KeySigner, kind: str = "application/vnd.in-toto+json") -> None:
        """Put an envelope around these bytes, signed by these."""
        bare = Envelope(payload_type=kind, payload=base64_text(payload), signatures=())
        made = tuple(Signature(keyid=s.keyid, sig=base64_text(s.sign(bare.pae()))) for s in signers)
        self.envelope.write_bytes(bare.model_copy(update={"signatures": made}).canonical())

    def payload(self) -> bytes:
        return read_envelope(self.envelope.read_bytes()).content

    def reply(self, reply: Reply, signer: KeySigner, digest: str = "") -> None:
        """Somebody says something of the report, or of another one."""
        said = reply_statement(reply, digest or sha256(self.payload()))
        self.given = (*self.given, Given("reply.dsse.json", sign(said, signer).canonical()))

    def state(self, stated: Any, *signers: KeySigner) -> None:
        """Some other statement is given beside the report."""
        envelope = sign(stated, signers[0])
        for signer in signers[1:]:
            envelope = countersign(envelope, signer)
        self.given = (*self.given, Given("stated.dsse.json", envelope.canonical()))

    def bundle(self, *more: tuple[Any, bytes]) -> Path:
        """The run as one file, with further entries."""
        self.bundled = bundle(self.root, self.root.parent / "attacked.conformance.zip")
        with zipfile.ZipFile(self.bundled, "a") as archive:
            for name, data in more:
                archive.writestr(name, data, compress_type=zipfile.ZIP_DEFLATED)
        return self.bundled

    def outcome(self) -> tuple[str, int, Verification | None]:
        """The step that refuses it, the exit code, and what was found."""
        try:
            if self.trust_file:
                trust_files.load(self.trust_file)
            trust = Trust(keys=tuple(self.keys.values()), rules=self.rules, authorities=self.authorities)
            by = Reader(trust, self.given, self.received)
            found = check(self.bundled or self.root, by, self.now, Expectations(**self.asked), built_in())
        except KeyFileError as error:
            return "trust file", error.exit_code, None
        except Unreadable as error:
            return "bundle", error.exit_code, None
        done = (*found.steps, *((found.verdict,) if found.verdict else ()))
        return next((s.name for s in done if s.outcome is StepOutcome.FAIL), ""), found.exit_code, found


def copied(source: Path, place: Path) -> Path:
    """A copy that shares the bodies, which no attack changes in place."""
    return Path(shutil.copytree(source, place, copy_function=_linked, symlinks=True))


def _linked(source: str, target: str) -> None:
    if "/bodies/" in source:
        os.link(source, target)
    else:
        shutil.copyfile(source, target)
