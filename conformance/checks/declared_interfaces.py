"""Checks that the interfaces which the exit plan declares are there: a sandbox like production, and functions."""

from typing import Any

from conformance.checks.exit_plan_reading import quoted, read_plan, says_something
from conformance.checks.picking import listed
from conformance.fhir.capability import interactions, operations, resources
from conformance.plugin import Evidence, Findings, Json, NoData, NotJudgeable, check


@check("sandbox-like-production")
def sandbox_like_production(evidence: Evidence) -> Findings:
    """The sandbox that the plan names answers anybody, in the version of production and with the same interactions."""
    plan = read_plan(evidence)
    stated = {name: plan.one(f"export.environments.{name}") for name in ("production", "sandbox")}
    for name, url in stated.items():
        if not says_something(url):
            yield plan.finding(f"names no {name} (export.environments.{name})")
            return
    if str(stated["production"]).rstrip("/") == str(stated["sandbox"]).rstrip("/"):
        yield plan.finding(
            f"names the same address as sandbox and as production, {quoted(stated['sandbox'])}"
        )
        return
    answers = {answer.about.get("kind", ""): answer for answer in evidence.labelled("environment")}
    statements: dict[str, dict[str, Any]] = {}
    for name in stated:
        answer = answers.get(name)
        if answer is None or answer.failure:
            raise NotJudgeable(
                f"the {name} could not be asked: {answer.failure if answer else 'its address is none'}"
            )
        statement = answer.resource("CapabilityStatement") if answer.ok else None
        if statement is None:
            yield answer.finding(f"({name}) answered {answer.status} and no CapabilityStatement")
            return
        statements[name] = statement
    sandbox = answers["sandbox"]
    for what, value in _versions(statements["production"]).items():
        other = _versions(statements["sandbox"])[what]
        if value != other:
            yield sandbox.finding(
                f"(sandbox) states {quoted(other)} as {what}, but production {quoted(value)}"
            )
    lacking = sorted(_offered(statements["production"]) - _offered(statements["sandbox"]))
    if lacking:
        yield sandbox.finding(f"(sandbox) does not offer what production does: {listed(lacking)}")


@check("functions-available")
def functions_available(evidence: Evidence, *, required: str = "") -> Findings:
    """Each function that the plan lists has an interaction that is declared, and works where trying changes nothing.

    `required` names functions that the buyer wants to see in the list, separated by commas.
    """
    plan = read_plan(evidence)
    functions = plan.rows("export.functions")
    if not functions:
        yield plan.finding("lists no functions of the product with their interactions (export.functions)")
    names = {str(row.get("name", "")).strip().lower() for _, row in functions}
    for wanted in filter(None, (word.strip() for word in required.split(","))):
        if wanted.lower() not in names:
            yield plan.finding(f"does not list the function {quoted(wanted)}, which the buyer asks for")
    answer = next(iter(evidence.labelled("metadata")), None)
    statement = answer.resource("CapabilityStatement") if answer is not None and answer.ok else None
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    for place, row in functions:
        if problem := _not_offered(statement, row):
            yield plan.finding(f"lists the function {quoted(row.get('name'))}, {problem} ({place})")
    for tried in evidence.labelled("function"):
        if not tried.ok and not tried.failure:
            number = tried.about.get("number", "")
            name = (
                functions[int(number)][1].get("name")
                if number.isdecimal() and int(number) < len(functions)
                else ""
            )
            yield tried.finding(f"answered {tried.status}, though the plan says that it does {quoted(name)}")


def _versions(statement: dict[str, Any]) -> dict[str, Json]:
    software = statement.get("software")
    version = software.get("version") if isinstance(software, dict) else None
    return {"software.version": version, "fhirVersion": statement.get("fhirVersion")}


def _offered(statement: dict[str, Any]) -> set[str]:
    kinds = {entry["type"] for entry in resources(statement)}
    one_by_one = {f"{kind} {code}" for kind in kinds for code in interactions(statement, kind)}
    return one_by_one | {f"${name}" for name in operations(statement)}


def _not_offered(statement: dict[str, Any], row: dict[str, Any]) -> str:
    """Why the interaction of a function is not to be had, as the rest of a sentence; empty where it is declared."""
    how, kind = row.get("interaction"), row.get("resourceType")
    if not isinstance(how, str) or not how.strip():
        return "for which the interface has no interaction"
    place = kind if isinstance(kind, str) else ""
    if how.startswith("$"):
        declared = how[1:] in operations(statement, place)
    elif place:
        declared = how in interactions(statement, place)
    else:
        declared = how in interactions(statement)
    return "" if declared else f"whose interaction {quoted(how)} is not declared for {place or 'the system'}"
