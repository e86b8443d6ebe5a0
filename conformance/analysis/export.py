"""What an export job gave, read from its evidence: answers of the status URL, the manifest, the files.

A manifest may be anything that a target sends; so all that is read here is asked for its shape first. One that comes
in pages is read as one: the arrays of all its pages stand one behind the other.
Source of the shapes: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest
"""

from typing import Any, Literal

from conformance.analysis.facts import FileFacts, facts_of, merged
from conformance.model.base import Json
from conformance.model.evidence import Evidence, Exchange, StepEvidence

Kind = Literal["output", "deleted", "error"]
KINDS: tuple[Kind, ...] = ("output", "deleted", "error")
OUTCOME = "outcome"
"""What the ballot of STU4 calls `error`."""

MANIFEST_MEMBERS = frozenset({"transactionTime", "request", "requiresAccessToken", OUTCOME, *KINDS})
OK, ACCEPTED, TOO_MANY_REQUESTS, UNAVAILABLE = 200, 202, 429, 503
CLIENT_ERROR = 400
PAGE = "manifest-page"


def export_status(answer: Exchange) -> int:
    """The state of the job: what X-Export-Status says where the target tells it apart, else the HTTP status."""
    told = answer.header("x-export-status") or ""
    return int(told) if answer.ok and told.isascii() and told.isdigit() else answer.status


def is_running(answer: Exchange) -> bool:
    """Whether an answer of the status URL says, rightly put or not, that the job is still running.

    A 200 without any member of a manifest is no end of a job: a client has nothing yet that it could fetch.
    """
    state = export_status(answer)
    if state in {ACCEPTED, TOO_MANY_REQUESTS, UNAVAILABLE}:
        return True
    return state < CLIENT_ERROR and answer.ok and not looks_like_manifest(answer.json_or_none())


def looks_like_manifest(value: Json) -> bool:
    """Whether this is a JSON object with at least one member that only a manifest has."""
    return isinstance(value, dict) and not MANIFEST_MEMBERS.isdisjoint(value)


def export_steps(evidence: Evidence) -> tuple[StepEvidence, ...]:
    """The steps of a case that began an export."""
    return tuple(step for step in evidence.steps if step.labelled("kick-off"))


def kick_off(step: StepEvidence) -> Exchange | None:
    """The kick-off request of a step: the last, where earlier ones were told to come back later."""
    return next(reversed(step.labelled("kick-off")), None)


def level_of(step: StepEvidence) -> str:
    """At which level a step exported: `system`, `patient` or `group`."""
    request = kick_off(step)
    path = request.url.partition("?")[0] if request is not None else ""
    owner = path.removesuffix("/$export").rsplit("/", 2)
    if owner[-1] == "Patient":
        return "patient"
    return "group" if owner[-2:-1] == ["Group"] else "system"


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
    return answer if answer is not None and answer.ok and export_status(answer) < CLIENT_ERROR else None


def manifest(step: StepEvidence) -> dict[str, Any] | None:
    """The manifest of a job that ended well, all its pages together."""
    answer = manifest_exchange(step)
    value = answer.json_or_none() if answer is not None else None
    if not isinstance(value, dict):
        return None
    pages = [page for answer in step.labelled(PAGE) if isinstance(page := answer.json_or_none(), dict)]
    return together([value, *pages]) if pages else value


def together(pages: list[dict[str, Any]]) -> dict[str, Any]:
    """One manifest whose arrays of files are those of all pages."""
    whole = dict(pages[0])
    for name in (*KINDS, OUTCOME):
        lists = [page[name] for page in pages if isinstance(page.get(name), list)]
        if lists:
            whole[name] = [item for items in lists for item in items]
    return whole


def next_page(listing: Json) -> str:
    """The URL of the page that follows on a manifest, empty where none does."""
    links = listing.get("link") if isinstance(listing, dict) else None
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            return str(link["url"])
    return ""


def listed(listing: dict[str, Any], kind: Kind) -> list[tuple[int, dict[str, Any]]]:
    """The file items that a manifest lists under this member, with their index; others are left out."""
    items = listing.get(kind)
    if kind == "error" and kind not in listing:
        items = listing.get(OUTCOME)
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
    return tuple(answer for answer in files(step, "output").values() if is_received(answer))


def deleted_files(step: StepEvidence) -> tuple[Exchange, ...]:
    """The files that were fetched and tell of deleted resources."""
    return tuple(answer for answer in files(step, "deleted").values() if is_received(answer))


def error_files(step: StepEvidence) -> tuple[Exchange, ...]:
    """The files that were fetched and hold messages about the export."""
    return tuple(answer for answer in files(step, "error").values() if is_received(answer))


def is_received(answer: Exchange) -> bool:
    """Whether a file was delivered, and its bytes could be read."""
    return answer.ok and not answer.failure


def exported(step: StepEvidence) -> FileFacts:
    """The facts of all output files together, gathered once. Raises NotJudgeable if a body was not kept."""

    def gather() -> FileFacts:
        return merged(facts_of(answer) for answer in output_files(step))

    answer = manifest_exchange(step)
    return answer.memo("exported", gather) if answer is not None else gather()


def is_whole(step: StepEvidence) -> bool:
    """Whether all output files that the manifest lists were fetched, and each of their lines holds a resource."""
    answers = files(step, "output")
    listing = manifest(step) or {}
    everything = listed(listing, "output")
    return isinstance(listing.get("output"), list) and all(
        (answer := answers.get(index)) is not None
        and is_received(answer)
        and not facts_of(answer).invalid_count
        for index, _ in everything
    )


def parameters(step: StepEvidence) -> dict[str, list[str]]:
    """The parameters of the kick-off request with their values, from its URL or from its body."""
    noted = step.notes.get("parameters")
    if isinstance(noted, dict):
        return {name: [str(value) for value in values] for name, values in noted.items()}
    found: dict[str, list[str]] = {}
    request = kick_off(step)
    for name, value in request.query if request is not None else ():
        found.setdefault(name, []).append(value)
    return found


def parameter(step: StepEvidence, name: str) -> list[str]:
    """The values of a parameter of the kick-off request."""
    return parameters(step).get(name, [])


def with_parameter(evidence: Evidence, name: str) -> StepEvidence | None:
    """The first export of a case whose kick-off had this parameter."""
    return next((step for step in export_steps(evidence) if parameter(step, name)), None)


def without_parameters(evidence: Evidence) -> StepEvidence | None:
    """The first export of the whole system, in a case, whose kick-off had no parameter."""
    plain = (step for step in export_steps(evidence) if level_of(step) == "system" and not parameters(step))
    return next(plain, None)
