"""Checks of an export job as a protocol: any sequence of requests, two jobs at once, too many requests.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-export-operation-request-flow
"""

from collections.abc import Iterator
from typing import Any, cast

from conformance.analysis.export import (
    CLIENT_ERROR,
    TOO_MANY_REQUESTS,
    export_status,
    is_running,
    listed,
    looks_like_manifest,
    manifest,
)
from conformance.checks.export_reading import job, kick_off_of
from conformance.fhir.export_actions import Action, Answered, breaches
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, StepEvidence, check

TRANSIENT = frozenset(
    {"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"}
)
"""The codes of http://hl7.org/fhir/issue-type that say that a request may be tried again."""


@check("export-asynchronous")
def asynchronous(evidence: Evidence) -> Findings:
    """An export that is taken up leads to a job: the kick-off answers with an address for it, and not with data."""
    request = kick_off_of(job(evidence))
    if request.status >= CLIENT_ERROR:
        raise NoData(f"the kick-off was refused with {request.status}")
    if not request.header("content-location"):
        resource = request.resource()
        what = f"a {resource['resourceType']}" if resource is not None else "no address to ask for the job"
        yield request.finding(f"answered {request.status} and {what}, so that there is no job to follow")


@check("export-protocol")
def protocol(evidence: Evidence) -> Findings:
    """Whatever is asked of a job, and in whatever order, its answers tell one story.

    A complete job stays complete, with the same manifest and files, until it is cancelled; one that was cancelled is
    gone.
    """
    step = job(evidence)
    if not kick_off_of(step).ok:
        raise NoData(f"the kick-off answered {kick_off_of(step).status} and led to no job")
    told = [(exchange, _answered(exchange)) for exchange in _story(step)]
    if not told:
        raise NoData("nothing was asked of the job")
    for number, breach in breaches(answered for _, answered in told):
        exchange, answered = told[number]
        before = ", ".join(one.action for _, one in told[:number]) or "nothing"
        yield exchange.finding(f"{breach} (action {answered.action} after: {before})")


@check("export-jobs-apart")
def jobs_apart(evidence: Evidence) -> Findings:
    """Two jobs that run at once are two: each has a status of its own, and gives what it was asked for."""
    step = job(evidence)
    second = _second(evidence)
    if not second.ok:
        raise NotApplicable(f"the target refuses a second export while one runs ({second.status}), as it may")
    first = kick_off_of(step)
    if not second.header("content-location"):
        raise NoData(f"the second kick-off answered {second.status} and led to no job")
    if first.header("content-location") == second.header("content-location"):
        yield second.finding("gave the address of the job that was running already")
        return
    listings = (manifest(step), _last_manifest(evidence))
    if all(listing is None for listing in listings):
        raise NoData("neither job ended with a manifest")
    # Who ignores _type lists all types for both; who mixes jobs up lists for one what the other asked for.
    for listing, own, other in zip(
        listings, ("Patient", "Practitioner"), ("Practitioner", "Patient"), strict=True
    ):
        kinds = _kinds(listing or {})
        if other in kinds and own not in kinds:
            yield second.finding(f"led to two jobs, of which the one for {own} lists files of {other}")


@check("export-busy-refusal")
def busy_refusal(evidence: Evidence) -> Findings:
    """A second export that is refused since one is running is refused by 429, with Retry-After."""
    answer = _second(evidence)
    if answer.status < CLIENT_ERROR:
        raise NotApplicable("the target takes up a second export while one runs, as it may")
    if answer.status != TOO_MANY_REQUESTS:
        yield answer.finding(f"answered {answer.status} while another export was running, not 429")
    elif answer.header("retry-after") is None:
        yield answer.finding("answered 429 without Retry-After")


@check("export-throttled")
def throttled(evidence: Evidence) -> Findings:
    """Who asks for a status too often is answered 429 with Retry-After."""
    for answer in _throttling(evidence):
        if answer.header("retry-after") is None:
            yield answer.finding("answered 429 without Retry-After")


@check("export-transient-code")
def transient_code(evidence: Evidence) -> Findings:
    """An OperationOutcome of an answer that is no failure of the job has the code of something passing."""
    told = [
        (answer, outcome)
        for answer in _throttling(evidence)
        if (outcome := answer.resource("OperationOutcome"))
    ]
    if not told:
        raise NotApplicable("the target says no more than that it was asked too often, as it may")
    for answer, outcome in told:
        codes = [issue.get("code") for issue in _issues(outcome)]
        if not TRANSIENT.intersection(code for code in codes if isinstance(code, str)):
            yield answer.finding(f"gave an OperationOutcome with the codes {codes!r}, none of them transient")


def _throttling(evidence: Evidence) -> tuple[Exchange, ...]:
    asked = evidence.labelled("burst")
    if not asked:
        raise NoData("there was no job whose status could be asked for often")
    answers = tuple(answer for answer in asked if answer.status == TOO_MANY_REQUESTS)
    if not answers:
        raise NotApplicable(f"{len(asked)} requests for the status in a row were not too many for the target")
    return answers


def _second(evidence: Evidence) -> Exchange:
    if not kick_off_of(job(evidence)).ok:
        raise NoData("no export was running")
    answer = next(iter(evidence.labelled("kick-off-second")), None)
    if answer is None:
        raise NoData("no second export was tried")
    return answer


def _last_manifest(evidence: Evidence) -> dict[str, Any] | None:
    last = next(reversed(evidence.labelled("status-second")), None)
    value = last.json_or_none() if last is not None and last.ok else None
    return value if isinstance(value, dict) and looks_like_manifest(value) else None


def _story(step: StepEvidence) -> Iterator[Exchange]:
    """What was asked of the job, in order: of several polls, or redirects, that are one action, the last."""
    before: Exchange | None = None
    for exchange in step.exchanges:
        if exchange.label not in {"status", "action"}:
            continue
        if before is not None and _action_of(before) != _action_of(exchange):
            yield before
        before = exchange
    if before is not None:
        yield before


def _action_of(exchange: Exchange) -> str:
    return exchange.about.get("number", "wait")


def _answered(exchange: Exchange) -> Answered:
    action = cast("Action", exchange.about.get("action", "wait"))
    if action == "download":
        return Answered(action, exchange.status, content=exchange.body.sha256 if exchange.body else "empty")
    value = exchange.json_or_none() if exchange.ok and action != "cancel" else None
    is_manifest = isinstance(value, dict) and looks_like_manifest(value)
    running = action != "cancel" and exchange.ok and is_running(exchange)
    content = ""
    if isinstance(value, dict) and is_manifest:
        output = value.get("output")
        content = f"{value.get('transactionTime')} {len(output) if isinstance(output, list) else 0}"
    return Answered(action, export_status(exchange), running, is_manifest and not running, content)


def _kinds(listing: dict[str, Any]) -> set[str]:
    """The types of the files that a manifest lists."""
    return {str(item.get("type")) for _, item in listed(listing, "output")}


def _issues(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    issues = outcome.get("issue")
    return [issue for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
