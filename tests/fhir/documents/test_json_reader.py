"""JSON is read strictly, and what is no JSON is explained at its place."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wholesome import wholesome

from conformance.fhir import documents
from conformance.fhir.documents import MAX_DEPTH, Document, location_of
from conformance.fhir.documents.numbers import MAX_DIGITS

QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
DATA = Path(__file__).resolve().parents[3] / "../shared/data"
CASES = DATA / "fhir-validator-cases" / "files"


def read_json(data: bytes, **limits: int) -> Document:
    return wholesome(documents.read_json(data, **limits))


LONG = b"9" * (MAX_DIGITS + 1)


def told(document: Document) -> list[tuple[str, str, str, int, int]]:
    return [(p.severity, p.message_id, p.pointer, p.line, p.column) for p in document.problems]


def ids(data: bytes) -> list[str]:
    return [problem.message_id for problem in read_json(data).problems]


def test_numbers_keep_their_digits():
    value = read_json(b'{"a":1,"b":1.10,"c":-0.0,"d":1e3,"e":12345678901234567890}').value
    assert value == {
        "a": 1,
        "b": Decimal("1.10"),
        "c": Decimal("0.0"),
        "d": Decimal(1000),
        "e": 12345678901234567890,
    }
    assert str(value["b"]) == "1.10"
    assert isinstance(value["a"], int)


def test_a_document_in_order_has_no_problem_and_says_where_everything_begins():
    document = read_json(b'{\n  "a/b": [1,\n    {"c~d": "x\\"y", "e": null}],\n  "f\\u00e9": true\n}\n')
    assert document.problems == ()
    assert document.format == "json"
    places = {
        "": (1, 1),
        "/a~1b": (2, 10),
        "/a~1b/0": (2, 11),
        "/a~1b/1": (3, 5),
        "/a~1b/1/c~0d": (3, 13),
        "/a~1b/1/e": (3, 26),
        "/fé": (4, 14),
    }
    assert {pointer: document.position(pointer) for pointer in places} == places


@pytest.mark.parametrize("pointer", ["/b", "/a/1", "/a/00", "/a/x", "/a/0/b", "/a/-", "/a/²"])
def test_a_pointer_to_nothing_has_no_position(pointer: str):
    assert read_json(b'{"a":[1]}').position(pointer) is None


@pytest.mark.parametrize(
    ("data", "value", "problems"),
    [
        (b'{"a":1,"a":2}', {"a": 2}, [("error", "json-duplicate", "/a", 1, 8)]),
        (b'// x\n{"a":1}', {"a": 1}, [("error", "json-comment", "", 1, 1)]),
        (b'{"a":1 /* x */}', {"a": 1}, [("error", "json-comment", "", 1, 8)]),
        (b'{"a":{/* x */"b":1}}', {"a": {"b": 1}}, [("error", "json-comment", "/a/b", 1, 7)]),
        (b'{"a":[1,]}', {"a": [1]}, [("error", "json-extra-comma", "/a", 1, 8)]),
        (b'{"a":[1,,2]}', {"a": [1, 2]}, [("error", "json-extra-comma", "/a", 1, 9)]),
        (b'{"a":[1 2]}', {"a": [1, 2]}, [("error", "json-missing-comma", "/a", 1, 9)]),
        (b'{"a":1\n"b":2}', {"a": 1, "b": 2}, [("error", "json-missing-comma", "", 2, 1)]),
        (b"{a:1}", {"a": 1}, [("error", "json-unquoted", "", 1, 2)]),
        (b'{"a":[b]}', {"a": ["b"]}, [("error", "json-unquoted", "/a/0", 1, 7)]),
        (b'{"a":b}', {"a": "b"}, [("error", "json-unquoted", "", 1, 6)]),
        (b"{'a':1}", {"a": 1}, [("error", "json-single-quotes", "", 1, 2)]),
        (b'{"a":NaN}', {"a": "NaN"}, [("error", "json-number", "/a", 1, 6)]),
        (b'{"a":-Infinity}', {"a": "-Infinity"}, [("error", "json-number", "/a", 1, 6)]),
        (b'{"a":01}', {"a": 1}, [("error", "json-number", "/a", 1, 6)]),
        (b'{"a":+1.5}', {"a": Decimal("1.5")}, [("error", "json-number", "/a", 1, 6)]),
        (b'{"a":.5}', {"a": Decimal("0.5")}, [("error", "json-number", "/a", 1, 6)]),
        (b'{"a":1e99999}', {"a": "1e99999"}, [("error", "json-number", "/a", 1, 6)]),
        (b'{"a":"\\ud800"}', {"a": "\ufffd"}, [("error", "json-surrogate", "/a", 1, 7)]),
        (
            b'{"a":"\\udc00\\ud800"}',
            {"a": "\ufffd\ufffd"},
            [("error", "json-surrogate", "/a", 1, column) for column in (7, 13)],
        ),
        (b'{"a":"\\q"}', {"a": "q"}, [("error", "json-escape", "/a", 1, 7)]),
        (b'{"a":"x\ty"}', {"a": "x\ty"}, [("error", "json-control", "/a", 1, 8)]),
        (b'{"a":1} x', {"a": 1}, [("error", "json-trailing", "", 1, 9)]),
        (b'{"a":"\xe9"}', {"a": "\ufffd"}, [("error", "document-encoding", "", 1, 7)]),
        (b"1e99999", "1e99999", [("error", "json-number", "", 1, 1)]),
        (b"[1e99999]", ["1e99999"], [("error", "json-number", "/0", 1, 2)]),
        (b"[" + LONG[1:] + b",]", [int(LONG[1:])], [("error", "json-extra-comma", "", 1, 4002)]),
        (
            b"[" + LONG + b",]",
            [LONG.decode()],
            [("error", "json-number", "/0", 1, 2), ("error", "json-extra-comma", "", 1, 4003)],
        ),
        (b"01", 1, [("error", "json-number", "", 1, 1)]),
        (b"'a'", "a", [("error", "json-single-quotes", "", 1, 1)]),
        (b"\xef\xbb\xbf{}", {}, [("warning", "document-bom", "", 1, 1)]),
    ],
)
def test_mistakes_that_can_be_seen_through(data: bytes, value: object, problems: list[tuple[object, ...]]):
    document = read_json(data)
    assert document.value == value
    assert told(document) == problems


@pytest.mark.parametrize(
    ("data", "message_id", "line", "column"),
    [
        (b"", "json-empty", 1, 1),
        (b" \n ", "json-empty", 2, 2),
        (b'{"a":', "json-syntax", 1, 6),
        (b'{"a":[1}', "json-close", 1, 8),
        (b'{"a":{"b":1]}', "json-close", 1, 12),
        (b'{"a":"b', "json-end", 1, 6),
        (b'{"a":[1,\n', "json-end", 2, 1),
        (b'{"a" 1}', "json-syntax", 1, 6),
        (b'{"a":1,#}', "json-syntax", 1, 8),
        (b'{"a":1,[2]}', "json-syntax", 1, 8),
        (b'{"a":1, /}', "json-syntax", 1, 9),
        (b"{'a", "json-syntax", 1, 2),
        (b'{"a":#}', "json-syntax", 1, 6),
        (b"[#]", "json-syntax", 1, 2),
        (b"#", "json-syntax", 1, 1),
        (b"\xff\xfe{\x00}\x00", "document-encoding", 1, 1),
    ],
)
def test_text_that_cannot_be_read(data: bytes, message_id: str, line: int, column: int):
    document = read_json(data)
    assert document.value is None
    last = document.problems[-1]
    assert (last.severity, last.message_id, last.line, last.column) == ("fatal", message_id, line, column)
    assert document.position("") is None


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000, 1_000_000])
@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_nesting_has_an_end(start: str, end: str, depth: int):
    whole = read_json((start * depth + "1" + end * depth).encode())
    cut = read_json((start * depth).encode())
    for document in (whole, cut):
        assert document.value is None
        assert [p.message_id for p in document.problems] == ["json-depth"]


@pytest.mark.parametrize("inner", ["", "1"])
def test_nesting_up_to_the_limit_is_read(inner: str):
    document = read_json(("[" * MAX_DEPTH + inner + "]" * MAX_DEPTH).encode())
    assert document.problems == ()
    assert document.position("/0" * (MAX_DEPTH - 1)) == (1, MAX_DEPTH)
    deeper = read_json(("[" * (MAX_DEPTH + 1) + inner + "]" * (MAX_DEPTH + 1)).encode())
    assert [p.message_id for p in deeper.problems] == ["json-depth"]


def test_size_has_an_end():
    assert ids(b"[" + b"1," * 600 + b"1]") == []
    document = read_json(b'{"a":"' + b"x" * 2000 + b'"}', max_bytes=1000)
    assert document.value is None
    assert [p.message_id for p in document.problems] == ["document-size"]


def test_a_flood_of_mistakes_is_cut_off():
    document = read_json(b"[" + b"1 " * 100_000 + b"]")
    assert document.value is None
    assert document.problems[-1].message_id == "json-too-many"
    assert len(document.problems) < 1000


def test_a_location_names_the_resource():
    document = read_json(b'{"resourceType":"Patient","name":[{"given":["A",]}]}')
    assert [p.location for p in document.problems] == ["Patient.name[0].given"]


@pytest.mark.parametrize(
    ("pointer", "location"),
    [
        ("", "Bundle"),
        ("/entry/1/resource/name/0/given/2", "Bundle.entry[1].resource.name[0].given[2]"),
        ("/entry/9/a~1b", "Bundle.entry[9].a/b"),
    ],
)
def test_the_location_of_a_pointer(pointer: str, location: str):
    resource = {"resourceType": "Patient", "name": [{"given": ["A", "B", "C"]}]}
    assert location_of({"resourceType": "Bundle", "entry": [{}, {"resource": resource}]}, pointer) == location


scalars = st.none() | st.booleans() | st.integers() | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30
)


@QUICK
@given(values, st.fixed_dictionaries({"indent": st.sampled_from([None, 2]), "ensure_ascii": st.booleans()}))
def test_what_python_writes_is_read_back_with_the_place_of_every_value(value: object, style: dict[str, Any]):
    text = json.dumps(value, **style)
    document = read_json(text.encode())
    assert document.problems == ()
    assert document.value == value
    lines = text.split("\n")
    for pointer, part in _parts(value):
        line, column = document.position(pointer)
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert json.JSONDecoder().raw_decode(rest)[0] == part


def _parts(value: object, pointer: str = ""):
    yield pointer, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in items:
        step = str(name).replace("~", "~0").replace("/", "~1")
        yield from _parts(part, f"{pointer}/{step}")


PIECES = [
    '{"a":',
    "[",
    "]",
    "}",
    '"',
    ",",
    ":",
    "1",
    "'",
    "//",
    "\n",
    "\\u",
    "\\ud800",
    "NaN",
    "x",
    " ",
    "-",
    "é",
]


@QUICK
@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text())
def test_no_text_upsets_the_reader_and_none_that_is_no_json_passes(text: str):
    data = text.encode("utf-8", "replace")
    document = read_json(data)
    strict = _strictly(data)
    if strict is None:
        assert any(problem.is_error for problem in document.problems)
    else:
        assert document.problems or document.value == strict[0]
    for problem in document.problems:
        assert problem.words
        assert problem.line >= 1
        assert problem.column >= 1


def _strictly(data: bytes) -> tuple[object] | None:
    """What Python's own reader makes of a text, in a tuple; None where it refuses it."""
    try:
        return (json.loads(data, parse_constant=int, parse_float=Decimal),)
    except ValueError:
        return None


@QUICK
@given(st.binary())
def test_no_bytes_upset_the_reader(data: bytes):
    document = read_json(data)
    fatal = any(problem.severity == "fatal" for problem in document.problems)
    assert document.value is None or not fatal


@pytest.mark.skipif(not CASES.is_dir(), reason="the HL7 validator's cases are not here")
@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("json-comments-1.json", [("json-comment", "Patient")]),
        ("json-comments-2.json", [("json-comment", "Patient.id"), ("json-comment", "Patient.name[0]")]),
        (
            "json-comma-bad-1.json",
            [("json-missing-comma", "Patient.name[0]"), ("json-missing-comma", "Patient.name[0].given")],
        ),
        (
            "json-comma-bad-2.json",
            [
                ("json-extra-comma", "Patient.name[0].given"),
                ("json-missing-comma", "Patient.address[0]"),
                ("json-extra-comma", "Patient.address[0]"),
            ],
        ),
        ("json-no-quotes-1.json", [("json-unquoted", "Patient")]),
        (
            "json-no-quotes-2.json",
            [
                ("json-unquoted", "Patient.name[0].given[0]"),
                ("json-unquoted", "Patient.address[0]"),
                ("json-unquoted", "Patient.address[0]"),
            ],
        ),
        ("bad-json-close-1.json", [("json-close", "")]),
        ("bad-json-close-2.json", [("json-syntax", "")]),
        ("bad-json-close-3.json", [("json-close", "")]),
    ],
)
def test_the_cases_that_the_reference_validator_refuses(name: str, problems: list[tuple[str, str]]):
    document = read_json((CASES / name).read_bytes())
    assert [(p.message_id, p.location) for p in document.problems] == problems


@pytest.mark.skipif(not CASES.is_dir(), reason="the HL7 validator's cases are not here")
def test_every_other_case_reads_without_a_problem():
    broken = ("json-comm", "json-no-quotes", "bad-json-close")
    names = [path for path in CASES.rglob("*.json") if not path.name.startswith(broken)]
    assert len(names) > 150
    assert [path.name for path in names if read_json(path.read_bytes()).problems] == []


@pytest.mark.skipif(not DATA.is_dir(), reason="the Synthea sample is not here")
def test_synthea_reads_without_a_problem():
    for path in (DATA / "synthea-small").glob("*.gz"):
        with gzip.open(path) as lines:
            for _, line in zip(range(30), lines, strict=False):
                document = read_json(line)
                assert document.problems == ()
                assert document.position("/resourceType") is not None


@QUICK
@given(value=values, indent=st.sampled_from([None, 1]))
def test_a_place_that_is_sought_alone_is_the_one_of_the_table(value: Any, indent: int | None):
    raw = json.dumps(value, indent=indent).encode()
    pointers = ["/nothing", "/0", "/00", "/~0~1", *(each for each, _ in _parts(value))]
    table = read_json(raw)
    for pointer in pointers:
        table.position(pointer)  # those beyond the first few come from the table of all
    assert [read_json(raw).position(pointer) for pointer in pointers] == [
        table.position(pointer) for pointer in pointers
    ]
