"""Checks of searches that cannot be carried out as asked (https://hl7.org/fhir/R4/search.html#errors)."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks.pages import complete, found, some
from conformance.checks.picking import permitted, picked, quoted
from conformance.checks.results_links import answered, states
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED
from conformance.fhir import bundles
from conformance.fhir.references import named
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check

BAD_REQUEST = 400
ERRORS = ("error", "fatal")
NO_PART_OF_AN_ID = re.compile(r"[^A-Za-z0-9.-]+")


@check("rejected")
def rejected(evidence: Evidence, *, label: str = "bad", status: int = 0) -> Findings:
    """Every search with this label is refused with a 4xx status (with this one where it is named), or 501."""
    for exchange in picked(evidence, label):
        refused = permitted(exchange).status in CLIENT_ERRORS or exchange.status == NOT_IMPLEMENTED
        if not refused or (status and exchange.status != status):
            wanted = f"was to be refused with {status}" if status else "was to be refused"
            yield exchange.finding(f"answered {exchange.status}, though it {wanted}")


@check("refusal-explained")
def refusal_explained(evidence: Evidence, *, label: str = "bad") -> Findings:
    """The answer to a search that fails is an OperationOutcome that says so."""
    refused = [e for e in picked(evidence, label) if permitted(e).status >= BAD_REQUEST]
    if not refused:
        raise NotApplicable("no search here was refused")
    for exchange in refused:
        outcome = exchange.resource("OperationOutcome")
        if outcome is None:
            yield exchange.finding(f"answered {exchange.status} and no OperationOutcome")
        elif not any(issue.get("severity") in ERRORS for issue in _issues(outcome)):
            yield exchange.finding(f"answered {exchange.status} and an OperationOutcome without an error")


@check("no-error-as-success")
def no_error_as_success(evidence: Evidence, *, label: str = "bad") -> Findings:
    """A search either succeeds with a Bundle or fails with a status that says so: never 2xx with an error."""
    for exchange in picked(evidence, label):
        if permitted(exchange).ok and exchange.resource("Bundle") is None:
            kind = (exchange.resource() or {}).get("resourceType", "no resource")
            yield exchange.finding(f"answered {exchange.status} and {quoted(kind)} in place of a Bundle")


@check("named-query")
def named_query(evidence: Evidence, *, label: str = "bad") -> Findings:
    """A search by a named query that the server does not know is refused.

    A server whose self link leaves the parameter out does not take part in named queries at all.
    """
    asked = permitted(picked(evidence, label)[0])
    if asked.status in CLIENT_ERRORS or asked.status == NOT_IMPLEMENTED:
        return
    exchange, bundle = answered(evidence, label)
    if not states(bundle, "_query"):
        raise NotApplicable(f"{exchange} left the parameter _query out, as one that the server does not know")
    yield exchange.finding(f"answered {exchange.status}, though nobody knows that named query")


@check("same-when-repeated")
def same_when_repeated(evidence: Evidence, *, one: str = "one", other: str = "other") -> Findings:
    """The same search finds the same each time, for as long as the resources are there."""
    left, right = found(evidence, one), complete(evidence, other)
    differing = set(left.references) ^ set(right.references)
    readable = [exchange for exchange in evidence.labelled("read") if exchange.ok]
    if not differing:
        return
    if not readable:
        raise NoData(f"{left.first} finds other resources each time, which are not there any more")
    pages = right if len(right.references) < len(left.references) else left
    yield pages.first.finding(f"finds {some(sorted(differing))} one time and not another, though it is there")


@check("compartment-holds")
def compartment_holds(evidence: Evidence, *, compartment: str = "other", search: str = "one") -> Findings:
    """A search in a patient's compartment finds all that a search by the patient finds."""
    by_patient = found(evidence, search)
    first = permitted(picked(evidence, compartment)[0])
    if not first.ok:
        yield first.finding(f"answered {first.status}, though the target declares the compartment")
        return
    inside = complete(evidence, compartment)
    missing = sorted(set(by_patient.references) - set(inside.references))
    if not missing:
        return
    if set(complete(evidence, "again").references) != set(by_patient.references):
        raise NotJudgeable(f"{by_patient.first} does not find the same when it is asked again")
    yield inside.first.finding(f"does not find {some(missing)}, which a search by the patient finds")


@check("compartment-only")
def compartment_only(evidence: Evidence, *, patient: str, compartment: str = "other") -> Findings:
    """A search in a patient's compartment finds nothing that does not refer to the patient at all."""
    answered(evidence, compartment)
    inside = found(evidence, compartment)
    strangers = [
        bundles.reference(match)
        for match in inside.matches
        if bundles.reference(match) != f"Patient/{patient}"
        and not any(_is_to(each, patient) for each in _named(match))
    ]
    if strangers:
        yield inside.first.finding(f"finds {some(sorted(strangers))}, which do not refer to that patient")


def _is_to(reference: str, patient: str) -> bool:
    """Whether a reference names the patient, by type and id or in a form of its own (`urn:uuid:…`)."""
    known = named(reference)
    return known == f"Patient/{patient}" if known else patient in NO_PART_OF_AN_ID.split(reference)


def _named(value: Any) -> Iterator[str]:
    """What each reference anywhere in a resource says, whatever form it has."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)


def _issues(outcome: dict[str, object]) -> list[dict[str, object]]:
    issues = outcome.get("issue")
    return [issue for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
