"""The PDF: of the standards it is built for, with the record in it, and never stopped by what a server said."""

import re
import sys
import zlib

import pytest
from report_samples import RECORD, SIGNED, of_every_kind, report, result
from strategies import HOSTILE

from conformance.model.report import Result
from conformance.model.verdict import Outcome
from conformance.views import pdf as module
from conformance.views.pdf import pdf
from conformance.views.signature import UNSIGNED
from conformance.views.typesetting import shown

pytest.importorskip("typst", reason="needs the extra [pdf]")


def streams(made):
    """The contents of all compressed parts."""
    found = []
    for body in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL):
        try:
            found.append(zlib.decompress(body))
        except zlib.error:
            found.append(body)
    return b"\n".join(found)


def test_it_is_built_for_the_standards_and_carries_the_signed_record():
    envelope = b'{"payload": "e30=", "payloadType": "x", "signatures": []}'
    made = pdf(of_every_kind(), RECORD, SIGNED, envelope)
    inner = streams(made)
    assert b"<pdfaid:part>3</pdfaid:part>" in inner
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in inner
    assert b"<pdfuaid:part>1</pdfuaid:part>" in inner
    assert envelope in inner
    assert b"report.dsse.json" in made + inner


def test_an_unsigned_report_carries_its_content():
    assert of_every_kind().canonical() in streams(pdf(of_every_kind(), RECORD, UNSIGNED))


def test_no_text_stops_it():
    said = [*HOSTILE, "中文 \u0e01 \U0001f600", "#panic() $x$ @y <z> *a* _b_ `c` = d", "\\u{41}"]
    every = [result(n, Outcome.FAIL, said=text, cases=2) for n, text in enumerate(said)]
    hostile = [r.model_copy(update={"text": t, "source": t}) for r, t in zip(every, said, strict=True)]
    assert pdf(report(*hostile, overall=Result.FAILED), RECORD, UNSIGNED).startswith(b"%PDF-")


def test_every_character_that_is_shown_as_it_is_has_a_glyph():
    kept = [chr(code) for code in range(32, sys.maxunicode + 1) if shown(chr(code)) == chr(code)]
    lines = ["".join(kept[at : at + 60]) for at in range(0, len(kept), 60)]
    every = [result(n, Outcome.FAIL, said=line) for n, line in enumerate(lines)]
    assert len(kept) > 450
    assert pdf(report(*every, overall=Result.FAILED), RECORD, UNSIGNED).startswith(b"%PDF-")


def test_what_the_fonts_do_not_have_is_told_by_number():
    assert shown("a\u4e2db") == "a[U+4E2D]b"


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-22T17:09:30"])
def test_a_time_that_is_none_stops_nothing(at):
    record = RECORD.model_copy(update={"finished_at": at, "started_at": at})
    assert pdf(report(result(1, Outcome.PASS)), record, UNSIGNED)


def test_many_failures_are_told_in_short():
    many = report(*(result(n, Outcome.FAIL) for n in range(module.MOST_IN_FULL + 5)), overall=Result.FAILED)
    said = module.content(many, RECORD, SIGNED)
    assert len(said["failing"]) == module.MOST_IN_FULL
    assert len(said["failingShort"]) == 5
