"""Checks of how a GP Connect provider answers: what it refuses, how errors are told, and what every answer carries.

Source: "Error handling", "General API guidance" and "Security" of GP Connect 1.2.x (https://nhsconnect.github.io/gpconnect/).
"""

from collections.abc import Iterator
from typing import Any

from conformance.checks.exchanged import may_be_stored
from conformance.checks.picking import alternatives, one, picked, quoted
from conformance.checks.statuses import CLIENT_ERRORS, SERVER_ERRORS
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

Json = dict[str, Any]

STRUCTURES = "https://fhir.nhs.uk/STU3/StructureDefinition"
OUTCOME = f"{STRUCTURES}/GPConnect-OperationOutcome-1"
SPINE_CODES = frozenset(
    f"https://fhir.nhs.uk/STU3/{kind}/Spine-ErrorOrWarningCode-1" for kind in ("ValueSet", "CodeSystem")
)
EXPLAINED = 422
ERRORS_FROM = 400
ISSUE_TYPES = frozenset(
    [
        "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired",
        "forbidden", "suppressed", "processing", "not-supported", "duplicate", "not-found", "too-long",
        "code-invalid", "extension", "too-costly", "business-rule", "conflict", "incomplete", "transient",
        "lock-error", "no-store", "exception", "timeout", "throttled", "informational",
    ]
)  # fmt: skip
"""The codes of the value set issue-type in FHIR STU3."""


@check("gp-connect-refused")
def refused(
    evidence: Evidence,
    *,
    statuses: list[int],
    codes: list[str] | None = None,
    label: str = "bad",
    good: str = "good",
) -> Findings:
    """Each wrong request is refused with one of these statuses and Spine error codes, where the right one is answered.

    Without `codes` any will do; with an empty `good` no right request was sent.
    """
    if good and not one(evidence, good).ok:
        right = one(evidence, good)
        raise NotJudgeable(
            f"{right} answered {right.status}, and it was a right request: refusing others shows nothing"
        )
    for answer in picked(evidence, label):
        what = _what(answer)
        if answer.ok:
            yield answer.finding(f"answered {answer.status} to {what}; it was to be refused")
        elif answer.status in SERVER_ERRORS and answer.status not in statuses:
            yield answer.finding(f"answered {answer.status} to {what}, as if the fault were its own")
        elif answer.status not in statuses and answer.status in CLIENT_ERRORS:
            yield answer.finding(f"answered {answer.status}, not {alternatives(statuses)}, to {what}")
        elif answer.status not in statuses:
            raise NotJudgeable(f"{answer} answered {answer.status}, which neither accepts nor refuses")
        elif codes and not spine_codes(answer) & set(codes):
            told = ", ".join(sorted(spine_codes(answer))) or "none"
            yield answer.finding(f"gives the Spine error code {told}, not {alternatives(codes)}, for {what}")


@check("gp-connect-errors")
def errors(evidence: Evidence, *, label: str = "") -> Findings:
    """Each error is an OperationOutcome of GP Connect's structure: severity, type of issue, and Spine error code."""
    for answer in _errors(evidence, label):
        outcome = answer.resource("OperationOutcome")
        if outcome is None:
            yield answer.finding(f"answered {answer.status} without an OperationOutcome")
            continue
        if OUTCOME not in profiles(outcome):
            yield answer.finding(
                "gives an OperationOutcome whose meta.profile does not name GP Connect's structure"
            )
        issues = _issues(outcome)
        if not issues:
            yield answer.finding("gives an OperationOutcome without an issue")
        for issue in issues:
            yield from _wrong_issue(answer, issue)


def _wrong_issue(answer: Exchange, issue: Json) -> Iterator[str]:
    if issue.get("severity") != "error":
        yield answer.finding(f"gives an issue of the severity {quoted(issue.get('severity'))}, not error")
    if str(issue.get("code")) not in ISSUE_TYPES:
        yield answer.finding(f"gives an issue of the type {quoted(issue.get('code'))}, which there is not")
    coded = [each for each in _codings(issue) if str(each.get("system")) in SPINE_CODES]
    if not any(each.get("code") and each.get("display") for each in coded):
        yield answer.finding("gives an issue without a Spine error code and its display")


@check("gp-connect-diagnostics")
def diagnostics(evidence: Evidence, *, label: str = "") -> Findings:
    """Each refusal with 422 says in diagnostics what was wrong."""
    found = [answer for answer in _errors(evidence, label) if answer.status == EXPLAINED]
    if not found:
        raise NoData("nothing was refused with 422")
    for answer in found:
        issues = _issues(answer.resource("OperationOutcome") or {})
        if not any(
            isinstance(issue.get("diagnostics"), str) and issue["diagnostics"].strip() for issue in issues
        ):
            yield answer.finding(f"answered 422 to {_what(answer)} and does not say why in diagnostics")


@check("gp-connect-answers")
def answers(evidence: Evidence, *, label: str = "") -> Findings:
    """Each answer says Cache-Control: no-store, and that it is FHIR in JSON and UTF-8."""
    for answer in picked(evidence, label):
        if answer.failure:
            raise NotJudgeable(f"{answer}: {answer.failure}")
        if may_be_stored(answer):
            yield answer.finding(f"says Cache-Control {quoted(answer.header('cache-control'))}, not no-store")
        stated = (answer.header("content-type") or "").lower().replace(" ", "").replace('"', "").split(";")
        if stated[0] != "application/fhir+json" or "charset=utf-8" not in stated:
            told = quoted(answer.header("content-type"))
            yield answer.finding(f"says Content-Type {told}, not application/fhir+json;charset=utf-8")


@check("gp-connect-versions")
def versions(evidence: Evidence, *, label: str) -> Findings:
    """What is read or written names its structure and its version, which the ETag repeats: `W/"versionId"`."""
    for answer in picked(evidence, label):
        resource = answer.resource("Appointment") if answer.ok else None
        if resource is None:
            raise NotJudgeable(f"{answer} answered {answer.status} and no Appointment")
        if f"{STRUCTURES}/GPConnect-Appointment-1" not in profiles(resource):
            yield answer.finding(
                "gives an appointment whose meta.profile does not name GP Connect's structure"
            )
        meta = resource.get("meta")
        version = meta.get("versionId") if isinstance(meta, dict) else None
        if not version:
            yield answer.finding("gives an appointment without meta.versionId")
        elif answer.header("etag") != f'W/"{version}"':
            yield answer.finding(
                f"says ETag {quoted(answer.header('etag'))}, and the version is {quoted(version)}"
            )


@check("gp-connect-operation")
def operation(evidence: Evidence, *, operation: str, label: str = "structured") -> Findings:
    """The capability statement declares the operation, by its name without `$`."""
    answer = one(evidence, label)
    statement = answer.resource("CapabilityStatement") if answer.ok else None
    if statement is None:
        yield answer.finding(f"answered {answer.status} and no CapabilityStatement")
        return
    rest = statement.get("rest")
    declared = [
        each.get("name")
        for part in (rest if isinstance(rest, list) else [])
        if isinstance(part, dict) and isinstance(part.get("operation"), list)
        for each in part["operation"]
        if isinstance(each, dict)
    ]
    if operation not in declared:
        yield answer.finding(f"does not declare the operation {operation}")


def profiles(resource: Json) -> list[Any]:
    """What the resource claims in meta.profile."""
    meta = resource.get("meta")
    listed = meta.get("profile") if isinstance(meta, dict) else None
    return listed if isinstance(listed, list) else []


def spine_codes(answer: Exchange) -> set[str]:
    """The Spine error codes of an answer."""
    issues = _issues(answer.resource("OperationOutcome") or {})
    return {
        str(each.get("code"))
        for issue in issues
        for each in _codings(issue)
        if str(each.get("system")) in SPINE_CODES
    }


def _codings(issue: Json) -> list[Json]:
    details = issue.get("details")
    listed = details.get("coding") if isinstance(details, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _issues(outcome: Json) -> list[Json]:
    listed = outcome.get("issue")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _errors(evidence: Evidence, label: str) -> list[Exchange]:
    found = [answer for answer in picked(evidence, label) if answer.status >= ERRORS_FROM]
    if not found:
        raise NoData("no answer was an error")
    return found


def _what(answer: Exchange) -> str:
    return answer.about.get("variant") or "what was sent"
