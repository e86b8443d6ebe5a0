"""What an export job gave, read from its evidence: answers of the status URL, the manifest, the files.

A manifest may be anything that a target sends; so all that is read here is asked for its shape first.
Source of the shapes: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest
"""

from typing import Any, Literal

from conformance.analysis.facts import FileFacts, facts_of, merged
from conformance.model.base import Json
from conformance.model.evidence import Evidence, Exchange, StepEvidence

Kind = Literal["output", "deleted", "error"]
KINDS: tuple[Kind, ...] = ("output", "deleted", "error")

MANIFEST_MEMBERS = frozenset({"transactionTime", "request", "requiresAccessToken", *KINDS})
OK, ACCEPTED, TOO_MANY_REQUESTS, UNAVAILABLE = 200, 202, 429, 503
CLIENT_ERROR = 400


def is_running(answer: Exchange) -> bool:
    """Whether an answer of the status URL says, rightly put or not, that the job is still running.

    A 200 without any member of a manifest is no end of a job: a client has nothing yet that it could fetch.
    """
    if answer.status in {ACCEPTED, TOO_MANY_REQUESTS, UNAVAILABLE}:
        return True
    return answer.ok and not looks_like_manifest(answer.json_or_none())


def looks_like_manifest(value: Json) -> bool:
    """Whether this is a JSON object with at least one member that only a manifest has."""
    return isinstance(value, dict) and not MANIFEST_MEMBERS.isdisjoint(value)


def export_steps(evidence: Evidence) -> tuple[StepEvidence, ...]:
    """The steps of a case that began an export."""
    return tuple(step for step in evidence.steps if step.labelled("kick-off"))


def kick_off(step: StepEvidence) -> Exchange | None:
    """The kick-off request of a step: the last, where earlier ones were told to come back later."""
    return next(reversed(step.labelled("kick-off")), None)


def polls(step: StepEvidence) -> tuple[Exchange, ...]:
    """The answers of the status URL while the job was running."""
    return tuple(answer for answer in step.labelled("status") if is_running(answer))


def completion(step: StepEvidence) -> Exchange | None:
    """The answer of the status URL with which the job ended, well or not; None where it did not end."""
    last = next(reversed(step.labelled("status")), None)
    return last if last is not None and not is_running(last) else None


def manifest_exchange(step: StepEvidence) -> Exchange | None:
    """The answer that carries the manifest of a job that ended well."""
    answer = completion(step)
    return answer if answer is not None and answer.ok else None


def manifest(step: StepEvidence) -> dict[str, Any] | None:
    """The manifest of a job that ended well."""
    answer = manifest_exchange(step)
    value = answer.json_or_none() if answer is not None else None
    return value if isinstance(value, dict) else None


def listed(listing: dict[str, Any], kind: Kind) -> list[tuple[int, dict[str, Any]]]:
    """The file items that a manifest lists under this member, with their index; others are left out."""
    items = listing.get(kind)
    if not isinstance(items, list):
        return []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]


def files(step: StepEvidence, kind: Kind = "output") -> dict[int, Exchange]:
    """The answers to the file requests by the item's index in the manifest; after redirects, the last one."""
    answers: dict[int, Exchange] = {}
    for exchange in step.labelled("file"):
        index = exchange.about.get("index", "")
        if exchange.about.get("kind") == kind and index.isdecimal():
            answers[int(index)] = exchange
    return answers


def output_files(step: StepEvidence) -> tuple[Exchange, ...]:
    """The output files that were fetched."""
    return tuple(answer for answer in files(step, "output").values() if answer.ok)


def deleted_files(step: StepEvidence) -> tuple[Exchange, ...]:
    """The files that were fetched and tell of deleted resources."""
    return tuple(answer for answer in files(step, "deleted").values() if answer.ok)


def error_files(step: StepEvidence) -> tuple[Exchange, ...]:
    """The files that were fetched and hold messages about the export."""
    return tuple(answer for answer in files(step, "error").values() if answer.ok)


def exported(step: StepEvidence) -> FileFacts:
    """The facts of all output files together, gathered once. Raises NotJudgeable if a body was not kept."""

    def gather() -> FileFacts:
        return merged(facts_of(answer) for answer in output_files(step))

    answer = manifest_exchange(step)
    return answer.memo("exported", gather) if answer is not None else gather()


def is_whole(step: StepEvidence) -> bool:
    """Whether all output files that the manifest lists were fetched, and each of their lines holds a resource."""
    answers = files(step, "output")
    everything = listed(manifest(step) or {}, "output")
    return all(
        (answer := answers.get(index)) is not None and answer.ok and not facts_of(answer).invalid_count
        for index, _ in everything
    )


def parameter(step: StepEvidence, name: str) -> list[str]:
    """The values of a parameter of the kick-off request."""
    request = kick_off(step)
    return [value for key, value in request.query if key == name] if request is not None else []


def with_parameter(evidence: Evidence, name: str) -> StepEvidence | None:
    """The first export of a case whose kick-off had this parameter."""
    return next((step for step in export_steps(evidence) if parameter(step, name)), None)


def without_parameters(evidence: Evidence) -> StepEvidence | None:
    """The first export of a case whose kick-off had no parameter."""
    plain = (step for step in export_steps(evidence) if (request := kick_off(step)) and not request.query)
    return next(plain, None)
