"""Checks of the kick-off request of a Bulk Data export.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-kick-off-request
"""

from urllib.parse import urlsplit

from conformance.analysis.export import (
    ACCEPTED,
    CLIENT_ERROR,
    export_steps,
    kick_off,
    without_parameters,
)
from conformance.checks.export_reading import is_outcome, job, kick_off_of, quoted
from conformance.plugin import Evidence, Exchange, Findings, NoData, check

METHOD_NOT_ALLOWED = 405


@check("export-get-supported")
def get_is_supported(evidence: Evidence) -> Findings:
    """A kick-off by GET is not refused for its method."""
    request = kick_off_of(job(evidence))
    if request.status == METHOD_NOT_ALLOWED:
        yield request.finding("answered 405, though a kick-off by GET is to be supported")
    elif request.status >= CLIENT_ERROR:
        raise NoData(
            f"the kick-off answered {request.status}, which does not tell whether GET was the reason"
        )


@check("export-accepted")
def accepted_by_202(evidence: Evidence) -> Findings:
    """An export that is taken up is answered with 202 Accepted."""
    request = kick_off_of(job(evidence))
    if request.status >= CLIENT_ERROR:
        raise NoData(f"the kick-off was refused with {request.status}")
    if request.status != ACCEPTED:
        yield request.finding(f"answered {request.status}, not 202")


@check("export-offered")
def offered(evidence: Evidence) -> Findings:
    """The target takes up this export."""
    request = kick_off_of(job(evidence))
    if not request.ok:
        yield request.finding(f"answered {request.status}: the target does not offer this export")


@check("export-format-accepted")
def format_is_accepted(evidence: Evidence) -> Findings:
    """The kick-off with this `_outputFormat` is taken up, as it is without."""
    request = kick_off_of(job(evidence))
    plain = without_parameters(evidence)
    if plain is None or not kick_off_of(plain).ok:
        raise NoData("the same export without _outputFormat is not taken up either")
    formats = ", ".join(value for name, value in request.query if name == "_outputFormat")
    if not request.ok:
        yield request.finding(
            f"answered {request.status}: the output format {quoted(formats)} is not accepted"
        )


@check("export-status-location")
def status_location(evidence: Evidence) -> Findings:
    """An export that is taken up names the absolute URL of its status in Content-Location."""
    request = kick_off_of(job(evidence))
    if not request.ok:
        raise NoData(f"the kick-off answered {request.status}")
    location = request.header("content-location")
    if not location:
        yield request.finding("gave no Content-Location to ask for the status")
    elif not is_absolute(location):
        yield request.finding(f"gave Content-Location {quoted(location)}, which is no absolute URL")


@check("export-refusal-status")
def refusal_status(evidence: Evidence) -> Findings:
    """A kick-off that is not taken up answers 4xx or 5xx, never another status with an error in its body."""
    requests = [request for request in _kick_offs(evidence) if not _takes_up(request)]
    if not requests:
        raise NoData("every kick-off that was tried was taken up")
    for request in requests:
        if request.status < CLIENT_ERROR:
            yield request.finding(f"answered {request.status} and led to no job; an error is 4xx or 5xx")


@check("export-refusal-outcome")
def refusal_outcome(evidence: Evidence) -> Findings:
    """The body of a refused kick-off is an OperationOutcome in JSON."""
    refused = [request for request in _kick_offs(evidence) if request.status >= CLIENT_ERROR]
    if not refused:
        raise NoData("no kick-off was refused")
    for request in refused:
        if not is_outcome(request):
            said = request.media_type or "no content type"
            yield request.finding(f"answered {request.status} with {said} and no OperationOutcome in JSON")


@check("export-refused-or-accepted")
def refused_or_accepted(evidence: Evidence) -> Findings:
    """The kick-off is either taken up or refused with an error: both conform."""
    request = kick_off_of(job(evidence))
    if request.status < CLIENT_ERROR and not _takes_up(request):
        yield request.finding(f"answered {request.status} and led to no job, but is no error either")


@check("export-refused")
def refused(evidence: Evidence) -> Findings:
    """The kick-off is refused with an error."""
    request = kick_off_of(job(evidence))
    if request.status < CLIENT_ERROR:
        yield request.finding(f"answered {request.status}; an error was expected")


def is_absolute(url: str) -> bool:
    """Whether this is an absolute http or https URL."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.netloc)


def _kick_offs(evidence: Evidence) -> list[Exchange]:
    requests = [request for step in export_steps(evidence) if (request := kick_off(step)) is not None]
    if not requests:
        raise NoData("no export was begun")
    return requests


def _takes_up(request: Exchange) -> bool:
    return request.ok and (request.status == ACCEPTED or request.header("content-location") is not None)
