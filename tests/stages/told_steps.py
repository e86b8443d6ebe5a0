"""What an honest run is told as, step by step, to hold other runs against, and whose keys there are."""

import datetime as dt

from signed_run import NOW, new_key, trusting

from conformance.model.attestation import Statement, StepOutcome, Verification
from conformance.model.base import sha256
from conformance.model.dsse import Envelope, Signature, base64_text
from conformance.model.trust import TrustedKey, TrustRole
from conformance.stages.sign import countersign, sign
from conformance.stages.verify import STEPS

OK, WARN, FAIL, SKIPPED = StepOutcome.OK, StepOutcome.WARN, StepOutcome.FAIL, StepOutcome.SKIPPED
KIND = "application/vnd.in-toto+json"
UNKNOWN_PROFILE = (
    "no profile sample comes with this harness and nobody whom you trust released it: "
    "compare the digest with your publisher's"
)

LAB, BUYER, MAKER, BENCH, BODY, OTHER_BODY, STRANGER = (new_key() for _ in range(7))
KEY = trusting(LAB)
BOTH = (TrustRole.LAB, TrustRole.SUPPLIER_TEST)
TRUSTED = (
    KEY,
    trusting(BUYER, TrustRole.BUYER, name="Buyer"),
    trusting(MAKER, TrustRole.SUPPLIER, name="Maker"),
    trusting(BENCH, *BOTH, name="Bench"),
    trusting(BODY, TrustRole.BODY, name="Body"),
    trusting(OTHER_BODY, TrustRole.BODY, name="Other body"),
)
DAY, TODAY = dt.timedelta(days=1), NOW.date()
AT = "2026-11-22T11:30:00Z"


def wrapped(payload: bytes, *signers, kind: str = KIND) -> bytes:
    """An envelope around any bytes, which these signed."""
    bare = Envelope(payload_type=kind, payload=base64_text(payload), signatures=())
    made = tuple(Signature(keyid=s.keyid, sig=base64_text(s.sign(bare.pae()))) for s in signers)
    return bare.model_copy(update={"signatures": made}).canonical()


def signed_by_all(stated: Statement, *signers) -> bytes:
    if not signers:
        return wrapped(stated.canonical())
    envelope = sign(stated, signers[0])
    for signer in signers[1:]:
        envelope = countersign(envelope, signer)
    return envelope.canonical()


def told(found: Verification) -> dict[str, tuple[StepOutcome, int, str]]:
    """Each step and the verdict: what it came to, its exit code, and what is said."""
    return {s.name: (s.outcome, s.exit_code, s.detail) for s in (*found.steps, found.verdict)}


def profile_said(run, *more: str) -> str:
    """What is said of the run's profile, and these further things."""
    return "; ".join((f"sample@1.0.0, sha256 {sha256(run.suite.profile.canonical())}", *more))


def honest(run, data: bytes, key: TrustedKey) -> dict[str, tuple[StepOutcome, int, str]]:
    """What the small run is told as that this key alone signed, where nothing is wrong with it."""
    result = run.report.result
    return {
        "envelope": (OK, 0, f"{len(data)} bytes of strict JSON, payload type {KIND}"),
        "signatures": (OK, 0, f"signed by {key.name} ({key.id}); {key.name} as {', '.join(key.roles)}"),
        "statement": (OK, 0, "in-toto Statement v1, conformance report v1, run run-1"),
        "files": (OK, 0, "5 files, all as they were signed"),
        "profile": (WARN, 0, profile_said(run, UNKNOWN_PROFILE)),
        "evidence": (OK, 0, "1 exchanges and documents are what the verdicts rest on"),
        "recomputation": (
            OK,
            0,
            "1 verdicts recomputed from the evidence, none resting on the tester's word",
        ),
        "binding": (
            OK,
            0,
            "statement, report, suite and run record agree; run by independent-lab (A. Tester)",
        ),
        "times": (OK, 0, "finished at 2026-11-22T11:00:00Z, no end of validity stated"),
        "verdict": (OK, 0, f"the result is {result}, and passed is asked"),
    }


def refused_at(name: str, said: str, before: dict, code: int = 1) -> dict:
    """The same run where this step failed and nothing after it was reached."""
    place = STEPS.index(name)
    reached = {each: before[each] for each in STEPS[:place]}
    rest = (SKIPPED, 0, f"not reached, since the step `{name}` failed")
    return {
        **reached,
        name: (FAIL, code, said),
        **dict.fromkeys((*STEPS[place + 1 :], "verdict"), rest),
    }


def says_nothing(found: Verification) -> bool:
    """Whether nothing but its steps is told of a report, as where it is not authentic."""
    bare = Verification(steps=found.steps, verdict=found.verdict, exit_code=found.exit_code)
    return found == bare and found.verified is None
