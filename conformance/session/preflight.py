"""Before anything else is tested: can this target be tested at all? Most trouble is configuration."""

from conformance.errors import TargetError
from conformance.model.evidence import Exchange, StepEvidence
from conformance.model.profile import Discovery
from conformance.model.target import Target

UNAUTHORISED = (401, 403)
UNREACHED = "Check the address, the network, and `tls` and `proxy` in the target file."


def refuse_untestable(discovery: StepEvidence, target: Target, kind: Discovery = Discovery.FHIR) -> None:
    """Raise TargetError, with what was seen and how to mend it, where there is nothing to begin with.

    That is a CapabilityStatement, or any answer where a description is looked for: to have none is a finding.
    """
    if discovery.crash:
        raise TargetError(f"the target could not be asked: {discovery.crash}")
    if kind is Discovery.OPENAPI:
        if not any(exchange.status for exchange in discovery.exchanges):
            failures = [exchange.failure for exchange in discovery.exchanges] or ["nothing was sent"]
            raise TargetError(f"{target.endpoint} cannot be tested: {failures[-1]}", hint=UNREACHED)
        return
    answers = [*discovery.labelled("metadata-anonymous"), *discovery.labelled("metadata")]
    if not answers:
        raise TargetError(f"{target.endpoint} was not asked for its CapabilityStatement")
    answer = answers[-1]
    problem, hint = trouble(answer, target)
    if problem:
        raise TargetError(f"{target.endpoint} cannot be tested: {problem}", hint=hint)


def trouble(answer: Exchange, target: Target) -> tuple[str, str]:
    """What is wrong with the answer to GET [base]/metadata and how to mend it; empty where it can be worked with."""
    if answer.failure:
        return answer.failure, UNREACHED
    if answer.status in UNAUTHORISED:
        return (
            f"{answer} answered {answer.status}",
            f"Check `auth` in the target file (now: {target.auth.kind}), and that the credentials are valid.",
        )
    if not answer.ok:
        return (
            f"{answer} answered {answer.status}",
            "Is the endpoint the FHIR base URL? [endpoint]/metadata must give the CapabilityStatement.",
        )
    if answer.resource("CapabilityStatement") is None:
        kind = answer.media_type or "no stated type"
        why = answer.json_problem() or "it is JSON, but no CapabilityStatement"
        return (
            f"{answer} answered {answer.status} with {kind}, which is no CapabilityStatement ({why})",
            "Is the endpoint the FHIR base URL, and not a web page or a login form?",
        )
    return "", ""
