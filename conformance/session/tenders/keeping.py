"""Keeping runs to a tender pack: before one begins, and when its report is verified."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.errors import ConformanceError, Unreadable, UsageError
from conformance.model.attestation import (
    EXIT_DEMANDS_NOT_MET,
    StepOutcome,
    Verification,
    VerificationStep,
    Verified,
)
from conformance.model.base import sha256
from conformance.model.profile import Profile
from conformance.model.report import Runner, RunnerRole
from conformance.model.suite import BoundSuite, Suite
from conformance.model.target import TargetCard
from conformance.model.tender import TENDER_FILE, Misfit
from conformance.model.trust import Trust
from conformance.outside.stored_run import opened
from conformance.session.packages import packages_for
from conformance.session.tenders.reading import Pack, carried_pack
from conformance.session.tool import this_tool
from conformance.stages.fit import Measured, fit

STEP = "tender"
FOR_THE_BUYER = frozenset({RunnerRole.BUYER, RunnerRole.LAB, RunnerRole.BODY})
"""Who may set a limit that says something about the purchase without a pack that sets it."""


class OutsideTender(UsageError):
    """A run or report that is not what the tender pack fixes."""


def settled(
    pack: Pack,
    suite: Suite,
    packages: Sequence[str],
    target: TargetCard,
    runner: Runner,
    as_of: dt.date,
) -> dict[str, Any]:
    """The limits that the buyer set, for a run of this suite with these sources of packages that is about to begin.

    Raises OutsideTender, with every item that differs, where the run would not count.
    """
    now = dt.datetime.now(dt.UTC).isoformat()
    profile = suite.profile
    overrides = _overrides(pack, profile)
    planned = Measured(
        profile=profile,
        templates=suite.templates,
        parameters={name: p.default for name, p in profile.parameters.items()} | overrides,
        overrides=tuple(overrides),
        only=(),
        packages=packages_for(profile.packages, packages, profile.fhir_version).pins,
        as_of=as_of,
        target=target,
        role=runner.role,
        tool=this_tool(),
        started=now,
        finished=now,
    )
    if misfits := fit(pack.tender, planned):
        told = "\n".join(f"  {misfit}" for misfit in misfits)
        raise OutsideTender(
            f"the run would not be what the tender {pack.tender.reference} asks for:\n{told}",
            hint="Nothing was sent. Install the version of the harness that the pack names, or mend what is named.",
        )
    return overrides


def _overrides(pack: Pack, profile: Profile) -> dict[str, Any]:
    """The limits that the buyer set for this profile. Raises OutsideTender where it is not in the pack, or another."""
    wanted = pack.tender.named(profile.profile)
    known = ", ".join(one.label for one in pack.tender.profiles)
    if wanted is None:
        raise OutsideTender(f"the tender measures bids against {known}, not against {profile.profile}")
    if (profile.version, sha256(profile.canonical())) != (wanted.version, wanted.digest):
        raise OutsideTender(
            f"the profile {profile.label} here is not the one of the tender, {wanted.label}, sha256 {wanted.digest}",
            hint=f"Install {pack.tender.tool.name} {pack.tender.tool.version}, or get the very profile from the buyer.",
        )
    return {name: wanted.parameters[name] for name in wanted.overrides}


def held(found: Verification, run: Path, pack: Pack | None, trust: Trust, now: dt.datetime) -> Verification:
    """The verification with one step more: whether the report fits the pack; exit code 3 where it does not.

    Where no pack is given, a limit that only the buyer may set is refused in a test of the supplier's own.
    """
    if found.verified is None:
        if pack is None or not found.authentic:
            return found
        return _with(
            found, StepOutcome.FAIL, "only a whole run that was judged anew can be held against a pack"
        )
    suite, carried = kept(run, found.verified, trust, now)
    if pack is None:
        return _without_pack(found, found.verified, suite, carried)
    misfits = (*_binding(pack, carried, found.verified), *fit(pack.tender, measured(found.verified, suite)))
    if misfits:
        return _with(found, StepOutcome.FAIL, "does not fit: " + "; ".join(str(one) for one in misfits))
    who = ", ".join(pack.signers.names)
    return _with(found, StepOutcome.OK, f"fits the pack of {pack.tender.reference}, signed by {who}")


def measured(verified: Verified, suite: BoundSuite) -> Measured:
    """A verified run in what a pack fixes."""
    record = verified.record
    return Measured(
        profile=suite.profile,
        templates=suite.templates,
        parameters=suite.parameters,
        overrides=suite.overrides,
        only=suite.only,
        packages=suite.packages,
        as_of=suite.as_of,
        target=suite.target,
        role=record.runner.role,
        tool=record.tool,
        started=record.started_at,
        finished=record.finished_at,
        waived=tuple(result.id for result in verified.report.requirements if result.waiver),
    )


def buyers_own(suite: BoundSuite, role: RunnerRole) -> tuple[str, ...]:
    """The limits about the purchase that somebody set who does not test for the buyer."""
    parameters: Mapping[str, Any] = suite.profile.parameters
    if role in FOR_THE_BUYER:
        return ()
    return tuple(name for name in suite.overrides if name in parameters and parameters[name].buyer_only)


def _binding(pack: Pack, carried: Pack | None, verified: Verified) -> list[Misfit]:
    stated, wanted = verified.predicate.binding, pack.tender.binding
    pairs = (
        ("tender pack (SHA-256)", "" if carried is None else carried.digest, pack.digest),
        ("nonce", stated.nonce, wanted.nonce),
        ("procurement", stated.procurement_ref, wanted.procurement_ref),
    )
    return [Misfit(item=item, has=has, wants=wants) for item, has, wants in pairs if has != wants]


def _without_pack(
    found: Verification, verified: Verified, suite: BoundSuite, carried: Pack | None
) -> Verification:
    own = buyers_own(suite, verified.record.runner.role)
    if own:
        said = (
            f"only a buyer's run or a tender pack (--tender) may set what says something about the purchase; this one, "
            f"by {verified.record.runner.role}, sets {', '.join(own)}"
        )
        return _with(found, StepOutcome.FAIL, said)
    if carried is None:
        return _with(
            found, StepOutcome.SKIPPED, "no tender pack is asked for, and the run was made under none"
        )
    said = f"made under the pack of {carried.tender.reference}, with which it was not compared: give it with --tender"
    return _with(found, StepOutcome.WARN, said)


def kept(run: Path, verified: Verified, trust: Trust, now: dt.datetime) -> tuple[BoundSuite, Pack | None]:
    """The suite and the pack of a run, from the bytes that were verified. Raises Unreadable."""
    with opened(run) as folder:
        suite = folder.suite()
        try:
            carried = carried_pack(folder, trust, now)
        except ConformanceError as error:
            raise Unreadable(f"{run}: {error.message}") from None
    if sha256(suite.canonical()) != verified.report.suite_digest:
        raise Unreadable(f"{run} changed while it was being verified", hint="Verify it again.")
    signed = {subject.name: subject.digests.get("sha256") for subject in verified.statement.subject}
    if carried is not None and signed.get(TENDER_FILE) != sha256(carried.data):
        raise Unreadable(f"{run} changed while it was being verified", hint="Verify it again.")
    return suite, carried


def _with(found: Verification, outcome: StepOutcome, detail: str) -> Verification:
    failed = outcome is StepOutcome.FAIL
    code = EXIT_DEMANDS_NOT_MET if failed else 0
    step = VerificationStep(name=STEP, outcome=outcome, detail=detail, exit_code=code)
    return found.model_copy(update={"steps": (*found.steps, step), "exit_code": found.exit_code or code})
