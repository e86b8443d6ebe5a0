"""The check of the error model (RFC 9457, Problem Details for HTTP APIs)."""

from urllib.parse import urlsplit

from conformance.checks.picking import quoted
from conformance.plugin import Evidence, Exchange, Findings, NoData, check

PROBLEM = "application/problem+json"
SEEN = ("invalid", "unknown", "anonymous", "bad-token", "nowhere")
"""What is sent to be refused."""


@check("problem-details")
def problem_details(evidence: Evidence) -> Findings:
    """Each refusal is a problem document (RFC 9457): its media type, its members of the right type, the status in it.

    It has to say what is wrong, by `title` or `detail`; the RFC leaves that open.
    """
    errors = [e for e in evidence.exchanges if e.label in SEEN and e.status >= 400 and not e.failure]  # noqa: PLR2004
    if not errors:
        raise NoData("nothing was refused, so that no error was seen")
    for answer in errors:
        yield from _problem(answer)


def _problem(answer: Exchange) -> Findings:
    if answer.media_type != PROBLEM:
        kind = answer.media_type or "no stated type"
        yield answer.finding(f"answered {answer.status} with {kind}, not {PROBLEM}")
        return
    value = answer.json_or_none()
    if not isinstance(value, dict):
        yield answer.finding(f"answered {answer.status} with a problem that is no JSON object")
        return
    if "type" in value and not _is_reference(value["type"]):
        yield answer.finding(f"answered a problem whose type is {quoted(value['type'])}, no URI reference")
    if "status" in value and (isinstance(value["status"], bool) or value["status"] != answer.status):
        yield answer.finding(f"answered {answer.status} with a problem that says {quoted(value['status'])}")
    wrong = [name for name in ("title", "detail", "instance") if not isinstance(value.get(name, ""), str)]
    for name in wrong:
        yield answer.finding(f"answered a problem whose {name} is {quoted(value[name])}, no text")
    if not any(isinstance(value.get(name), str) and value[name].strip() for name in ("title", "detail")):
        yield answer.finding(f"answered {answer.status} with a problem that does not say what it is")


def _is_reference(value: object) -> bool:
    try:
        return isinstance(value, str) and " " not in value and urlsplit(value) is not None
    except ValueError:
        return False
