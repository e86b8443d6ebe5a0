"""Checks of manifests in pages and parts, and of a separate export status.

Sources: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest and
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-status-request
"""

from itertools import pairwise
from typing import Any, Literal

from conformance.analysis.export import (
    ACCEPTED,
    CLIENT_ERROR,
    KINDS,
    OK,
    OUTCOME,
    PAGE,
    files,
    is_received,
    looks_like_manifest,
    manifest_exchange,
)
from conformance.checks.export_parameters import step_with
from conformance.checks.export_reading import accepted, job, kick_off_of, manifest_of, named, quoted
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    Json,
    NoData,
    NotApplicable,
    StepEvidence,
    check,
)

PARTIAL_CONTENT = 206
PARTIAL = "allowPartialManifests"
SEPARATE = "separate-export-status"
MAY_DIFFER = frozenset({*KINDS, OUTCOME, "link"})
Answer = Literal["polls", "header"]


@check("export-partial-taken")
def partial_taken(evidence: Evidence) -> Findings:
    """A manifest that comes while the job is running is labelled application/json."""
    step = _in_parts(evidence)
    for answer in _early(step):
        if answer.media_type != "application/json":
            yield answer.finding(
                f"gave a manifest as {quoted(answer.header('content-type'))}, not application/json"
            )


@check("export-partial-ready")
def partial_ready(evidence: Evidence) -> Findings:
    """A file that a manifest lists while the job is running can be fetched at that time."""
    step = _in_parts(evidence)
    _early(step)
    fetched = step.labelled("file-early")
    if not fetched:
        raise NoData("no file was listed while the job was running")
    if not is_received(fetched[-1]):
        answer = fetched[-1]
        yield answer.finding(
            f"({named(answer)}) was listed while the job was running, and answered {answer.failure or answer.status}"
        )


@check("export-pages-agree")
def pages_agree(evidence: Evidence) -> Findings:
    """The pages of a manifest have the same values in every member but those that list files, and the link."""
    step = _in_parts(evidence)
    first = manifest_exchange(step)
    whole = first.json_or_none() if first is not None else None
    pages = step.labelled(PAGE)
    if not pages or not isinstance(whole, dict):
        raise NotApplicable("the manifest has one page only, as it may")
    for page in pages:
        value = page.json_or_none()
        if not isinstance(value, dict):
            yield page.finding(
                f"is linked as the next page of a manifest and answered {page.status} and none"
            )
            continue
        for name in sorted((whole.keys() | value.keys()) - MAY_DIFFER):
            if whole.get(name) != value.get(name):
                yield page.finding(
                    f"has {name} {quoted(value.get(name))}; the page before has {quoted(whole.get(name))}"
                )


@check("export-pages-end")
def pages_end(evidence: Evidence) -> Findings:
    """The link of a manifest is one with the relation next, and following it comes to an end."""
    step = _in_parts(evidence)
    first, _ = manifest_of(step)
    for answer in (first, *step.labelled(PAGE)):
        value = answer.json_or_none()
        links = value.get("link", []) if isinstance(value, dict) else []
        if not isinstance(links, list) or len(links) > 1 or any(not _is_next(link) for link in links):
            yield answer.finding(
                f"has link {quoted(links)}, not an array with one object of relation next and a url"
            )
    ended = step.notes.get("pages-ended", "complete")
    if ended == "loop":
        yield first.finding("leads by its links back to a page that came before")
    elif ended == "limit":
        yield first.finding(
            f"goes on after {len(step.labelled(PAGE))} pages, and was not followed any further"
        )
    elif ended == "failed":
        raise NotApplicable("a page could not be had, as may be where the job failed")


@check("manifest-kept")
def manifest_is_kept(evidence: Evidence) -> Findings:
    """A manifest, once it was given, is not changed, but for its link and for URLs that were renewed."""
    step = job(evidence)
    first, _ = manifest_of(step)
    shown = [*_early(step, needed=False), first, *step.labelled("manifest-again")]
    told = [(answer, value) for answer in shown if isinstance(value := answer.json_or_none(), dict)]
    if len(told) < 2:  # noqa: PLR2004 - one and another
        raise NoData("the manifest was had only once")
    for (_, before), (answer, after) in pairwise(told):
        for name in sorted((before.keys() | after.keys()) - {"link"}):
            if _without_urls(before.get(name)) != _without_urls(after.get(name)):
                yield answer.finding(f"has another {name} than when it was asked for before")


@check("export-files-kept")
def files_are_kept(evidence: Evidence) -> Findings:
    """A file, once it was listed, is not changed: it is the same when it is fetched again, or a part of it."""
    step = job(evidence)
    by_index = {("output", index): answer for index, answer in files(step).items()}
    compared = False
    for answer in (*step.labelled("file-early"), *step.labelled("file-again")):
        index = answer.about.get("index", "")
        other = by_index.get((answer.about.get("kind", ""), int(index) if index.isdecimal() else -1))
        if other is None or other.url != answer.url or not is_received(answer) or not is_received(other):
            continue
        compared = True
        if _digest(answer) != _digest(other):
            yield answer.finding(f"({named(answer)}) held other bytes at one time than at another")
    for answer in step.labelled("file-part"):
        index = answer.about.get("index", "")
        other = by_index.get(("output", int(index) if index.isdecimal() else -1))
        if (
            answer.status == PARTIAL_CONTENT
            and not answer.failure
            and other is not None
            and is_received(other)
        ):
            compared = True
            if not _begins_with(other, answer.content()):
                yield answer.finding(
                    f"({named(answer)}) gave a part by Range that the whole file does not begin with"
                )
    if not compared:
        raise NoData("no file was fetched twice")


@check("export-separate-applied")
def separate_applied(evidence: Evidence) -> Findings:
    """A server that tells the export status apart says so with the kick-off, in Preference-Applied."""
    step = _separately(evidence)
    request = kick_off_of(step)
    applied = (request.header("preference-applied") or "").replace(" ", "").lower().split(",")
    lacking = {"respond-async", SEPARATE} - set(applied)
    if lacking:
        yield request.finding(f"gave Preference-Applied without {' and '.join(sorted(lacking))}")


@check("export-separate-status")
def separate_status(evidence: Evidence, *, shown_by: Answer = "polls") -> Findings:
    """With a separate export status, 200 answers a request for the status, and X-Export-Status tells of the job."""
    step = _separately(evidence)
    for answer in step.labelled("status"):
        if shown_by == "polls" and answer.status == ACCEPTED:
            yield answer.finding(
                "answered 202: the status of the job, where that of the request was asked for"
            )
        if shown_by == "header" and answer.status == OK and not _is_status(answer.header("x-export-status")):
            yield answer.finding(
                f"gave X-Export-Status {quoted(answer.header('x-export-status'))}, no status code"
            )


def _separately(evidence: Evidence) -> StepEvidence:
    """The export that asked for a separate status, if the target gives any sign of it."""
    step = job(evidence)
    request = kick_off_of(step)
    if request.status >= CLIENT_ERROR:
        raise NotApplicable(
            f"the target refuses to tell a separate export status ({request.status}), as it may"
        )
    if not step.labelled("status"):
        raise NoData(f"the kick-off answered {request.status} and led to no job")
    applied = SEPARATE in (request.header("preference-applied") or "").lower()
    told = any(answer.header("x-export-status") is not None for answer in step.labelled("status"))
    if not (applied or told):
        raise NotApplicable("the target tells no separate export status, as it may")
    return step


def _in_parts(evidence: Evidence) -> StepEvidence:
    step = step_with(evidence, PARTIAL)
    accepted(step, PARTIAL)
    return step


def _early(step: StepEvidence, *, needed: bool = True) -> tuple[Exchange, ...]:
    """The answers that carried a manifest while the job was running. Raises NotApplicable where there was none."""
    found = tuple(
        answer
        for answer in step.labelled("status")
        if answer.status == ACCEPTED and looks_like_manifest(answer.json_or_none())
    )
    if not found and needed:
        raise NotApplicable("the target shows no manifest while a job is running, as it may")
    return found


def _without_urls(value: Json) -> Json:
    if isinstance(value, list):
        return [_without_urls(item) for item in value]
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if name not in {"url", "continuesInFile"}}
    return value


def _is_next(link: Any) -> bool:
    return isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str)


def _is_status(text: str | None) -> bool:
    return bool(text) and text is not None and text.isascii() and text.isdigit() and len(text) == 3  # noqa: PLR2004


def _begins_with(answer: Exchange, part: bytes) -> bool:
    start = b""
    for chunk in answer.chunks():
        start += chunk
        if len(start) >= len(part):
            break
    return start.startswith(part)


def _digest(answer: Exchange) -> str:
    return answer.body.sha256 if answer.body else ""
