"""Checks of the identifiers and codes that the NHS in England uses, in what was exported and in what searches give."""

from collections.abc import Iterator
from typing import Any, Literal

from conformance.analysis.export import exported, output_files
from conformance.analysis.facts import resources
from conformance.analysis.structures import resources_in
from conformance.checks import nhs_rules
from conformance.checks.export_reading import job, manifest_of
from conformance.checks.picking import permitted, picked
from conformance.plugin import Evidence, Exchange, Findings, NoData, Remark, check

_MOST_SHOWN = 5


@check("nhs-numbers-valid")
def nhs_numbers_valid(evidence: Evidence) -> Findings:
    """Each exported identifier of the NHS number's system is ten digits with the right check digit."""
    yield from _exported(evidence, "numbers")


@check("nhs-numbers-verified")
def nhs_numbers_verified(evidence: Evidence) -> Findings:
    """Each exported NHS number carries the UK Core extension with its verification status."""
    yield from _exported(evidence, "verified")


@check("ods-codes")
def ods_codes(evidence: Evidence) -> Findings:
    """Each exported organisation carries an ODS code of the right form."""
    yield from _exported(evidence, "organisation-codes")


@check("snomed-codes-valid")
def snomed_codes_valid(evidence: Evidence) -> Findings:
    """Each exported SNOMED CT code is an identifier with the right check digit (dm+d products have the same form)."""
    yield from _exported(evidence, "snomed-codes")


@check("nhs-data")
def nhs_data(
    evidence: Evidence,
    *,
    rule: Literal[
        "numbers", "verified", "verification-codes", "organisation-codes", "snomed-codes", "medicines"
    ],
    label: str = "sampled",
) -> Findings:
    """What a search gives keeps a rule of the NHS in England.

    `numbers`: NHS numbers are ten digits with the right check digit; `verified`: they carry their verification status
    (UK Core); `verification-codes`: the status is one that UK Core's code systems have; `organisation-codes`:
    organisations have an ODS code of the right form; `snomed-codes`: codes of SNOMED
    CT and dm+d have the right check digit; `medicines`: a medicine with codes has one of dm+d, under
    http://snomed.info/sct or https://dmd.nhs.uk.
    """
    look, what = nhs_rules.RULES[rule]
    looked: list[tuple[str, str, Exchange]] = []
    for exchange in picked(evidence, label):
        looked += [(name, problem, exchange) for name, problem in look(resources_in(permitted(exchange)))]
    if not looked:
        raise NoData(f"the resources that were sampled hold no {what}")
    wrong = [each for each in looked if each[1]]
    for name, problem, exchange in wrong[:_MOST_SHOWN]:
        yield exchange.finding(f"gave {name}, which {problem}")
    if len(wrong) > _MOST_SHOWN:
        yield wrong[0][2].finding(f"and the like gave {len(wrong)} of {len(looked)} {what}s that are wrong")
    yield Remark(f"{len(looked)} {what}s were looked at")


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


def _exported(evidence: Evidence, rule: str) -> Findings:
    """What is wrong in an export by one of the rules."""
    manifest_of(job(evidence))
    look, what = nhs_rules.RULES[rule]
    kind = "Organization" if rule == "organisation-codes" else ""
    wrong: list[str] = []
    number = 0
    for name, problem in look(_resources(evidence, kind)):
        number += 1
        if problem:
            wrong.append(f"{name} {problem}")
    yield from _shown(evidence, wrong, number, what)


def _resources(evidence: Evidence, kind: str = "") -> Iterator[dict[str, Any]]:
    step = job(evidence)
    if kind and kind not in exported(step).counts:
        return
    for file in output_files(step):
        for resource in resources(file):
            if kind in {"", resource["resourceType"]}:
                yield resource


def _shown(evidence: Evidence, wrong: list[str], number: int, what: str) -> Findings:
    """The first of what is wrong with so many things looked at. Raises NoData where there were none."""
    if not number:
        raise NoData(f"the export holds no {what}")
    answer, _ = manifest_of(job(evidence))
    for one in wrong[:_MOST_SHOWN]:
        yield answer.finding(f"led to an export in which {one}")
    if len(wrong) > _MOST_SHOWN:
        yield answer.finding(f"led to an export in which {len(wrong)} of {number} {what}s are wrong")
