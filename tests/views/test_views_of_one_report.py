"""All views of one report: the same result, the same totals, and nothing that a server sent but as text."""

import csv
import html as entities
import io
import json
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from report_samples import RECORD, SIGNED, of_every_kind, report, result
from rich.console import Console
from strategies import HOSTILE, reports, run_records

from conformance.errors import UnknownName, UsageError
from conformance.model.profile import Level
from conformance.model.report import Result
from conformance.model.verdict import Outcome
from conformance.views import kinds, pdf, terminal, text, typesetting, wording
from conformance.views.kinds import KINDS, Subject, chosen, rendered
from conformance.views.signature import UNSIGNED

INSTALLED = [name for name, kind in KINDS.items() if kind.possible]


def words_of(name, made):
    """What a view says, as one line of text."""
    raw = {
        "html": lambda: entities.unescape(re.sub(r"<[^>]*>", " ", made.decode())),
        "pdf": lambda: json.dumps(made, ensure_ascii=False),
        "xlsx": lambda: entities.unescape(
            " ".join(re.findall(r"<t[^>]*>([^<]*)</t>", part(made, "xl/sharedStrings.xml")))
        ),
        "csv": lambda: made.decode("utf-8-sig"),
        "md": lambda: entities.unescape(made.decode()),
        "junit": lambda: " ".join(
            [*(value for element in ET.fromstring(made).iter() for value in element.attrib.values())]
        ),
    }[name]()
    return " ".join(raw.split())


def part(made, name):
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        return book.read(name).decode()


def view(name, subject):
    """One view; of a PDF what it was told to say, as its pages are compressed."""
    if name == "pdf":
        return pdf.content(subject.report, subject.record, subject.signature)
    return rendered(subject, [name])[KINDS[name].file]


@pytest.mark.parametrize("signature", [SIGNED, UNSIGNED])
@pytest.mark.parametrize("overall", list(Result))
@pytest.mark.parametrize("name", list(KINDS))
def test_every_view_says_the_same_of_one_report(name, overall, signature):
    shown = of_every_kind().model_copy(update={"result": overall})
    said = words_of(name, view(name, Subject(shown, RECORD, signature)))
    assert wording.headline(shown, signature) in said
    assert wording.conclusion(shown) in said
    assert wording.run_by(RECORD.runner) in said
    for method in wording.shown_methods(shown):
        totals = wording.outcomes(method.totals)
        row = " | ".join(str(method.totals.get(outcome, 0)) for outcome in Outcome)
        assert totals in said or f"| {row} |" in said


def test_the_terminal_says_it_too():
    console = Console(width=300, record=True, file=io.StringIO())
    console.print(terminal.whole(of_every_kind(), RECORD, SIGNED))
    said = " ".join(console.export_text().split())
    assert wording.conclusion(of_every_kind()) in said
    for method in wording.shown_methods(of_every_kind()):
        counts = " ".join(str(method.totals.get(outcome, 0)) for outcome in Outcome)
        assert f"{wording.METHOD_TITLE[method.method]} {counts} " in said


@pytest.mark.parametrize("name", INSTALLED)
def test_the_same_report_gives_the_same_bytes(name):
    subject = Subject(of_every_kind(), RECORD, SIGNED, b'{"payload": ""}')
    assert rendered(subject, [name]) == rendered(subject, [name])


@pytest.mark.parametrize("name", [name for name in KINDS if name != "pdf"])
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=15)
@given(reports, run_records)
def test_no_string_of_a_server_is_more_than_text(name, given_report, record):
    assert_only_text(name, view(name, Subject(given_report, record, UNSIGNED)))


@pytest.mark.parametrize("name", list(KINDS))
def test_hostile_strings_in_every_place_are_only_text(name):
    every = [
        result(number, outcome, said=hostile).model_copy(
            update={"text": hostile, "source": hostile, "origin": hostile, "because": hostile}
        )
        for outcome in Outcome
        for number, hostile in enumerate([*HOSTILE, "=1+1", "@SUM(A1)", "a;=1+1", "| x | y |", "`x`", "# x"])
    ]
    nasty = report(*every, parameters=dict.fromkeys(HOSTILE, HOSTILE[0]), overall=Result.FAILED)
    assert_only_text(name, view(name, Subject(nasty, RECORD, UNSIGNED)))


def assert_only_text(name, made):
    if name == "pdf":
        assert all(typesetting.shown(word) == word for word in strings(made))
        return
    if name == "xlsx":
        sheets = [part(made, f"xl/worksheets/sheet{n}.xml") for n in (1, 2, 3, 4, 5)]
        assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
        made = part(made, "xl/sharedStrings.xml").encode()
        ET.fromstring(made)
    said = made.decode("utf-8-sig").replace("\r\n", "\n")
    assert text.clean(said) == said
    {"csv": no_formula, "junit": only_known_elements, "md": no_markup}.get(name, str)(said)


def no_formula(said):
    for row in csv.reader(io.StringIO(said)):
        for cell in row:
            assert not re.search(r"(^|[;|\n])\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]", cell)


def only_known_elements(said):
    assert {element.tag for element in ET.fromstring(said).iter()} <= {
        *("testsuites", "testsuite", "testcase", "properties", "property"),
        *("failure", "error", "skipped", "system-out"),
    }


def no_markup(said):
    assert set(re.findall(r"<[^>]*>", said)) <= {"<details>", "</details>", "<summary>", "</summary>"}
    assert not re.search(r"https?:|javascript:|\]\(|`", said)
    for line in said.splitlines():
        if line.startswith("| "):
            assert line.count("|") in {5, 8}, line


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from strings(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from strings(member)


def test_kinds_are_chosen_by_name():
    assert chosen("junit, html") == ("html", "junit")
    assert chosen("none") == ()
    assert set(chosen("all")) == set(INSTALLED)
    with pytest.raises(UnknownName, match="no view named 'htlm'; did you mean 'html'"):
        chosen("htlm")


def test_what_cannot_be_made_here_is_left_out_unless_it_was_asked_for(monkeypatch):
    monkeypatch.setattr(kinds, "find_spec", lambda _name: None)
    assert "pdf" not in chosen("all")
    with pytest.raises(UsageError, match="needs typst"):
        chosen("pdf")


def test_what_advises_only_is_told_as_such_everywhere():
    advised = result(1, Outcome.FAIL, level=Level.SHALL).model_copy(update={"advisory": "from 2027 on"})
    shown = report(advised, overall=Result.NOT_TESTED)
    for name in KINDS:
        if name != "md":
            made = view(name, Subject(shown, RECORD, SIGNED))
            assert "from 2027 on" in (made.decode() if name == "junit" else words_of(name, made))
