"""Verifying a signed run, strictly and in a fixed order; whatever can be judged again is judged again.

A signature proves who said something, not that it is true. So the steps go from the bytes (is this the
envelope, who signed it, are these the files) to the substance (do the files bear the report out), and every
step is listed whether or not it was reached.
"""

import datetime as dt
from collections.abc import Callable

from conformance.model.attestation import (
    Expectations,
    Files,
    Recomputation,
    Verification,
    Verified,
)
from conformance.model.trust import Trust
from conformance.stages.verify.authorship import check_keys, check_signatures, open_envelope, read_statement
from conformance.stages.verify.contents import check_files
from conformance.stages.verify.demands import check_expectations, check_times
from conformance.stages.verify.steps import STEPS, Refused, Steps
from conformance.stages.verify.substance import Published, check_binding, check_profile, check_recomputation

__all__ = ["ASK_PASSED", "STEPS", "verify"]


ASK_PASSED = Expectations()
"""What is expected where the reader says nothing else: an authentic report, and a pass."""


def verify(  # noqa: PLR0913 - what a reader may bring
    envelope: bytes | None,
    files: Files,
    trust: Trust,
    now: dt.datetime,
    *,
    recompute: Callable[[], Recomputation],
    expectations: Expectations = ASK_PASSED,
    published: Published | None = None,
) -> Verification:
    """Whether a trusted signer signed this run, its files are all there and unchanged, and the verdicts hold.

    `envelope` is None where the run is not signed. `recompute` judges the evidence again, from the files that
    have by then been checked; a ConformanceError from it means that the evidence cannot be judged here. `published`
    knows the profiles that come with this harness.
    """
    done = Steps()
    try:
        opened = open_envelope(envelope, done)
        signed = check_signatures(opened, trust, done)
        statement, stated = read_statement(opened, done)
        signers = check_keys(signed, stated, now, done)
        contents = check_files(statement, files, done)
    except Refused:
        return Verification(steps=done.in_order(), exit_code=done.exit_code)
    check_profile(stated, contents, published, done)
    again = check_recomputation(contents, recompute, stated, done)
    check_binding(stated, contents, signers, done)
    check_times(stated, now, done)
    check_expectations(stated, expectations, now, done)
    if not done.authentic:
        return Verification(steps=done.in_order(), exit_code=done.exit_code)
    known = Verification(
        steps=done.in_order(),
        exit_code=done.exit_code,
        signers=signers,
        result=stated.result,
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
