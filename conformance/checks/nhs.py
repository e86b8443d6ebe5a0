"""Checks of the identifiers and codes that the NHS in England uses, over all that was exported."""

from collections.abc import Iterator
from typing import Any

from conformance.analysis.export import exported, output_files
from conformance.analysis.facts import resources
from conformance.checks.export_reading import job, manifest_of
from conformance.checks.picking import quoted
from conformance.fhir.nhs import (
    NHS_NUMBER_SYSTEM,
    ODS_CODE_SYSTEM,
    SNOMED_SYSTEM,
    VERIFICATION_STATUS,
    is_ods_code,
    nhs_number_problem,
    sctid_problem,
)
from conformance.plugin import Evidence, Findings, NoData, check

_MOST_SHOWN = 5


@check("nhs-numbers-valid")
def nhs_numbers_valid(evidence: Evidence) -> Findings:
    """Each exported identifier of the NHS number's system is ten digits with the right check digit."""
    wrong: list[str] = []
    number = 0
    for name, identifier in _identifiers(evidence, NHS_NUMBER_SYSTEM):
        number += 1
        if problem := nhs_number_problem(identifier.get("value")):
            wrong.append(f"{name} has an NHS number that {problem}")
    yield from _shown(evidence, wrong, number, "NHS number")


@check("nhs-numbers-verified")
def nhs_numbers_verified(evidence: Evidence) -> Findings:
    """Each exported NHS number carries the UK Core extension with its verification status."""
    wrong: list[str] = []
    number = 0
    for name, identifier in _identifiers(evidence, NHS_NUMBER_SYSTEM):
        number += 1
        extensions = identifier.get("extension")
        urls = (
            [one.get("url") for one in extensions if isinstance(one, dict)]
            if isinstance(extensions, list)
            else []
        )
        if VERIFICATION_STATUS not in urls:
            wrong.append(f"{name} has an NHS number without its verification status")
    yield from _shown(evidence, wrong, number, "NHS number")


@check("ods-codes")
def ods_codes(evidence: Evidence) -> Findings:
    """Each exported organisation carries an ODS code of the right form."""
    manifest_of(job(evidence))
    wrong: list[str] = []
    number = 0
    for resource in _resources(evidence, "Organization"):
        number += 1
        identifiers = resource.get("identifier")
        listed = identifiers if isinstance(identifiers, list) else []
        codes = [
            one.get("value")
            for one in listed
            if isinstance(one, dict) and one.get("system") == ODS_CODE_SYSTEM
        ]
        if not codes:
            wrong.append(f"Organization/{resource.get('id')} has no ODS code")
        elif not all(is_ods_code(code) for code in codes):
            wrong.append(
                f"Organization/{resource.get('id')} has the ODS code {quoted(codes[0])}, which is none"
            )
    yield from _shown(evidence, wrong, number, "organisation")


@check("snomed-codes-valid")
def snomed_codes_valid(evidence: Evidence) -> Findings:
    """Each exported SNOMED CT code is an identifier with the right check digit (dm+d products have the same form)."""
    manifest_of(job(evidence))
    wrong: list[str] = []
    number = 0
    for resource in _resources(evidence):
        for node in _objects(resource):
            if node.get("system") == SNOMED_SYSTEM and "code" in node:
                number += 1
                if problem := sctid_problem(node["code"]):
                    name = f"{resource['resourceType']}/{resource.get('id')}"
                    wrong.append(f"{name} has the SNOMED CT code {quoted(node['code'])}, which {problem}")
    yield from _shown(evidence, wrong, number, "SNOMED CT code")


@check("identifiers-have-systems")
def identifiers_have_systems(evidence: Evidence) -> Findings:
    """Each exported identifier says in which system its value is unique, so that the next system can match it."""
    manifest_of(job(evidence))
    wrong: list[str] = []
    number = 0
    for resource in _resources(evidence):
        identifiers = resource.get("identifier")
        for one in identifiers if isinstance(identifiers, list) else [identifiers]:
            if isinstance(one, dict) and "value" in one:
                number += 1
                if not isinstance(one.get("system"), str) or not one["system"]:
                    wrong.append(
                        f"{resource['resourceType']}/{resource.get('id')} has an identifier without a system"
                    )
    yield from _shown(evidence, wrong, number, "identifier")


def _identifiers(evidence: Evidence, system: str) -> Iterator[tuple[str, dict[str, Any]]]:
    manifest_of(job(evidence))
    for resource in _resources(evidence):
        for node in _objects(resource):
            if node.get("system") == system and "value" in node:
                yield f"{resource['resourceType']}/{resource.get('id')}", node


def _resources(evidence: Evidence, kind: str = "") -> Iterator[dict[str, Any]]:
    step = job(evidence)
    if kind and kind not in exported(step).counts:
        return
    for file in output_files(step):
        for resource in resources(file):
            if kind in {"", resource["resourceType"]}:
                yield resource


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a resource, walked with a stack: a hostile file may be nested deeper than Python recurses."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _shown(evidence: Evidence, wrong: list[str], number: int, what: str) -> Findings:
    """The first of what is wrong with so many things looked at. Raises NoData where there were none."""
    if not number:
        raise NoData(f"the export holds no {what}")
    answer, _ = manifest_of(job(evidence))
    for one in wrong[:_MOST_SHOWN]:
        yield answer.finding(f"led to an export in which {one}")
    if len(wrong) > _MOST_SHOWN:
        yield answer.finding(f"led to an export in which {len(wrong)} of {number} {what}s are wrong")
