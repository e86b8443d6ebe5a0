"""What a verification found: one line a step, the signers, and the verdict."""

from collections.abc import Sequence

from conformance.model.attestation import StepOutcome, Verification, VerificationStep
from conformance.model.rehearsal import Rehearsal
from conformance.views.text import clean, one_line

MARKS = {
    StepOutcome.OK: "ok  ",
    StepOutcome.WARN: "note",
    StepOutcome.FAIL: "FAIL",
    StepOutcome.SKIPPED: "--  ",
}


def text(found: Verification) -> str:
    """The steps in order, who signed, and what the report says, if it says it authentically."""
    lines = _listed(found.steps)
    if found.signers:
        lines.append("")
    for signer in found.signers:
        roles = ", ".join(signer.roles)
        lines.append(f"Signed by {clean(signer.name)} ({roles}), key {signer.keyid}")
    lines.append("")
    if not found.authentic or found.result is None or found.target is None or found.runner is None:
        return "\n".join([*lines, "NOT AUTHENTIC: nothing that this report says can be relied on."])
    product = " ".join(part for part in (found.target.product, found.target.version) if part)
    who = " ".join(part for part in (found.runner.role, found.runner.name, found.runner.organisation) if part)
    lines.append(
        f"AUTHENTIC: {found.result} for {clean(product) or 'an unnamed product'} at {found.target.endpoint}"
    )
    lines.append(f"Run by {clean(who)}. A signature proves who says it, not that it is true.")
    lines.append(f"PARTIAL: {found.partial} are here." if found.partial else _basis(found))
    return "\n".join(lines)


def rehearsal_text(steps: Sequence[VerificationStep], found: Rehearsal | None) -> str:
    """The steps in order, and what the rehearsal says; `found` is None where it is not authentic."""
    lines = [*_listed(steps), ""]
    if found is None:
        return "\n".join([*lines, "NOT AUTHENTIC: nothing that this rehearsal says can be relied on."])
    product = " ".join(part for part in (found.target.product, found.target.version) if part)
    of = f"{clean(product) or 'an unnamed product'} at {found.target.endpoint}"
    lines.append(f"AUTHENTIC: exit rehearsal {found.result.upper()} for {of}, finished {found.finished_at}")
    lines.append(
        "Nothing was recomputed: the exported files were removed, so the numbers are the signer's word."
    )
    return "\n".join(lines)


def _listed(steps: Sequence[VerificationStep]) -> list[str]:
    width = max(len(step.name) for step in steps)
    return [f"{MARKS[step.outcome]}  {step.name:<{width}}  {one_line(step.detail)}" for step in steps]


def _basis(found: Verification) -> str:
    """What the verdicts rest on, so that nobody takes a tester's word for a recomputation."""
    if not found.judged and found.on_word:
        return f"NO verdict was judged anew: all {found.on_word} rest on the tester's word, as no evidence was kept."
    said = f"{found.judged} verdicts were judged anew; {found.on_word} rest on the tester's word"
    if found.by_plugins:
        said += f", {found.by_plugins} on plugins that were not run"
    if found.by_packages:
        said += f", {found.by_packages} on FHIR packages that are not here: give them with --package"
    return f"{said}."
