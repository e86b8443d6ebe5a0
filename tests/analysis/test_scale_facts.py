"""Facts about exports at any size: the same however the bytes were cut, whoever read them, and exact."""

import itertools
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.analysis.scale import joining, summing
from conformance.analysis.scale.engine import engine, plain_targets
from conformance.analysis.scale.examining import examine
from conformance.analysis.scale.gathering import NUMBER
from conformance.analysis.scale.gathering import plain_target as plain_in_python
from conformance.analysis.scale.kinds import RECORD_SIZE, Kind
from conformance.analysis.scale.naming import Origin, texts_of
from conformance.analysis.scale.piece import Trouble, joined
from conformance.analysis.scale.records import RECORD, none, records, reduced, within
from conformance.analysis.scale.splitting import Line, in_chunk

EDGE = st.integers(0, 2**64 - 1) | st.sampled_from([0, 5, 6, 2**64 - 1])
IDS = st.sampled_from(["a", "b", "c", "d-1", "x.2"])
TYPES = st.sampled_from(["Patient", "Observation", "Group"])
REFERENCES = st.one_of(
    st.builds("{}/{}".format, TYPES, IDS),
    st.builds("https://here.example/fhir/{}/{}/_history/2".format, TYPES, IDS),
    st.sampled_from(
        ["https://there.example/Patient/a", "urn:uuid:1", "#inner", "Patient?name=x", "nonsense", ""]
    ),
)
CODINGS = st.fixed_dictionaries(
    {
        "system": st.sampled_from(["http://loinc.org", "urn", "urn|local"]),
        "code": st.sampled_from(["1", "2", 'q":', "local|1"]),
    }
)
EXTENSIONS = st.lists(
    st.fixed_dictionaries({"url": st.sampled_from(["https://x.example/a", "part", 7])}), max_size=2
)
RESOURCES = st.fixed_dictionaries(
    {"resourceType": TYPES | st.sampled_from(["Invented", "Patient/a"])},
    optional={
        "id": IDS,
        "meta": st.fixed_dictionaries(
            {
                "lastUpdated": st.sampled_from(
                    ["2026-01-01T00:00:00.000Z", "2026-01-01T01:30:00+02:00", "soon"]
                )
            }
        ),
        "subject": st.fixed_dictionaries({"reference": REFERENCES}),
        "code": st.fixed_dictionaries({"coding": st.lists(CODINGS, max_size=2)}),
        "identifier": st.lists(
            st.fixed_dictionaries(
                {"system": st.sampled_from(["https://ids.example", "phone"]), "value": st.just("1")}
            ),
            max_size=1,
        ),
        "extension": EXTENSIONS,
        "modifierExtension": EXTENSIONS,
        "note": st.sampled_from(["plain", "\x00", 'a":b', "\\u0000", "é", '" :']),
    },
)
GOOD = RESOURCES.map(lambda value: json.dumps(value).encode()) | RESOURCES.map(
    lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
)
ODD = st.sampled_from(
    [
        b"",
        b"  ",
        b"\r",
        b"[]",
        b"7",
        b"{}",
        b"{",
        b'{"resourceType":"Patient","id":"a","id":"b"}',
        b'{"resourceType":"Patient","id":"a", "x" : {"y":1,"y" :2}}',
        b'{"resourceType":"Patient","id":NaN}',
        b'{"resourceType":"Patient","id":"\xff"}',
        b'{"resourceType":"Patient","id":"a"}\r',
        b'{"resourceType":"Patient","a":' + b"[" * 3000 + b"]" * 3000 + b"}",
        b'{"resourceType":"Patient","id":"' + b"7" * 500 + b'"}',
    ]
)
BODIES = st.builds(
    lambda bom, lines, end: (b"\xef\xbb\xbf" if bom else b"") + b"\n".join(lines) + (b"\n" if end else b""),
    st.booleans(),
    st.lists(GOOD | ODD, max_size=12),
    st.booleans(),
)
ORIGIN = Origin(bases=("https://here.example/fhir",))


def whole(body, **options):
    piece, records = examine(in_chunk([body], **options), ORIGIN, start=0, end=len(body))
    return piece, records


def blocks(body, size):
    return [body[at : at + size] for at in range(0, len(body), size)]


@settings(deadline=None)
@given(BODIES, st.integers(40, 400), st.integers(1, 300))
def test_facts_are_the_same_however_the_bytes_are_cut(body, chunk, block):
    edges = [*range(0, len(body), chunk), len(body)] if body else [0]
    parts = [
        examine(
            in_chunk(blocks(body[max(start - 1, 0) :], block), start=start, end=end),
            ORIGIN,
            start=start,
            end=end,
        )
        for start, end in itertools.pairwise(edges)
    ]
    piece, records = whole(body)
    assert joined(part for part, _ in parts) == piece
    assert reduced(part for _, part in parts).tobytes() == records.tobytes()


@pytest.mark.skipif(engine() != "compiled", reason="the compiled core was not built")
@given(BODIES)
def test_the_compiled_core_and_the_pure_one_agree(body):
    with pytest.MonkeyPatch.context() as patch:
        compiled = whole(body)
        patch.setenv("CONFORMANCE_PURE", "1")
        pure = whole(body)
    assert compiled[0] == pure[0]
    assert compiled[1].tobytes() == pure[1].tobytes()


@given(
    REFERENCES
    | st.text(alphabet="Patient/é.-0٣", max_size=12)
    | st.builds("Patient/{}".format, st.text(max_size=70))
)
def test_the_compiled_core_reads_references_as_the_pure_one(text):
    assert plain_targets([text]) == [plain_in_python(text)]


@given(st.lists(BODIES, max_size=4), st.permutations(range(4)), st.integers(1, 50))
def test_records_are_joined_alike_in_any_order_and_over_any_ranges(bodies, order, most):
    parts = [
        examine(in_chunk([body]), Origin(file=number, bases=ORIGIN.bases), end=len(body))[1]
        for number, body in enumerate(bodies)
    ]
    shuffled = [parts[number] for number in order if number < len(parts)]
    at_once = joining.join(parts)
    by_ranges = summing.together(
        joining.join(within(part, *span) for part in shuffled) for span in summing.ranges(100, most)
    )
    assert by_ranges == at_once


@given(st.lists(RESOURCES, max_size=20))
def test_joining_says_what_a_plain_reading_says(resources):
    body = b"".join(json.dumps(value).encode() + b"\n" for value in resources)
    piece, records = whole(body)
    found = joining.join([records])
    known = [value for value in resources if value["resourceType"] in NUMBER]
    names = Counter((value["resourceType"], value["id"]) for value in known if "id" in value)
    assert found.distinct.total() - found.distinct[0] == len(names)
    assert found.repeats.total() - found.repeats[0] == sum(count - 1 for count in names.values())
    told = [value["subject"]["reference"] for value in resources if "subject" in value]
    here = [text.removeprefix("https://here.example/fhir/").removesuffix("/_history/2") for text in told]
    here = [text for text in here if text.partition("/")[0] in NUMBER]
    dangling = [text for text in here if tuple(text.split("/")) not in names]
    assert sum(cell.references for cell in found.matrix.values()) == len(here)
    assert sum(cell.dangling for cell in found.matrix.values()) == len(dangling)
    assert piece.others.total() == len(told) - len(here) - told.count("#inner")
    codes = [one for value in resources for one in value.get("code", {}).get("coding", ())]
    assert sum(word.count for word in found.words.get(Kind.CODE, ())) == len(codes)


@given(st.lists(RESOURCES, min_size=1, max_size=6))
def test_each_record_is_found_again_at_the_place_that_it_tells(resources):
    body = b"".join(json.dumps(value).encode() + b"\n" for value in resources)
    _, records = whole(body)
    for record in records:
        line = body[record["offset"] :].partition(b"\n")[0]
        digests = {(kind, digest) for kind, digest, _ in texts_of(line, ORIGIN)}
        assert (record["kind"], record["high"].tobytes() + record["low"].tobytes()) in digests


def troubles(body, **options):
    return dict(whole(body, **options)[0].troubles)


PATIENT = b'{"resourceType":"Patient","id":"a"}'


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        (b"\xef\xbb\xbf" + PATIENT + b"\n", Trouble.BYTE_ORDER_MARK),
        (PATIENT + b"\r\n", Trouble.CARRIAGE_RETURN),
        (PATIENT + b"\n\n", Trouble.BLANK),
        (PATIENT, Trouble.NO_FINAL_NEWLINE),
        (b"[]\n", Trouble.NOT_OBJECT),
        (b'{"id":"a"}\n', Trouble.NO_TYPE),
        (b'{"resourceType":"Patient"}\n', Trouble.NO_ID),
        (b'{"resourceType":"Pasient","id":"a"}\n', Trouble.UNKNOWN_TYPE),
        (b'{"resourceType":"Patient","id":"a"\n', Trouble.NOT_JSON),
        (b'{"resourceType":"Patient","id":"a","x":NaN}\n', Trouble.NOT_JSON),
        (b'{"resourceType":"Patient","id":"\xff"}\n', Trouble.NOT_UTF8),
        (b'{"resourceType":"Patient","id":"a","id":"a"}\n', Trouble.TWICE),
        (b'{"resourceType":"Patient","nested UTF-8":"\\ud800","nested UTF-8":"b"}\n', Trouble.TWICE),
        (b'{"resourceType":"Patient","id":"a","x":"\\u0000"}\n', Trouble.NUL),
        (b'{"resourceType":"Patient","id":"a","x":' + b"[" * 5000 + b"]" * 5000 + b"}\n", Trouble.TOO_DEEP),
    ],
)
def test_each_trouble_is_told_and_counted(line, trouble):
    assert troubles(line) == {trouble: 1}
    assert troubles(PATIENT + b"\n") == {}


def test_a_line_over_the_limit_is_told_and_not_held():
    body = PATIENT + b"\n" + b"x" * 1000 + b"\n" + PATIENT.replace(b'"a"', b'"b"') + b"\n"
    for size in (7, 100):
        piece, _ = examine(in_chunk(blocks(body, size), longest=100), ORIGIN, end=len(body))
        assert dict(piece.troubles) == {Trouble.TOO_LONG: 1}
        assert piece.told[Trouble.TOO_LONG][0].why == "1,000 bytes"
        assert piece.resources == 2
    held = [one for one in in_chunk(blocks(body, 7), longest=100) if isinstance(one, Line)]
    assert max(len(line.data) for line in held) <= 100


def test_what_is_told_of_a_broken_line_holds_none_of_its_text():
    body = b'{"resourceType":"Patient","id":"secret" "name":"Secret"}\n'
    (told,) = whole(body)[0].told[Trouble.NOT_JSON]
    assert "ecret" not in told.why
    assert told.line == 1


def test_a_record_is_as_large_as_is_said_where_it_is_not_loaded():
    assert RECORD.itemsize == RECORD_SIZE


@given(
    highs=st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 5, 2**64 - 1])),
    edges=st.tuples(EDGE, EDGE | st.just(2**64)),
)
def test_a_range_of_records_is_those_whose_hashes_lie_in_it(highs, edges):
    lowest, beyond = sorted(edges)
    digests = b"".join(high.to_bytes(8, "little") + bytes(8) for high in sorted(highs))
    ordered = records(digests, Kind.CODE, 0, 0, 1, 0, 0) if highs else none()
    assert within(ordered, lowest, beyond)["high"].tolist() == [
        h for h in sorted(highs) if lowest <= h < beyond
    ]
