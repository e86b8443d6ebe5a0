"""What the checks of an export have in common: finding the job, its manifest and files, or saying why not."""

from typing import Any

from conformance.analysis.export import (
    CLIENT_ERROR,
    completion,
    export_steps,
    kick_off,
    manifest,
    manifest_exchange,
    output_files,
)
from conformance.plugin import Evidence, Exchange, Json, NoData, NotApplicable, NotJudgeable, StepEvidence

LONGEST_QUOTE = 80
UNAUTHORISED = 401


def quoted(value: Json) -> str:
    """A value that somebody else wrote, short enough for a sentence."""
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]} …"


def is_outcome(answer: Exchange) -> bool:
    """Whether the body is an OperationOutcome in JSON with at least one issue."""
    outcome = answer.resource("OperationOutcome")
    return outcome is not None and isinstance(outcome.get("issue"), list) and bool(outcome["issue"])


def job(evidence: Evidence) -> StepEvidence:
    """The first export of the case. Raises NoData where none was begun."""
    step = next(iter(export_steps(evidence)), None)
    if step is None:
        raise NoData("no export was begun")
    return step


def kick_off_of(step: StepEvidence) -> Exchange:
    """The kick-off request of an export.

    Raises NoData where none was sent, NotJudgeable where the tester's own credentials were not taken.
    """
    request = kick_off(step)
    if request is None:
        raise NoData("no export was begun")
    if request.status == UNAUTHORISED:
        raise NotJudgeable(f"{request} answered 401: the target did not take the tester's credentials")
    return request


def accepted(step: StepEvidence, what: str) -> Exchange:
    """The kick-off request, if the target took it up.

    Raises NotApplicable where it refused `what`, which it may, and NoData where it failed.
    """
    request = kick_off_of(step)
    if CLIENT_ERROR <= request.status < 500 or request.status == 501:  # noqa: PLR2004 - refusals
        raise NotApplicable(f"the target refuses {what} ({request.status}), as it may")
    if not request.ok:
        raise NoData(f"the kick-off with {what} answered {request.status}")
    return request


def manifest_of(step: StepEvidence | None) -> tuple[Exchange, dict[str, Any]]:
    """The manifest of an export and the answer that carries it. Raises NoData, with the reason."""
    if step is None:
        raise NoData("no such export was begun")
    answer, listing = manifest_exchange(step), manifest(step)
    if answer is not None and listing is not None:
        return answer, listing
    request, end = kick_off_of(step), completion(step)
    if not step.labelled("status"):
        raise NoData(f"the kick-off answered {request.status} and led to no job")
    if end is None:
        raise NoData("the job did not end while it was watched")
    raise NoData(f"the job ended with {end.status} and gave no manifest")


def output_of(step: StepEvidence | None) -> tuple[Exchange, ...]:
    """The output files of an export. Raises NoData where none could be fetched."""
    manifest_of(step)
    found = output_files(step) if step is not None else ()
    if not found:
        raise NoData("the export gave no file that could be fetched")
    return found


def named(answer: Exchange) -> str:
    """How the manifest names this file, as in `output[3]`."""
    return f"{answer.about.get('kind', 'file')}[{answer.about.get('index', '?')}]"
