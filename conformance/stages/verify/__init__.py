"""Verifying a signed run, strictly and in a fixed order; whatever can be judged again is judged again.

A signature proves who said something, not that it is true. So the steps go from the bytes (is this the
envelope, who signed it, are these the files) to the substance (do the files bear the report out), and every
step is listed whether or not it was reached.
"""

import datetime as dt

from conformance.model.attestation import (
    Expectations,
    Files,
    Verification,
    Verified,
)
from conformance.model.base import sha256
from conformance.model.trust import Trust
from conformance.model.trust_rules import REPORT_RULE
from conformance.stages.verify.authorship import (
    authors,
    check_keys,
    check_signatures,
    open_envelope,
    read_statement,
)
from conformance.stages.verify.beside import Given, hear, waived
from conformance.stages.verify.brought import NOTHING, Brought, Recompute
from conformance.stages.verify.contents import check_files
from conformance.stages.verify.demands import check_asked, check_times, check_verdict
from conformance.stages.verify.profile import check_profile
from conformance.stages.verify.signed import When
from conformance.stages.verify.steps import STEPS, Refused, Steps
from conformance.stages.verify.substance import check_binding, check_recomputation

__all__ = ["ASK_PASSED", "STEPS", "Brought", "Given", "verify"]


ASK_PASSED = Expectations()
"""What is expected where the reader says nothing else: an authentic report, and a pass."""


def verify(  # noqa: PLR0913 - what a reader may bring
    envelope: bytes | None,
    files: Files,
    trust: Trust,
    now: dt.datetime,
    *,
    recompute: Recompute,
    expectations: Expectations = ASK_PASSED,
    brought: Brought = NOTHING,
) -> Verification:
    """Whether a trusted signer signed this run, its files are all there and unchanged, and the verdicts hold.

    `envelope` is None where the run is not signed. `recompute` judges the evidence again, from the files that
    have by then been checked; a ConformanceError from it means that the evidence cannot be judged here.
    """
    done, when = Steps(), When(now, brought.received, brought.stamped)
    try:
        opened = open_envelope(envelope, done)
        signed = check_signatures(opened, trust, done)
        statement, stated = read_statement(opened, done)
        digest = sha256(opened.content)
        answering = authors(signed, stated)
        heard = hear(brought.given, files, statement, digest, answering, trust, when)
        signers = check_keys(signed, stated, when, trust, heard, done)
        contents = check_files(statement, files, heard.files, done)
    except Refused:
        return Verification(steps=done.in_order(), verdict=done.verdict, exit_code=done.exit_code)
    check_profile(stated, contents, brought.published, heard.releases, trust, done)
    again = check_recomputation(contents, recompute, stated, brought.tool, done)
    check_binding(stated, contents, signers, done)
    check_asked(stated, expectations, done)
    check_times(stated, expectations, trust.rule(REPORT_RULE), when, done)
    if not done.authentic:
        return Verification(steps=done.in_order(), verdict=done.verdict, exit_code=done.exit_code)
    check_verdict(stated, expectations, heard.superseded, done)
    known = Verification(
        steps=done.in_order(),
        verdict=done.verdict,
        exit_code=done.exit_code,
        beside=(*heard.said, *waived(stated, files, trust, when)),
        unread=(*heard.unread, *brought.unread),
        signers=signers,
        result=stated.result,
        methods=stated.methods,
        runner=stated.runner,
        target=stated.target,
    )
    if again is None:
        return known
    verified = Verified(
        statement=statement,
        predicate=stated,
        report=contents.report,
        record=contents.record,
        signers=signers,
        steps=known.steps,
    )
    members = ("judged", "on_word", "by_plugins", "by_packages")
    counts = {name: getattr(again, name) for name in members}
    return known.model_copy(update={**counts, "verified": verified})
