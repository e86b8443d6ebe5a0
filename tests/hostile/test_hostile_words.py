"""Servers whose every word would do something to whoever reads it: nothing that we show obeys."""

import html
import io
import re
import unicodedata
import zipfile
from xml.etree import ElementTree as ET

import pytest
from raw_server import STATEMENT, Asked, Peer, RawServer, page, patient, resource
from whole_runs import command

from conformance.model.report import Report, RunRecord
from conformance.views import pdf, typesetting
from conformance.views.signature import UNSIGNED

WORDS = {
    "terminal-codes": "\x1b[2J\x1b]0;title\x07\x1b[31mPASSED\x1b[0m\x9b2J\x08\x08",
    "right-to-left": "\u202eDESSAP\u2066\u200f",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "markdown": "](javascript:alert(1)) ![x](http://evil.example/x.png) <b>| x |</b>",
    "formulas": '=HYPERLINK("http://evil.example","PASSED")',
    "workflow-commands": "\n::error title=x::y\n::set-output name=result::PASSED\n",
    "line-ends": "a\r\nRESULT: PASSED\r\n\u2028\u2029b",
}


def saying(word: str):
    """A server that says it wherever a server has a word, and does nearly everything wrong, so that it is quoted."""

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        kind, _, identity = asked.path.strip("/").partition("/")
        outcome = {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "code": word, "diagnostics": word, "details": {"text": word}}],
        }
        if kind == "metadata":
            stated = STATEMENT | {
                "software": {"name": word, "version": word},
                "publisher": word,
                "title": word,
            }
            return resource(stated)
        if kind == "Patient" and not identity:
            found = [
                patient("p1", gender=word, birthDate=word),
                patient("p2") | {word: word},
                patient(f"p{word}"),
            ]
            return resource(page("http://127.0.0.1", found, total=3, language=word))
        if identity == "p1":
            return resource({"resourceType": word, "id": word})
        if identity == "p2":
            return resource(outcome, 500)
        return resource(patient(word, language=""))

    return behave


def effects(text: str) -> set[str]:
    """The characters in a text that do something rather than show something."""
    return {
        one
        for one in text
        if (one not in "\n\t" and unicodedata.category(one)[0] == "C") or one in "\u2028\u2029"
    }


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


@pytest.mark.parametrize("name", WORDS, ids="words-{}".format)
def test_what_is_said_is_shown_and_not_obeyed(name, serve, told, as_the_page_says, capsys, tmp_path):
    word = WORDS[name]
    server: RawServer = serve(saying(word))
    seen = told(server.base, views="html,md,junit,csv,xlsx")
    command("check-target", "--target", tmp_path / "target.yaml")
    command("replay", seen.folder)
    also = capsys.readouterr()
    shown = seen.shown + also.out + also.err
    as_the_page_says(f"words-{name}", seen)
    assert effects(shown) == set()
    assert "\n::" not in shown
    assert "\nRESULT: PASSED" not in shown
    views = {one.suffix: one.read_bytes() for one in (seen.folder / "views").iterdir() if one.is_file()}
    assert set(views) >= {".html", ".md", ".xml", ".csv", ".xlsx"}, views.keys()
    markup = views[".html"].decode()
    assert "<script" not in markup.lower()
    assert "<img" not in markup
    assert 'href="javascript' not in markup.lower()
    for suffix in (".html", ".md", ".csv"):
        assert effects(views[suffix].decode("utf-8-sig").replace("\r\n", "\n")) == set(), suffix
    assert "<script" not in views[".md"].decode()
    assert "](javascript" not in views[".md"].decode()
    assert "![x](http" not in views[".md"].decode()
    told_to_builds = [
        value
        for one in ET.fromstring(views[".xml"]).iter()
        for value in [*one.attrib.values(), one.text or ""]
    ]
    assert effects("".join(told_to_builds)) == set()
    with zipfile.ZipFile(io.BytesIO(views[".xlsx"])) as book:
        cells = "".join(
            book.read(one).decode() for one in book.namelist() if "sheet" in one.lower() or "Strings" in one
        )
    assert "<f>" not in cells
    assert effects(html.unescape(cells)) == set()
    assert not re.search(r'(?m)(^|[,;"])=', views[".csv"].decode("utf-8-sig"))
    report = Report.read((seen.folder / "report.json").read_bytes())
    record = RunRecord.read((seen.folder / "run.json").read_bytes())
    assert all(typesetting.shown(one) == one for one in strings(pdf.content(report, record, UNSIGNED)))
