"""Facts about NDJSON files: what they count, and the laws by which they are merged."""

import gzip
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from evidence_builder import exchange, ndjson
from hypothesis import given
from hypothesis import strategies as st

from conformance.analysis.facts import FileFacts, facts_of, merged, resources, scan

SYNTHEA = Path(__file__).parents[3] / "shared" / "data" / "synthea-small"

PATIENT = {"resourceType": "Patient", "id": "a", "meta": {"lastUpdated": "2026-01-01T00:00:00Z"}}
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "subject": {"reference": "Patient/a"},
    "contained": [{"resourceType": "Observation", "subject": {"reference": "#p"}}],
    "presentedForm": [{"contentType": "text/plain", "url": "Binary/1", "size": 3}],
}

references = st.sampled_from(["Patient/a", "Patient/b", "#c", "urn:uuid:1"])
lines = st.one_of(
    st.fixed_dictionaries(
        {"resourceType": st.sampled_from(["Patient", "Group"]), "id": st.sampled_from("abc")},
        optional={"subject": st.fixed_dictionaries({"reference": references}), "n": st.integers(-9, 9)},
    ).map(orjson.dumps),
    st.sampled_from([b"", b"{", b"[]", b'{"resourceType":"Patient"}\r', b'{"id":"x"}', b"NaN"]),
)
bodies = st.lists(lines, max_size=8).map(lambda several: b"".join(line + b"\n" for line in several))


def test_what_a_file_holds():
    facts = scan([ndjson(PATIENT, REPORT, PATIENT)])
    assert facts.counts == {"Patient": 2, "DiagnosticReport": 1}
    assert facts.ids == {"Patient": {"a"}, "DiagnosticReport": {"r"}}
    assert facts.repeated == {"Patient/a": 1}
    assert facts.references == [("DiagnosticReport/r", "Patient/a")]
    assert facts.updated == {"Patient/a": "2026-01-01T00:00:00Z"}
    assert [(found.url, found.size) for found in facts.attachments] == [("Binary/1", 3)]
    assert facts.has("Patient/a")
    assert not facts.has("Patient/b")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"resourceType": "Pat', "it is no JSON"),
        (b"[1]", "it is no JSON object"),
        (b'{"id": "a"}', "it has no resourceType"),
        (b'{"resourceType": 3}', "it has no resourceType"),
        (b"\xff", "it is no JSON: it is not UTF-8"),
    ],
)
def test_an_invalid_line_is_told_with_its_number_and_reason(line, reason):
    facts = scan([b"\n" + line + b"\n" + orjson.dumps(PATIENT)])
    [(number, said)] = facts.invalid
    assert (number, facts.invalid_count, facts.blank_lines, facts.lines) == (2, 1, 1, 3)
    assert said.startswith(reason)
    assert not facts.ends_in_newline
    assert facts.counts == {"Patient": 1}


def test_only_the_first_invalid_lines_are_described_but_all_are_counted():
    facts = scan([b"{\n" * 50])
    assert (len(facts.invalid), facts.invalid_count) == (20, 50)


def test_marks_that_do_not_belong_there_are_seen():
    facts = scan([b"\xef\xbb\xbf" + orjson.dumps(PATIENT) + b"\r\n"])
    assert facts.byte_order_mark
    assert facts.carriage_returns == 1
    assert facts.counts == {"Patient": 1}


@given(bodies, st.lists(st.integers(0, 400), max_size=5))
def test_how_the_body_is_cut_into_chunks_does_not_matter(body, cuts):
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    chunks = [body[start:end] for start, end in pairwise(places)]
    assert scan(chunks) == scan([body])


@given(bodies, bodies, bodies)
def test_merging_is_reading_one_after_the_other_and_associative(one, two, three):
    facts = [scan([body]) for body in (one, two, three)]
    whole = scan([one + two + three])
    assert merged(facts) == whole
    assert facts[0].merge(facts[1]).merge(facts[2]) == facts[0].merge(facts[1].merge(facts[2]))
    assert merged([FileFacts(), whole]) == whole == merged([whole, FileFacts()])


@given(bodies, bodies)
def test_merging_is_commutative_up_to_order(one, two):
    there, back = (merged([scan([a]), scan([b])]) for a, b in ((one, two), (two, one)))
    for name in ("lines", "invalid_count", "counts", "ids", "repeated", "without_id", "blank_lines"):
        assert getattr(there, name) == getattr(back, name)
    assert sorted(there.references) == sorted(back.references)


def test_facts_of_a_recorded_file_are_gathered_once():
    answer = exchange(body=ndjson(PATIENT, REPORT))
    assert facts_of(answer) is facts_of(answer)
    assert [found["id"] for found in resources(answer)] == ["a", "r"]
    assert list(resources(exchange(body=b"{\n\n[]\n"))) == []


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="the Synthea sample is not beside the checkout")
def test_a_big_export_is_read_whole():
    files = [gzip.decompress(path.read_bytes()) for path in sorted(SYNTHEA.glob("*.ndjson.gz"))]
    facts = merged(scan([body]) for body in files)
    assert (facts.resources, facts.invalid_count, facts.repeated) == (38_483, 0, {})
    assert len(facts.references) == 120_832 + 13_875
