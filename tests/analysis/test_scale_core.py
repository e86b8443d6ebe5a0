"""The compiled core reads ordinary lines without a parser: never other than the pure one, which has one."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.analysis.scale import engine as engines
from conformance.analysis.scale.engine import engine
from conformance.analysis.scale.examining import examine
from conformance.analysis.scale.naming import Origin
from conformance.analysis.scale.records import RECORD, reduced
from conformance.analysis.scale.splitting import in_chunk

pytestmark = pytest.mark.skipif(engine() != "compiled", reason="the compiled core was not built")

ORIGIN = Origin(file=7, bases=("https://here.example/fhir",))
RESOURCE = (
    b'{"resourceType":"Observation","id":"a","meta":{"lastUpdated":"2026-01-02T03:04:05.678Z"},"status":"final",'
    b'"code":{"coding":[{"system":"http://loinc.org","code":"8302-2","display":"caf\xc3\xa9 \\"x\\""}]},"q":[1,-0.5],'
    b'"identifier":[{"system":"https://ids.example","value":"7"}],"subject":{"reference":"Patient/p"},'
    b'"extension":[{"url":"https://x.example/a","valueBoolean":true}],"modifierExtension":[{"url":"m:1"}]}'
)
MEMBERS = [
    *(
        b'"n":' + value
        for value in (b"01", b"1.", b"-", b"-0", b".5", b"1e400", b"1E2", b"9" * 30, b"0." + b"3" * 50)
    ),
    *(
        b'"n":' + value
        for value in (b"tru", b"nul", b"fals", b"True", b"NaN", b"+1", b"", b"[1,]", b"{,}", b"[1 2]", b"]")
    ),
    *(
        b'"n":"' + text + b'"'
        for text in (b"\\x", b"\\u0000", b"\\u00e9", b"\\ud800", b"\\/", b"\\", b"\t", b"\x00")
    ),
    *(
        b'"n":"' + text + b'"'
        for text in (b"\xff", b"\xc3\xa9", b"\xed\xa0\x80", b"\xc0\x80", b"a" * 40 + b"\x1f", b"\x7f")
    ),
    b'"n":' + b"[" * 70 + b"]" * 70,
    b'"n":' + b'{"a":' * 62 + b"1" + b"}" * 62,
    b'"id":"b"',
    b'"status":"x"',
    b'"st\\u0061tus":"x"',
    b'"longerThanEight":1,"longerThanEighu":2,"longerThanEight":3',
    b'"n":{' + b",".join(b'"m%d":1' % number for number in range(80)) + b"}",
    b'"reference":"#r","n":{"reference":"","m":{"reference":"Patient\\/p"}}',
    b'"reference":7,"n":{"reference":"a\\"b"}',
    b'"n":[{"system":"a|b","code":"c"},{"system":"a","code":"b|c"},{"system":"","code":""},{"code":"x"}]',
    b'"n":[{"system":"s:1","code":null,"value":0},{"system":"s:2","value":"x\\"y"},{"system":"s:3"},{"system":4}]',
    b'"n":{"extension":[[{"url":"n:1"}],{"url":"u:1","x":{"url":"v:1"}},{"url":3},{"url":"plain"}],"url":"w:1"}',
    b'"n":{"modifierExtension":[{"url":"m:2","extension":[{"url":"m:3"}]},[],"m:4"],"extension":{"url":"m:5"}}',
    b'"lastUpdated":"2027-01-01T00:00:00.000Z","n":{"meta":{"lastUpdated":"2028-01-01T00:00:00.000Z"}}',
    b'"contained":[{"resourceType":"Patient","id":"c","meta":{"lastUpdated":"2029-01-01T00:00:00.000Z"}}]',
    b' \t"n" \r:\t[ 1 , 2 ] ',
    b"7",
    b"",
]
UPDATES = [
    *(
        "2026-01-02T03:04:05.678Z",
        "0000-01-02T03:04:05.678Z",
        "2026-13-02T03:04:05.678Z",
        "2026-01-29T03:04:05.678Z",
    ),
    *(
        "2026-00-02T03:04:05.678Z",
        "2026-01-00T03:04:05.678Z",
        "2026-01-02T24:04:05.678Z",
        "2026-01-02T19:60:05.678Z",
    ),
    *(
        "2026-01-02T03:04:60.678Z",
        "2026-01-02T03:04:05.678z",
        "2026-01-02T03:04:05.67Z",
        "2026-02-30T03:04:05.678Z",
        "",
    ),
    "2026-01-02T23:04:05.678+02:00",
]


@pytest.mark.parametrize("member", MEMBERS)
def test_the_compiled_core_reads_each_odd_member_as_the_pure_one(member):
    assert_read_alike(RESOURCE.replace(b'"status"', member + b',"status"') + b"\n")
    assert_read_alike(RESOURCE[:-1] + b"," + member + b"}" + b"\n")


def test_the_compiled_core_reads_when_a_resource_was_changed_as_the_pure_one():
    for instant in UPDATES:
        assert_read_alike(
            RESOURCE.replace(b"2026-01-02T03:04:05.678Z", instant.encode()) + b"\n" + RESOURCE + b"\n"
        )


URNS = [
    *("urn:uuid:7", "urn:", "urn", "ur", "URN:uuid:7", "urn:uuid:Patient/p", "x urn:uuid:7", "#urn:uuid:7"),
    *(
        "urn://x",
        "urn:a://b",
        "urn:a:/b",
        "urn:a://",
        "urn:a:/",
        "urn:x/Patient/p",
        "https://a/urn:7",
        "urn?x",
    ),
]


@pytest.mark.parametrize(
    "bases", [(), ("https://here.example",), ("urn:x",), ("https://here.example", "urn:x")]
)
@pytest.mark.parametrize("urn", URNS)
def test_the_compiled_core_counts_references_by_urn_as_the_pure_one(urn, bases):
    line = RESOURCE.replace(b"Patient/p", urn.encode()) + b"\n"
    odd = line.replace(b'"status"', b'"n":"\\u00e9","status"')
    found = assert_read_alike(line * 3 + odd + RESOURCE + b"\n", origin=Origin(7, bases))
    if urn == "urn:uuid:7":
        assert found.others == {("Observation", "urn"): 4}


def assert_read_alike(body, block=10_000, origin=ORIGIN):
    with pytest.MonkeyPatch.context() as patch:
        compiled = examine(
            in_chunk([body[at : at + block] for at in range(0, len(body), block)]), origin, end=len(body)
        )
        patch.setenv("CONFORMANCE_PURE", "1")
        pure = examine(
            in_chunk([body[at : at + block] for at in range(0, len(body), block)]), origin, end=len(body)
        )
    assert compiled[0] == pure[0]
    assert compiled[1].tobytes() == pure[1].tobytes()
    return compiled[0]


CHANGES = st.lists(
    st.tuples(
        st.integers(0, len(RESOURCE)),
        st.integers(0, 3),
        st.sampled_from([*MEMBERS, b'"', b"}"]) | st.binary(max_size=2),
    ),
    max_size=4,
)


def changed(changes):
    """The resource with parts cut out, and others put in."""
    text = RESOURCE
    for at, gone, fresh in changes:
        text = text[:at] + fresh + text[at + gone :]
    return text


@settings(max_examples=500)
@given(st.lists(CHANGES.map(changed), min_size=1, max_size=4), st.sampled_from([50, 600, 10_000]))
def test_what_the_compiled_core_takes_for_ordinary_is_read_as_the_pure_one_reads_it(lines, block):
    assert_read_alike(b"\n".join([RESOURCE, *lines, b""]), block)


@given(
    st.text(alphabet="aé|:/", max_size=3) | st.sampled_from(["x" * 127, "x" * 128, "x" * 129, "é" * 200]),
    st.integers(1, 40),
)
def test_the_compiled_core_counts_and_digests_any_text_as_the_pure_one(text, many):
    named = '{{"system":"{0}:{1}","code":"{0}"}},{{"reference":"{0}{1}"}}'
    line = '{{"resourceType":"Patient","id":"{0}{1}","a":[' + named + "]}}\n"
    assert_read_alike("".join(line.format(text, number) for number in range(many)).encode())


HASHES = st.sampled_from([0, 1, 2, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1)
ROWS = st.lists(
    st.tuples(
        HASHES,
        st.integers(0, 1),
        st.integers(0, 2),
        st.integers(0, 1),
        st.just(3),
        st.integers(1, 2**40),
        st.integers(0, 2),
        st.integers(0, 2**40),
    ),
    max_size=60,
)


@given(st.lists(ROWS, max_size=4), st.integers(1, 40))
def test_the_compiled_core_adds_records_up_as_the_pure_one(several, times):
    parts = [np.array(rows * times, RECORD) for rows in several]
    assert engines.reduced(parts).tobytes() == reduced(parts).tobytes()


ALLOCATING = """
import ctypes
from conformance.analysis.scale import _core

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks a b c d e f".split()]

libc.mallinfo2.restype = Told

def mapped():
    before = libc.mallinfo2().hblks
    libc.malloc(4_000_000)
    return libc.mallinfo2().hblks - before

print(mapped())
_core.keep_memory()
print(mapped())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at memory as Linux gives it")
def test_memory_is_kept_where_that_is_asked_for_and_not_by_whoever_loads_the_core():
    told = subprocess.run([sys.executable, "-c", ALLOCATING], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["1", "0"]
