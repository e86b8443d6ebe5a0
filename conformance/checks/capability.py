"""Checks of what a target declares (https://hl7.org/fhir/R4/capabilitystatement.html), also as gates of tests."""

from collections.abc import Sequence

from conformance.checks.picking import alternatives, one, permitted, picked, quoted
from conformance.checks.results_links import states
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.fhir import capability
from conformance.fhir.bundles import matches
from conformance.fhir.elements import values
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

REQUIRED = ("status", "date", "kind", "fhirVersion", "format")
"""The elements that every CapabilityStatement has."""

NOT_FOUND = 404
KINDS = ("instance", "capability", "requirements")


@check("declares")
def declares(  # noqa: PLR0913 - a statement declares this many kinds of things
    evidence: Evidence,
    *,
    resource: str = "",
    interaction: str | list[str] = "",
    operation: str = "",
    search: str | list[str] = "",
    include: str = "",
    rev_include: str = "",
) -> Findings:
    """The target's capability statement declares all this: for the resource type, or else for the whole system.

    An operation goes by its name without `$` or by the last part of its definition's URL; without a resource type
    it may be declared anywhere. `include` and `rev_include` are values of _include and _revinclude; one that names no
    type of target, and `*`, stand for all that are narrower.
    """
    statement = evidence.capability_statement
    if statement is None:
        yield "the target gives no capability statement at /metadata"
        return
    what = resource or "the system"
    if resource and not capability.resources(statement, resource):
        yield f"the target does not declare {resource}"
        return
    for name in _listed(interaction):
        if name not in capability.interactions(statement, resource):
            yield f"the target does not declare the interaction {name} for {what}"
    for name in _listed(search):
        if name not in capability.search_parameters(statement, resource):
            yield f"the target does not declare the search parameter {name} for {what}"
    if operation and operation not in capability.operations(statement, resource):
        yield f"the target does not declare the operation ${operation} for {what}"
    for value, reverse in ((include, False), (rev_include, True)):
        wider = {"*", value, ":".join(value.split(":")[:2])}
        if value and wider.isdisjoint(capability.includes(statement, resource, reverse=reverse)):
            name = "_revinclude" if reverse else "_include"
            yield f"the target does not declare {name}={value} for {what}"


@check("declares-as-client")
def declares_as_client(evidence: Evidence, *, resource: str, interaction: str | list[str]) -> Findings:
    """The capability statement says what the product does as a client of others: these interactions with the type."""
    exchange = one(evidence, "metadata")
    statement = exchange.resource("CapabilityStatement") if permitted(exchange).ok else None
    if statement is None:
        raise NotJudgeable(f"{exchange} answered {exchange.status} and no CapabilityStatement")
    rest = statement.get("rest")
    clients = [each for each in rest if isinstance(each, dict)] if isinstance(rest, list) else []
    declared = {
        code
        for each in clients
        if each.get("mode") == "client"
        for held in values(each, "resource")
        if isinstance(held, dict) and held.get("type") == resource
        for code in values(held, "interaction.code")
        if isinstance(code, str)
    }
    lacking = [code for code in _listed(interaction) if code not in declared]
    if lacking:
        yield exchange.finding(f"does not declare as a client {', '.join(lacking)} of {resource}")


@check("capability-statement")
def capability_statement(evidence: Evidence, *, label: str = "") -> Findings:
    """The answer is a CapabilityStatement with the elements that every one has, and describes a server."""
    for exchange in picked(evidence, label):
        statement = exchange.resource("CapabilityStatement") if exchange.ok else None
        if statement is None:
            yield exchange.finding(f"answered {exchange.status} and no CapabilityStatement in JSON")
            continue
        for name in REQUIRED:
            if not statement.get(name):
                yield exchange.finding(f"answers a CapabilityStatement without {name}")
        if statement.get("kind") and statement["kind"] not in KINDS:
            yield exchange.finding(f"states the kind {quoted(statement['kind'])}, not {alternatives(KINDS)}")
        if not capability.servers(statement):
            yield exchange.finding("answers a CapabilityStatement that describes no server (rest.mode)")
        for lacking in sorted(capability.lacking(statement)):
            yield exchange.finding(f"answers a CapabilityStatement with {lacking}")


@check("fhir-version")
def fhir_version(evidence: Evidence, *, version: str | list[str], label: str = "") -> Findings:
    """The capability statement is for one of these versions of FHIR; `4.0` stands for all its corrections."""
    wanted = _listed(version)
    for exchange in picked(evidence, label):
        statement = exchange.resource("CapabilityStatement") if exchange.ok else None
        if statement is None:
            raise NoData("the target gives no capability statement")
        stated = statement.get("fhirVersion")
        if not isinstance(stated, str):
            raise NoData("the capability statement states no fhirVersion")
        if not any(stated == name or stated.startswith(f"{name}.") for name in wanted):
            yield exchange.finding(f"states FHIR version {quoted(stated)}, not {alternatives(wanted)}")


@check("declared-searches")
def declared_searches(evidence: Evidence) -> Findings:
    """Each search parameter that the target declares can be used: a search by a valid value succeeds.

    A value that the server does not know (a code, a resource) may be refused, so that only a server error shows
    the fault there. Whether a search that nothing matches may answer 404 is the matter of `no-matches`; a server that
    answers some of them by an empty Bundle means something else by 404. Nor is a parameter used that the self link of a
    search leaves out, though those of other searches state theirs.
    """
    if evidence.exchanges and not evidence.labelled("declared"):
        raise NotApplicable(
            "the target declares no search parameter here for which a well-formed value is known"
        )
    judged = False
    tells_empty = any(_is_empty(exchange) for exchange in evidence.labelled("declared"))
    for exchange in picked(evidence, "declared"):
        name = exchange.about.get("parameter", "?")
        refused = permitted(exchange).status in CLIENT_ERRORS
        none_or_no_such = exchange.status == NOT_FOUND and not tells_empty
        if none_or_no_such or (refused and exchange.about.get("value") == "unknown"):
            continue
        judged = True
        if not exchange.ok:
            yield exchange.finding(
                f"answered {exchange.status}, though the search parameter {name} is declared"
            )
        elif exchange.resource("Bundle") is None:
            yield exchange.finding(f"answered no Bundle, though the search parameter {name} is declared")
    yield from _left_out(evidence.labelled("declared"))
    if not judged and any(exchange.status == NOT_FOUND for exchange in evidence.labelled("declared")):
        raise NoData("no search here succeeded: each answered 404, or was refused for its value")
    if not judged:
        raise NotApplicable("each search here was refused for a value that the server need not know")


def _left_out(searches: Sequence[Exchange]) -> Findings:
    """Searches whose self link does not state what was asked for, as others do."""
    found = [(exchange, exchange.resource("Bundle")) for exchange in searches if exchange.ok]
    said = [
        (
            exchange,
            [name for name in exchange.about.get("parameter", "").split("+") if not states(bundle, name)],
        )
        for exchange, bundle in found
        if bundle is not None
    ]
    if all(missing for _, missing in said):
        return
    for exchange, missing in said:
        if missing:
            yield exchange.finding(
                f"does not state in its self link that {missing[0]} was used, though that is declared"
            )


def _is_empty(exchange: Exchange) -> bool:
    bundle = exchange.resource("Bundle") if exchange.ok else None
    return bundle is not None and not matches(bundle)


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []
