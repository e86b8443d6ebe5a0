"""The page of an inspection: it says what was found, loads nothing, and lets nothing of a file become markup."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.model.inspection import (
    Elsewhere,
    FileFacts,
    Frequent,
    Inspection,
    Place,
    References,
    Trouble,
    TypeFacts,
    Words,
)
from conformance.views.inspection_page import inspection_page, is_published
from conformance.views.inspection_table import inspection_table, verdict

HOSTILE = '<script>alert(1)</script>"\x1b[31m\u202e&amp;'


def found(text="Patient", **more):
    trouble = Trouble(kind="not JSON", count=7, places=(Place(line=3, offset=90, why=text),))
    return Inspection(
        tool="conformance 0",
        files=(
            FileFacts(
                name=f"{text}.ndjson", size=10, sha256="ab" * 32, lines=12, resources=5, troubles=(trouble,)
            ),
        ),
        types=(
            TypeFacts(name=text, resources=5, ids=5, declared=6, updated_first="2026-01-01T00:00:00.000Z"),
        ),
        references=(References(source=text, target="Group", references=9, targets=3, dangling=2, missing=1),),
        elsewhere=(Elsewhere(source=text, form="urn", count=1),),
        words=(Words(kind="code system", distinct=1, count=4, frequent=(Frequent(text=text, count=4),)),),
        not_looked_at=(text,),
        **more,
    )


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.words, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def test_it_says_what_was_found():
    page = inspection_page(found(errors=("something is wrong",)), "export")
    words = " ".join(" ".join(read(page).words).split())
    for told in (
        "Errors found",
        "something is wrong",
        "not JSON",
        "line 3",
        "2 references lead to",
        "ab" * 32,
    ):
        assert told in words
    assert "No error found" in inspection_page(found(), "export")


@given(st.text() | st.just(HOSTILE))
def test_nothing_of_a_file_becomes_markup_or_is_loaded(text):
    reader = read(inspection_page(found(text, errors=(text,), warnings=(text,)), text))
    assert "script" not in reader.tags
    assert not {"src", "href"} & {
        name for name, value in reader.attributes if not (value or "").startswith("#")
    }
    assert not any(name.startswith("on") for name, _ in reader.attributes)
    assert "\x1b" not in "".join(reader.words)


def test_pictures_have_words_and_a_table_beside_them():
    page = inspection_page(found(), "export")
    reader = read(page)
    roles = [value for name, value in reader.attributes if name == "role"]
    labels = [value for name, value in reader.attributes if name == "aria-label"]
    assert roles.count("img") == len(labels) == 2
    assert all("table" in label for label in labels)
    assert reader.tags.count("caption") == reader.tags.count("table")


def test_an_export_of_nothing_has_a_page_too():
    assert "Errors found" in inspection_page(
        Inspection(errors=("there is no resource in any file",)), "empty"
    )


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("http://snomed.info/sct", True),
        ("https://fhir.nhs.uk/Id/nhs-number", True),
        ("https://acme.example/codes", False),
        ("http://hl7.org.acme.example/", False),
    ],
)
def test_systems_of_standards_are_told_from_others(url, known):
    assert is_published(url) is known


def test_the_terminal_says_the_same(capsys):
    from rich.console import Console

    Console(width=200).print(inspection_table(found(errors=("something is wrong",))))
    shown = capsys.readouterr().out
    assert verdict(found(errors=("something is wrong",))) in shown
    assert "something is wrong" in shown
    assert verdict(found()).startswith("NO ERROR FOUND")
