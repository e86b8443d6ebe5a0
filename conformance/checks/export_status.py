"""Checks of what the status URL of an export answers, and of cancelling a job.

Sources: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-status-request and
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-delete-request
"""

from conformance.analysis.export import (
    ACCEPTED,
    CLIENT_ERROR,
    OK,
    TOO_MANY_REQUESTS,
    UNAVAILABLE,
    completion,
    export_status,
    listed,
    looks_like_manifest,
    polls,
)
from conformance.analysis.instants import http_date
from conformance.checks.export_reading import is_outcome, job, kick_off_of, manifest_of, quoted
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

NOT_FOUND = 404
A_DAY = 86_400
LONGEST_PROGRESS = 100
ASKED_TO_WAIT = frozenset({TOO_MANY_REQUESTS, UNAVAILABLE})


@check("export-in-progress-status")
def in_progress_status(evidence: Evidence) -> Findings:
    """While a job runs, its status URL answers 202 Accepted."""
    for answer in _while_running(evidence):
        if export_status(answer) not in {ACCEPTED, *ASKED_TO_WAIT}:
            yield answer.finding(
                f"answered {answer.status} before there was a manifest; a running job answers 202"
            )


@check("export-retry-after")
def retry_after(evidence: Evidence) -> Findings:
    """While a job runs, the answers say in Retry-After when to ask again, in seconds or as an HTTP date."""
    for answer in _while_running(evidence):
        advice = answer.header("retry-after")
        if advice is None:
            yield answer.finding("gave no Retry-After while the job was running")
        elif not (advice.isascii() and advice.isdigit()) and http_date(advice) is None:
            yield answer.finding(f"gave Retry-After {quoted(advice)}, neither seconds nor an HTTP date")
        elif _is_absurd(answer, advice):
            yield answer.finding(f"gave Retry-After {quoted(advice)}, which is to wait for more than a day")


@check("export-progress-text")
def progress_text(evidence: Evidence) -> Findings:
    """X-Progress, where it is sent, is a text of less than 100 characters."""
    told = [(answer, text) for answer in _while_running(evidence) if (text := answer.header("x-progress"))]
    if not told:
        raise NotApplicable("the target sends no X-Progress, as it may")
    for answer, text in told:
        if len(text) >= LONGEST_PROGRESS:
            yield answer.finding(
                f"gave an X-Progress of {len(text)} characters, not less than {LONGEST_PROGRESS}"
            )


@check("export-complete-status")
def complete_status(evidence: Evidence) -> Findings:
    """The status URL of a completed job answers 200 OK."""
    answer, _ = manifest_of(job(evidence))
    if answer.status != OK:
        yield answer.finding(f"gave the manifest with status {answer.status}, not 200")


@check("export-complete-media-type")
def complete_media_type(evidence: Evidence) -> Findings:
    """The manifest is labelled application/json."""
    answer, _ = manifest_of(job(evidence))
    if answer.media_type != "application/json":
        yield answer.finding(f"gave the manifest {_labelled(answer)}, not as application/json")


@check("export-expires")
def expires(evidence: Evidence) -> Findings:
    """The manifest comes with an Expires header that is a valid HTTP date."""
    answer, _ = manifest_of(job(evidence))
    until = answer.header("expires")
    if until is None:
        yield answer.finding("gave the manifest without Expires")
    elif http_date(until) is None:
        yield answer.finding(f"gave Expires {quoted(until)}, which is no HTTP date")


@check("export-failure-outcome-type")
def failure_outcome_type(evidence: Evidence) -> Findings:
    """An OperationOutcome that a status URL answers with 4xx or 5xx is labelled application/fhir+json.

    That is the answer for a job that failed, or for one that is gone since it was cancelled.
    """
    step = job(evidence)
    end = next(reversed(step.labelled("status-after-cancel")), None) or completion(step)
    if end is None or end.status < CLIENT_ERROR:
        raise NotApplicable("no job failed, and none that was cancelled answered an error")
    if end.resource("OperationOutcome") is not None and end.media_type != "application/fhir+json":
        yield end.finding(f"gave an OperationOutcome {_labelled(end)}, not as application/fhir+json")


@check("export-failure-status")
def failure_status(evidence: Evidence) -> Findings:
    """A job that fails answers 4xx or 5xx, and never another status with an OperationOutcome."""
    step = job(evidence)
    told = [
        one
        for one in step.labelled("status")
        if one.ok and is_outcome(one) and export_status(one) == one.status
    ]
    errors = [one for one in told if one.status != ACCEPTED and _tells_of_an_error(one)]
    for answer in errors[:1]:
        yield answer.finding(f"answered {answer.status} with an OperationOutcome that tells of an error")
    end = completion(step)
    if not errors and (end is None or export_status(end) < CLIENT_ERROR):
        raise NotApplicable("no job failed")


@check("export-failure-outcome")
def failure_outcome(evidence: Evidence) -> Findings:
    """A job that fails says why by an OperationOutcome."""
    end = completion(job(evidence))
    if end is None or export_status(end) < CLIENT_ERROR:
        raise NotApplicable("no job failed")
    if looks_like_manifest(end.json_or_none()):
        raise NotApplicable("the job brought something: it did not fail as a whole")
    if not is_outcome(end):
        yield end.finding(f"answered {end.status} {_labelled(end)}, with no OperationOutcome")


@check("export-partial-success")
def partial_success(evidence: Evidence) -> Findings:
    """A job that brought something answers 200, even if something else in it failed."""
    end = completion(job(evidence))
    if end is None:
        raise NoData("the job did not end while it was watched")
    value = end.json_or_none()
    if end.status >= CLIENT_ERROR and isinstance(value, dict) and listed(value, "output"):
        yield end.finding(
            f"answered {end.status} with a manifest that lists files; a partial success is a 200"
        )
    elif end.status >= CLIENT_ERROR:
        raise NotApplicable("the job failed as a whole")


@check("export-cancel-status")
def cancel_status(evidence: Evidence) -> Findings:
    """Cancelling a job is answered with 202 Accepted."""
    answer = _sent(evidence, "cancel")
    if answer.status != ACCEPTED:
        yield answer.finding(f"answered {answer.status}, not 202, when the job was to be cancelled")


@check("export-cancelled-gone")
def cancelled_is_gone(evidence: Evidence) -> Findings:
    """Once a job is cancelled, its status URL answers 404."""
    answer = _after_cancel(evidence)
    if answer.status != NOT_FOUND:
        yield answer.finding(f"answered {answer.status}, not 404, after the job was cancelled")


@check("export-cancelled-outcome")
def cancelled_with_outcome(evidence: Evidence) -> Findings:
    """The 404 of a cancelled job has an OperationOutcome in JSON."""
    answer = _after_cancel(evidence)
    if answer.status != NOT_FOUND:
        raise NoData(f"the cancelled job answered {answer.status}, so there is no 404 to look at")
    if not is_outcome(answer):
        yield answer.finding("answered 404 without an OperationOutcome in JSON after the job was cancelled")


@check("export-cancel-error")
def cancel_error(evidence: Evidence) -> Findings:
    """Cancelling a job that is not there is either taken (202) or an error with an OperationOutcome."""
    answer = _sent(evidence, "cancel-again")
    if answer.status == ACCEPTED:
        raise NotApplicable(
            "the target takes a repeated cancellation as done, so there is no error to look at"
        )
    if answer.status < CLIENT_ERROR:
        yield answer.finding(f"answered {answer.status} to a repeated cancellation, neither 202 nor an error")
    elif not is_outcome(answer):
        yield answer.finding(f"answered {answer.status} without an OperationOutcome in JSON")


def _while_running(evidence: Evidence) -> tuple[Exchange, ...]:
    step = job(evidence)
    if not step.labelled("status"):
        raise NoData(f"the kick-off answered {kick_off_of(step).status} and led to no job")
    answers = polls(step)
    if not answers:
        raise NotApplicable(
            "the job was complete when its status was first asked for, so it was never seen running"
        )
    return answers


def _is_absurd(answer: Exchange, advice: str) -> bool:
    """Whether the wait is longer than any that is sane, such as a moment in seconds in place of a span."""
    if advice.isdigit():
        return len(advice) > len(str(A_DAY)) or int(advice) > A_DAY
    until, now = http_date(advice), http_date(answer.header("date") or "")
    return until is not None and now is not None and (until - now).total_seconds() > A_DAY


def _tells_of_an_error(answer: Exchange) -> bool:
    issues = (answer.resource("OperationOutcome") or {}).get("issue")
    return any(isinstance(i, dict) and i.get("severity") in {"error", "fatal"} for i in issues or ())


def _sent(evidence: Evidence, label: str) -> Exchange:
    answer = next(iter(evidence.labelled(label)), None)
    if answer is None:
        raise NoData("there was no job to cancel")
    return answer


def _after_cancel(evidence: Evidence) -> Exchange:
    if not _sent(evidence, "cancel").ok:
        raise NoData(
            f"cancelling was answered {_sent(evidence, 'cancel').status}, so the job may still be there"
        )
    answer = next(reversed(evidence.labelled("status-after-cancel")), None)
    if answer is None:
        raise NoData("the status of the cancelled job was not asked for")
    if export_status(answer) in ASKED_TO_WAIT:
        raise NotJudgeable(
            f"the cancelled job answered {answer.status} whenever it was asked for: come back later"
        )
    return answer


def _labelled(answer: Exchange) -> str:
    stated = answer.header("content-type")
    return "without a Content-Type" if stated is None else f"as {quoted(stated)}"
