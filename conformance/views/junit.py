"""The report as JUnit XML, for CI systems: one test case a requirement.

CI systems differ in what they read, so the form is the one that all do: unique names, at most one failure or error in
a case, no control characters. A requirement that binds and is untested or inconclusive is an error: nothing that was
not shown looks like a pass. What decides nothing (SHOULD, MAY, advisories) never fails a build.
"""

from collections import Counter
from xml.etree import ElementTree as ET

from conformance.model.profile import Method
from conformance.model.report import Report, RequirementResult, Result, RunRecord
from conformance.model.verdict import Outcome
from conformance.views import selection, wording
from conformance.views.matrix import why
from conformance.views.signature import SignatureNote
from conformance.views.text import clean, one_line, shortened

LONGEST = 500
MOST_CASES = 20
_OPEN = frozenset({Outcome.INCONCLUSIVE, Outcome.UNTESTED})


def junit(report: Report, record: RunRecord, signature: SignatureNote) -> bytes:
    """The XML document, in UTF-8."""
    root = ET.Element("testsuites", name=wording.headline(report, signature))
    names: Counter[str] = Counter()
    for number, (origin, members) in enumerate(selection.origins(report)):
        suite = ET.SubElement(root, "testsuite", name=one_line(origin) or "requirements")
        if number == 0:
            _properties(suite, report, record, signature)
        for result in members:
            suite.append(_case(result, one_line(origin), names))
        _count(suite)
    if report.result is not Result.PASSED and not _told(root):
        root.append(_result_alone(report))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _properties(suite: ET.Element, report: Report, record: RunRecord, signature: SignatureNote) -> None:
    holder = ET.SubElement(suite, "properties")
    said = [
        ("result", report.result.value),
        ("conclusion", wording.conclusion(report)),
        *((f"verdict.{m.method}", wording.method_line(m)) for m in wording.shown_methods(report)),
        ("signature", wording.signature_line(signature)),
        ("profile", f"{report.profile.profile}@{report.profile.version} sha256:{report.profile.digest}"),
        ("endpoint", report.target.endpoint),
        ("run", report.run_id),
        ("runBy", wording.run_by(record.runner)),
        ("startedAt", record.started_at),
    ]
    for name, value in said:
        ET.SubElement(holder, "property", name=name, value=one_line(value))


def _case(result: RequirementResult, origin: str, names: Counter[str]) -> ET.Element:
    name = shortened(f"{one_line(result.id)} {one_line(result.text)}", 160).strip()
    names[name] += 1
    if names[name] > 1:  # some CI systems keep only the first of a name
        name = f"{name} ({names[name]})"
    case = ET.Element("testcase", name=name, classname=origin or "requirements", time="0")
    kind, said = _kind(result)
    if kind in {"failure", "error", "skipped"}:
        message = shortened(f"{result.outcome}: {why(result)}", LONGEST)
        ET.SubElement(case, kind, message=message, type=result.outcome.value).text = said
    elif said:
        ET.SubElement(case, "system-out").text = said
    return case


def _kind(result: RequirementResult) -> tuple[str, str]:
    """What the requirement is in JUnit's words, and what is told of it."""
    if result.outcome is Outcome.PASS:
        return "", ""
    if result.outcome is Outcome.INAPPLICABLE or result.method is Method.OUT_OF_SCOPE:
        return "skipped", selection.reason(result)
    if result.outcome in _OPEN:
        return ("error" if result.binds else "skipped"), _story(result)
    if result.binds:
        return "failure", _story(result)
    because = one_line(result.advisory) or f"{result.level} decides nothing"
    return "system-out", f"warning, not a failure of the build ({because})\n{_story(result)}"


def _story(result: RequirementResult) -> str:
    """All that a reader of a build log needs to go on."""
    lines = [f"{result.level}: {clean(result.text)}", f"Source: {one_line(result.source)}"]
    decisive = selection.decisive(result)
    for verdict in decisive[:MOST_CASES]:
        lines.append(f"Case {one_line(verdict.case)}")
        lines += [f"  {shortened(one_line(f), LONGEST)}" for f in verdict.findings or (verdict.because,) if f]
        lines += [f"  {one_line(verdict.curl)}"] if verdict.curl else []
    if len(decisive) > MOST_CASES:
        lines.append(f"and {len(decisive) - MOST_CASES} more cases: see report.json")
    if not decisive:
        lines.append(selection.reason(result))
    return "\n".join(lines)


def _told(root: ET.Element) -> bool:
    return root.find(".//failure") is not None or root.find(".//error") is not None


def _result_alone(report: Report) -> ET.Element:
    """A case that tells the result where no requirement does: a report that did not pass never looks as if it had."""
    suite = ET.Element("testsuite", name="result")
    case = ET.SubElement(
        suite, "testcase", name=f"{report.profile.profile} result", classname="result", time="0"
    )
    kind = "failure" if report.result is Result.FAILED else "error"
    ET.SubElement(case, kind, message=wording.conclusion(report), type=report.result.value)
    _count(suite)
    return suite


def _count(suite: ET.Element) -> None:
    for name, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        suite.set(name, str(sum(1 for _ in suite.iter(tag))))
