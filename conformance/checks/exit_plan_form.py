"""Checks of an exit plan's form beyond its schema: addresses that lead somewhere, references that are of use."""

import re

from conformance.checks.exit_plan_reading import everything, quoted, read_plan, says_something
from conformance.checks.exit_plan_words import host_of, is_digest, is_reserved
from conformance.fhir.definitions import r4
from conformance.plugin import Evidence, Findings, check

_ADDRESS = re.compile(r"(?:^|\.)(?:url|[a-zA-Z]+Url|origins\[\d+\])$")


@check("exit-plan-addresses")
def exit_plan_addresses(evidence: Evidence) -> Findings:
    """Each address in the plan names a host, and none that is reserved for examples (RFC 2606)."""
    plan = read_plan(evidence)
    tested = host_of(evidence.target.endpoint)
    for place, url in everything(plan.value):
        if not isinstance(url, str) or not _ADDRESS.search(place):
            continue
        host = host_of(url)
        if not host:
            yield plan.finding(f"gives {quoted(url)} at {place}, which names no host")
        elif is_reserved(host) and host != tested:
            yield plan.finding(f"gives {quoted(url)} at {place}, whose host is reserved for examples")


@check("exit-plan-inventory")
def exit_plan_inventory(evidence: Evidence) -> Findings:
    """The inventory names formats that the plan lists, and resource types that FHIR R4 has."""
    plan = read_plan(evidence)
    formats = [value for _, value in plan.at("export.formats.*.id")]
    for place, row in plan.rows("dataInventory"):
        if row.get("exportable") is True and row.get("format") not in formats:
            yield plan.finding(
                f"names the format {quoted(row.get('format'))} at {place}.format, which export.formats does not list"
            )
    for place, value in plan.at("dataInventory.*.resourceTypes.*"):
        if not isinstance(value, str) or not _is_resource(value):
            yield plan.finding(f"names {quoted(value)} at {place}, which is no resource type of FHIR R4")


@check("exit-plan-clause")
def exit_plan_clause(evidence: Evidence, *, path: str) -> Findings:
    """The plan refers at this path to a clause of a document, whose content it pins by SHA-256."""
    plan = read_plan(evidence)
    found = plan.at(path)
    if not found:
        yield plan.finding(f"refers to no clause at {path}")
    for place, value in found:
        clause = value if isinstance(value, dict) else {}
        for name in ("document", "clause"):
            if not says_something(clause.get(name)):
                yield plan.finding(f"states no {name} at {place}")
        if not is_digest(clause.get("sha256")):
            yield plan.finding(f"states no SHA-256 of the document at {place}.sha256")


@check("exit-plan-lists")
def exit_plan_lists(evidence: Evidence, *, path: str) -> Findings:
    """The plan has a list at this path, each of whose items says something. An empty one says that there are none."""
    plan = read_plan(evidence)
    if not isinstance(plan.one(path), list):
        yield plan.finding(f"has no list at {path} (an empty list says that there are none)")
    for place, value in plan.at(f"{path}.*"):
        if not says_something(value):
            yield plan.finding(f"says nothing at {place}")


def _is_resource(name: str) -> bool:
    found = r4().type(name)
    return found is not None and found.kind == "resource" and not found.abstract
