"""What a verification found: one line a step, the signers, and the verdict."""

from collections.abc import Sequence

from conformance.model.attestation import StepOutcome, Verification, VerificationStep
from conformance.model.predicate import ReportPredicate
from conformance.model.rehearsal import Rehearsal
from conformance.views import wording
from conformance.views.text import clean, one_line

MARKS = {
    StepOutcome.OK: "ok  ",
    StepOutcome.WARN: "note",
    StepOutcome.FAIL: "FAIL",
    StepOutcome.SKIPPED: "--  ",
}


SAID = {
    "acknowledgement": "Acknowledged",
    "dispute": "DISPUTED",
    "supersession": "SUPERSEDED",
    "waiver": "Waived (this changes no outcome)",
}
WITHHELD = (
    "A dispute or a newer report that was withheld from you cannot be seen here:"
    " ask supplier and tester for theirs."
)


def text(found: Verification) -> str:
    """The steps in order, who signed, what else was said, and what the report says, if it says it authentically."""
    lines = _listed(found.steps)
    if found.signers:
        lines.append("")
    for signer in found.signers:
        roles = ", ".join(signer.roles)
        lines.append(f"Signed by {clean(signer.name)} ({roles}), key {signer.keyid}")
    lines.append("")
    lines += _beside(found)
    if not found.authentic or found.result is None or found.target is None or found.runner is None:
        return "\n".join([*lines, "NOT AUTHENTIC: nothing that this report says can be relied on."])
    product = " ".join(part for part in (found.target.product, found.target.version) if part)
    who = " ".join(part for part in (found.runner.role, found.runner.name, found.runner.organisation) if part)
    lines.append(
        f"AUTHENTIC: {found.result} for {clean(product) or 'an unnamed product'} at {found.target.endpoint}"
    )
    lines += [f"  {wording.method_line(method)}" for method in wording.three_methods(found.methods)]
    asked = [step for step in (*found.steps, *([found.verdict] if found.verdict else [])) if step.exit_code]
    lines += [f"NOT WHAT WAS ASKED ({step.name}): {one_line(step.detail)}." for step in asked]
    lines.append(f"Run by {clean(who)}. A signature proves who says it, not that it is true.")
    lines.append(f"PARTIAL: {found.partial} are here." if found.partial else _basis(found))
    return "\n".join(lines)


def unverified(stated: ReportPredicate, digest: str, signers: Sequence[str]) -> str:
    """What a report says of itself, for a look before anything is verified."""
    product = " ".join(part for part in (stated.target.product, stated.target.version) if part)
    run_by = " ".join(
        part for part in (stated.runner.role, stated.runner.name, stated.runner.organisation) if part
    )
    facts = [
        ("Says", f"{stated.result} for {product or 'an unnamed product'} at {stated.target.endpoint}"),
        ("Says it is", f"run {stated.report_id}, finished {stated.finished_at}, by {run_by}"),
        ("Against", f"{stated.profile.profile}@{stated.profile.version}, sha256 {stated.profile.digest}"),
        *(
            (
                f"{method.method}",
                f"{method.result} ({', '.join(f'{n} {o}' for o, n in method.totals.items())})",
            )
            for method in stated.methods
        ),
        (
            "Procurement",
            f"{stated.binding.procurement_ref or 'none named'}, nonce {stated.binding.nonce or 'none'}",
        ),
        ("Counts until", stated.valid_until or "no end stated"),
        ("Names keys", ", ".join(signers) or "none"),
        ("Payload", f"sha256 {digest}"),
    ]
    return "\n".join(f"{name:<13} {one_line(said)}" for name, said in facts)


def _beside(found: Verification) -> list[str]:
    """What was said of the report by other statements, and the limit of that."""
    lines = []
    for each in found.beside:
        counts = "" if each.counts else "; this counts for nothing"
        lines.append(f"{SAID[each.kind]}: {one_line(each.said)} [{one_line(each.by)}{counts}]")
    lines += [f"Not read: {one_line(each)}" for each in found.unread]
    if found.authentic and found.signers:
        lines += [f"{WITHHELD}", ""]
    return lines


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
