"""Checks of what errors say, and of what they must not give away (https://hl7.org/fhir/R4/operationoutcome.html).

Source for what is not to be given away: https://hl7.org/fhir/R4/security.html#http
"""

import re
from functools import cache

from conformance.checks.picking import picked, quoted
from conformance.fhir.definitions import r4
from conformance.fhir.terminology.facade import Terminology
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, check

SEVERITIES = ("fatal", "error", "warning", "information")
ISSUE_TYPES = "http://hl7.org/fhir/ValueSet/issue-type"
ERRORS_FROM = 400
SHORTEST = 4
"""Shorter values of a patient may stand in any text."""

LEAKS: dict[str, re.Pattern[str]] = {
    "a stack trace of Python": re.compile(r"Traceback \(most recent call last\)|File \\*\"[^\"]+\.py\\*\", line \d+"),
    "a stack trace of Java": re.compile(r"\bat [\w$.]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)"),
    "a stack trace of .NET": re.compile(r"\bat [\w.`<>+]+\([^)]*\) in .+:line \d+"),
    "a stack trace of JavaScript": re.compile(r"\bat [^\n]{0,200}\(?(?:/|file:|node:)[^\s)]+\.[cm]?[jt]s:\d+:\d+\)?"),
    "a stack trace of Ruby or PHP": re.compile(r"[\w/]+\.rb:\d+:in [`']|#\d+ /[^\s(]+\.php\(\d+\)"),
    "a stack trace of Go": re.compile(r"goroutine \d+ \[running\]"),
    "a statement of SQL": re.compile(
        r"\b(?:SELECT\s[\s\S]{1,500}?\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s)[\"'`\[]?\w"
    ),
    "an error of a database": re.compile(r"\bORA-\d{5}\b|\bSQLSTATE\b|SQLite3?::|near \"[^\"]*\": syntax error"),
    "a path of the server's files": re.compile(
        r"(?<![\w/.:])/(?:usr|home|opt|var|srv|etc|app)/[\w.-]+/[\w./-]+|\b[A-Za-z]:\\{1,2}(?:[\w .-]+\\{1,2})+\w+"
    ),
}  # fmt: skip


@cache
def _terminology() -> Terminology:
    return Terminology(r4())


def errors(evidence: Evidence, label: str) -> list[Exchange]:
    """The answers that are errors. Raises NoData where there is none."""
    found = [exchange for exchange in picked(evidence, label) if exchange.status >= ERRORS_FROM]
    if not found:
        raise NoData("no answer was an error")
    return found


def _issues(exchange: Exchange) -> list[dict[str, object]] | None:
    outcome = exchange.resource("OperationOutcome")
    listed = outcome.get("issue") if outcome is not None else None
    if isinstance(listed, list):
        return [issue if isinstance(issue, dict) else {} for issue in listed]
    return [] if outcome is not None else None


@check("outcome-valid")
def outcome_valid(evidence: Evidence, *, label: str = "") -> Findings:
    """An OperationOutcome has an issue, and each has a severity and a code of those that there are."""
    found = [
        (exchange, issues)
        for exchange in errors(evidence, label)
        if (issues := _issues(exchange)) is not None
    ]
    if not found:
        raise NotApplicable("no error had an OperationOutcome in JSON as its body")
    for exchange, issues in found:
        if not issues:
            yield exchange.finding("answered an OperationOutcome without an issue")
        for issue in issues:
            severity, code = issue.get("severity"), issue.get("code")
            if severity not in SEVERITIES:
                yield exchange.finding(f"tells an issue with the severity {quoted(severity)}")
            known = isinstance(code, str) and _terminology().validate(ISSUE_TYPES, code)
            if not known or known.is_not_member:
                yield exchange.finding(f"tells an issue with the code {quoted(code)}, which is no issue type")


@check("outcome-severity")
def outcome_severity(evidence: Evidence, *, label: str = "") -> Findings:
    """The OperationOutcome of an error has an issue that is an error, or fatal."""
    found = [(exchange, issues) for exchange in errors(evidence, label) if (issues := _issues(exchange))]
    if not found:
        raise NotApplicable("no error had an OperationOutcome with an issue")
    for exchange, issues in found:
        if not any(issue.get("severity") in {"error", "fatal"} for issue in issues):
            told = ", ".join(sorted({str(issue.get("severity")) for issue in issues}))
            yield exchange.finding(f"answered {exchange.status}, but its issues are all of severity {told}")


@check("no-leaks")
def no_leaks(evidence: Evidence, *, label: str = "") -> Findings:
    """No error gives away how the server works: stack traces, statements of SQL, paths of its files."""
    for exchange in errors(evidence, label):
        text = exchange.content().decode("utf-8", "replace")
        for escaped, plain in ((r"\n", "\n"), (r"\t", "\t"), (r"\"", '"')):  # a trace may stand in JSON
            text = text.replace(escaped, plain)
        for what, pattern in LEAKS.items():
            if (match := pattern.search(text)) and match[0] not in exchange.url:
                yield exchange.finding(f"answered {exchange.status} with {what}: {quoted(match[0])}")


@check("tells-nothing-of")
def tells_nothing_of(evidence: Evidence, *, values: list[str], label: str = "") -> Findings:
    """No error holds these values of a patient."""
    telling = [value for value in values if len(value) >= SHORTEST]
    if not telling:
        raise NoData("the values are too short to be told from other words")
    for exchange in errors(evidence, label):
        text = exchange.content().decode("utf-8", "replace").casefold()
        for value in telling:
            if value.casefold() in text:
                yield exchange.finding(f"answered {exchange.status} and told of the patient: {quoted(value)}")


@check("markup-escaped")
def markup_escaped(evidence: Evidence, *, markup: str, label: str = "") -> Findings:
    """No page of HTML gives back this markup, which was sent, as markup."""
    answers = [exchange for exchange in picked(evidence, label) if exchange.status]
    if not answers:
        raise NoData("nothing was answered")
    for exchange in answers:
        page = exchange.media_type in {"text/html", "application/xhtml+xml", ""}
        if page and markup in exchange.content().decode("utf-8", "replace"):
            yield exchange.finding(f"answered a page of HTML with {markup!r} in it, as it was sent")
