"""What is sent to a terminology server, and what its answers mean: `$validate-code` and batches of it.

Sources: FHIR R4, ValueSet/$validate-code, CodeSystem/$validate-code; the issue types of the FHIR tooling guide
(CodeSystem tx-issue-type), which servers use to tell "not in the value set" from "I do not know that system".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.fhir.terminology.answer import MEMBER, Answer, Membership, cannot_tell
from conformance.fhir.terminology.nouns import Question, objects, text

_JUDGING = frozenset({"code-invalid", "invalid"})
_ERRORS = frozenset({"error", "fatal"})
_UNKNOWING = re.compile(
    r"unknown (?:code ?system|value ?set)"
    r"|(?:code ?system|value ?set) ?\S{0,300} (?:is |was |could |can)?"
    r"(?:unknown|not(?: be)? (?:found|resolved|known|supported))",
    re.IGNORECASE,
)
_LONGEST_MESSAGE = 300
_OK = 200
_NOT_FOUND = frozenset({404, 410})
_FAULTY = 500


def parameters(question: Question, definition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The Parameters of `$validate-code`. With `definition`, the value set itself is sent instead of its url."""
    url, _, version = question.value_set.partition("|")
    system_version = question.version
    found: list[dict[str, Any]] = []
    if not question.value_set:
        found.append({"name": "url", "valueUri": question.system or ""})
        version, system_version = question.version, ""
    elif definition is not None:
        found.append({"name": "valueSet", "resource": dict(definition)})
        version = ""
    else:
        found.append({"name": "url", "valueUri": url})
    if version:
        found.append(
            {"name": "version" if not question.value_set else "valueSetVersion", "valueString": version}
        )
    found.append({"name": "code", "valueCode": question.code})
    if question.value_set and question.system is None:
        found.append({"name": "inferSystem", "valueBoolean": True})
    elif question.value_set:
        found.append({"name": "system", "valueUri": question.system})
    if system_version:
        found.append({"name": "systemVersion", "valueString": system_version})
    return {"resourceType": "Parameters", "parameter": found}


def batch(questions: Sequence[Question]) -> dict[str, Any]:
    """A batch Bundle that asks all of these."""
    entries = [
        {
            "resource": parameters(each),
            "request": {
                "method": "POST",
                "url": f"{'ValueSet' if each.value_set else 'CodeSystem'}/$validate-code",
            },
        }
        for each in questions
    ]
    return {"resourceType": "Bundle", "type": "batch", "entry": entries}


def batch_answers(status: int, body: Any, asked: int) -> list[tuple[int, Any]] | None:
    """The status and resource of each entry; None where this is no batch-response to so many questions."""
    if status != _OK or not isinstance(body, Mapping) or text(body, "type") != "batch-response":
        return None
    entries = objects(body, "entry")
    if len(entries) != asked:
        return None
    found: list[tuple[int, Any]] = []
    for entry in entries:
        response = entry.get("response")
        told = text(response, "status")[:3] if isinstance(response, Mapping) else ""
        resource = entry.get("resource")
        if resource is None and isinstance(response, Mapping):
            resource = response.get("outcome")
        found.append((int(told) if told.isascii() and told.isdigit() else 0, resource))
    return found


def read_answer(status: int, body: Any, server: str, unknown: str) -> Answer:
    """What an answer to `$validate-code` means.

    `unknown` is the reason where the server does not know what it is asked about. Only a `result` is a verdict, and a
    false one only where nothing in the answer says that the server lacked what it would have had to know.
    """
    name = f"the terminology server {server}"
    body = body if isinstance(body, Mapping) else {}
    if text(body, "resourceType") == "Parameters" and status == _OK:
        return _verdict(objects(body, "parameter"), name, unknown)
    if text(body, "resourceType") == "OperationOutcome" and _lacks(body):
        return cannot_tell(unknown)
    if status in _NOT_FOUND:
        return cannot_tell(unknown)
    if status >= _FAULTY:
        return cannot_tell(f"{name} failed (HTTP {status})")
    return cannot_tell(f"{name} gave no answer to $validate-code (HTTP {status})")


def _verdict(given: list[dict[str, Any]], name: str, unknown: str) -> Answer:
    results = [each.get("valueBoolean") for each in given if text(each, "name") == "result"]
    if results == [True]:
        return MEMBER
    if results != [False]:
        return cannot_tell(f"{name} gave no result of $validate-code")
    outcomes = [each.get("resource") for each in given if text(each, "name") == "issues"]
    lacking = any("unknown-system" in text(each, "name") for each in given) or any(
        _lacks(outcome) for outcome in outcomes if isinstance(outcome, Mapping)
    )
    message = next((text(each, "valueString") for each in given if text(each, "name") == "message"), "")
    if lacking or _UNKNOWING.search(message[:10_000]):
        return cannot_tell(unknown)
    shown = " ".join("".join(c if c.isprintable() else " " for c in message[:_LONGEST_MESSAGE]).split())
    return Answer(Membership.NOT_MEMBER, f"{name} says: {shown}" if shown else f"{name} says that it is not")


def _lacks(outcome: Mapping[str, Any]) -> bool:
    """Whether an error of this OperationOutcome is about what the server lacks, rather than about the code."""
    errors = [each for each in objects(outcome, "issue") if text(each, "severity") in _ERRORS]
    return any(
        text(each, "code") not in _JUDGING or _UNKNOWING.search(_words(each)[:10_000]) for each in errors
    )


def _words(issue: Mapping[str, Any]) -> str:
    details = issue.get("details")
    said = text(details, "text") if isinstance(details, Mapping) else ""
    return f"{said} {text(issue, 'diagnostics')}"
