"""The check that documents and images whose content lies elsewhere can be had, or that a way to them is named."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.analysis.export import output_files
from conformance.analysis.facts import facts_of, resources
from conformance.checks.exit_plan_reading import read_plan, says_something
from conformance.checks.export_reading import job
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed
from conformance.fhir.references import named, named_at
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, check

LINKED = ("DocumentReference", "ImagingStudy", "Media")
"""Types whose content often lies in another system than the record."""
NO_WEB_ADDRESS = re.compile(r"(?!https?:)[A-Za-z][A-Za-z0-9+.\-]*:|\\\\|//|#")
"""What begins so leads to a share, a drive or a scheme of the supplier's own, which only its own software follows."""

REFUSED = frozenset({401, 403})


@check("linked-content-reachable")
def linked_content_reachable(evidence: Evidence) -> Findings:
    """The content of each exported document, image and imaging study is exported, can be fetched, or has a named route.

    A document's attachment has data, or a URL that leads to an exported Binary or did not answer with an error when it
    was fetched, as a sample of them is. An imaging study names an endpoint that is exported with its address. Where
    that is not so, the exit plan's inventory has a row for the type that says how its content is had
    (`retrievalRoute`).
    """
    _, answer = whole_export(evidence)
    routes = _routes(evidence)
    failed = _failed(evidence)
    endpoints = {*_endpoints(evidence)}
    lost: dict[str, list[str]] = {}
    seen = 0
    for file in output_files(job(evidence)):
        for resource in resources(file):
            kind = resource["resourceType"]
            if kind not in LINKED:
                continue
            seen += 1
            name = f"{kind}/{resource.get('id')}"
            if kind == "ImagingStudy":
                series = [
                    each.get("endpoint") for each in _list(resource.get("series")) if isinstance(each, dict)
                ]
                found = any(
                    one in endpoints
                    for each in (resource.get("endpoint"), *series)
                    for one in _references(each)
                )
            else:
                attachments = [*_attachments(resource)]
                found = (
                    bool(attachments) and all(_is_named(one) for one in attachments) and name not in failed
                )
            if not found:
                lost.setdefault(kind, []).append(name)
    for kind, names in sorted(lost.items()):
        if kind not in routes:
            yield answer.finding(
                f"led to an export with {len(names)} {kind} whose content is neither exported nor to be fetched, and"
                f" the exit plan names no route to it: {listed(names)}"
            )
    if not seen:
        raise NoData(f"the export holds none of {', '.join(LINKED)}")


def _is_named(attachment: dict[str, Any]) -> bool:
    """Whether an attachment has data, or says where it lies."""
    url = attachment.get("url")
    by_web = isinstance(url, str) and bool(url.strip()) and not NO_WEB_ADDRESS.match(url.strip())
    return by_web or says_something(attachment.get("data"))


def _failed(evidence: Evidence) -> set[str]:
    """The resources with an attachment that could not be fetched, and is not in the export either."""
    lost = [one for one in evidence.labelled("attachment") if _is_lost(one)]
    binaries = set(_binaries(evidence)) if lost else set()
    return {
        one.about.get("reference", "")
        for one in lost
        if named_at(one.about.get("url"), evidence.target.endpoint) not in binaries
    }


def _is_lost(answer: Exchange) -> bool:
    return not answer.failure and not answer.ok and answer.status not in REFUSED


def _binaries(evidence: Evidence) -> Iterator[str]:
    """The exported Binary resources that have data."""
    for file in output_files(job(evidence)):
        if "Binary" not in facts_of(file).counts:
            continue
        for resource in resources(file):
            if resource["resourceType"] == "Binary" and says_something(resource.get("data")):
                yield f"Binary/{resource.get('id')}"


def _attachments(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    held = [each.get("attachment") for each in _list(resource.get("content")) if isinstance(each, dict)]
    if isinstance(resource.get("content"), dict):
        held.append(resource["content"])  # of a Media, which has one
    yield from (one for one in held if isinstance(one, dict))


def _endpoints(evidence: Evidence) -> Iterator[str]:
    """The exported endpoints that say where they are."""
    for file in output_files(job(evidence)):
        for resource in resources(file):
            if resource["resourceType"] == "Endpoint" and says_something(resource.get("address")):
                yield f"Endpoint/{resource.get('id')}"


def _references(value: Json) -> Iterator[str]:
    for one in _list(value):
        reference = one.get("reference") if isinstance(one, dict) else None
        name = named(reference) if isinstance(reference, str) else None
        if name:
            yield name


def _routes(evidence: Evidence) -> set[str]:
    """The types for whose content the exit plan names a route."""
    try:
        plan = read_plan(evidence)
    except NoData:
        return set()
    return {
        kind
        for _, row in plan.rows("dataInventory")
        if says_something(row.get("retrievalRoute"))
        for kind in _list(row.get("resourceTypes"))
        if isinstance(kind, str)
    }


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
