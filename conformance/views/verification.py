"""What a verification found: one line a step, the signers, and the verdict."""

from conformance.model.attestation import StepOutcome, Verification
from conformance.views.text import clean, one_line

MARKS = {
    StepOutcome.OK: "ok  ",
    StepOutcome.WARN: "note",
    StepOutcome.FAIL: "FAIL",
    StepOutcome.SKIPPED: "--  ",
}


def text(found: Verification) -> str:
    """The steps in order, who signed, and what the report says, if it says it authentically."""
    width = max(len(step.name) for step in found.steps)
    lines = [f"{MARKS[step.outcome]}  {step.name:<{width}}  {one_line(step.detail)}" for step in found.steps]
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
