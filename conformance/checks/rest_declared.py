"""Checks of what a target declares of single interactions, and that it keeps what it declares.

See https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.resource.
"""

from conformance.checks.exchanged import NOT_ALLOWED, NOT_FOUND
from conformance.checks.picking import listed, permitted, picked
from conformance.checks.statuses import NOT_IMPLEMENTED, SERVER_ERRORS
from conformance.fhir import capability
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, check

REFUSED = frozenset({NOT_ALLOWED, NOT_IMPLEMENTED})
GIVEN = {"vread": "a version", "history-instance": "a history", "history-type": "a history"}
"""Interactions that only read, and what a success gives."""


@check("declares-conditional")
def declares_conditional(evidence: Evidence, *, resource: str, what: capability.Conditional) -> Findings:
    """The target declares that it supports this conditional interaction with the type."""
    if not capability.is_conditional(evidence.capability_statement or {}, resource, what):
        member, _ = capability.CONDITIONAL[what]
        yield f"the target does not declare {member} for {resource} in the form that this is about ({what})"


@check("declared-interactions")
def declared_interactions(evidence: Evidence, *, interactions: list[str], resource: str) -> Findings:
    """Each of these interactions that was tried, and is declared for the type, is carried out.

    Whoever declares it may still refuse a single request for reasons of its own (4xx), but not answer that it is not
    implemented (405, 501), that there is no such thing (404, of what was just seen), or an error of its own (5xx).
    What is declared and could not be tried, since the answers do not tell which id or version there is, was not seen
    to work.
    """
    statement = evidence.capability_statement
    declared = capability.interactions(statement, resource) if statement is not None else set()
    tried = [exchange for exchange in evidence.exchanges if exchange.label in interactions]
    judged = [exchange for exchange in tried if exchange.label in declared]
    if tried and not judged:
        raise NotApplicable(
            f"the target declares none of {listed(sorted(set(interactions)), 9)} for {resource}"
        )
    if not judged:
        raise NoData(f"nothing was tried of {listed(sorted(set(interactions)), 9)}")
    worked = False
    for exchange in judged:
        status = exchange.status
        if status in REFUSED or status in SERVER_ERRORS or status == NOT_FOUND:
            yield exchange.finding(f"answered {status}, though {exchange.label} is declared for {resource}")
        elif exchange.ok:
            worked = True
        else:
            permitted(exchange)
    if not worked:
        raise NoData("the target refused each of these for reasons of its own, so that none was seen to work")
    untried = sorted((declared & set(interactions)) - {exchange.label for exchange in tried})
    if untried:
        raise NoData(
            f"{listed(untried, 9)} of {resource} could not be tried, though declared: "
            "no answer tells which version or id there is"
        )


@check("what-is-given-is-declared")
def what_is_given_is_declared(evidence: Evidence, *, resource: str) -> Findings:
    """The versions and histories that a target gives are among the interactions that it declares for the type."""
    if evidence.capability_statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    declared = capability.interactions(evidence.capability_statement, resource)
    tried = [exchange for exchange in evidence.exchanges if exchange.label in GIVEN]
    if not tried:
        raise NoData(f"nothing was tried of {listed(sorted(GIVEN), 9)}")
    for exchange in tried:
        if exchange.label in declared or not permitted(exchange).ok:
            continue
        answered = exchange.resource() or {}
        version = exchange.label == "vread" and answered.get("resourceType") == resource
        history = answered.get("resourceType") == "Bundle" and answered.get("type") == "history"
        if version or history:
            yield exchange.finding(
                f"is answered by {GIVEN[exchange.label]}, though {exchange.label} is not declared"
            )


@check("operation-works")
def operation_works(evidence: Evidence, *, label: str) -> Findings:
    """An operation that is declared is carried out: it is answered by a success, and a resource."""
    for exchange in picked(evidence, label):
        if permitted(exchange).ok and exchange.resource() is not None:
            continue
        yield exchange.finding(f"answered {exchange.status} and no result, though the operation is declared")
