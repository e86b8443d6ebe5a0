"""What a supplier's file may hold to mislead the compiled core: it says of any bytes what the pure one says."""

import json
import random

import pytest

from conformance.analysis.scale.engine import engine
from conformance.analysis.scale.examining import examine
from conformance.analysis.scale.naming import Origin
from conformance.analysis.scale.splitting import Line, Lines

pytestmark = pytest.mark.skipif(engine() != "compiled", reason="the compiled core was not built")

HEAD = b'{"resourceType":"Patient","id":"a",'


def facts(regions, engine):
    with pytest.MonkeyPatch.context() as patch:
        if engine == "pure":
            patch.setenv("CONFORMANCE_PURE", "1")
        piece, records = examine(regions, Origin(7, ("https://here.example",)), end=1)
    return piece, records.tobytes()


def assert_read_alike(*several):
    """Each as a whole line, and as one behind which no newline stands: the last of a file, or put together."""
    together = b"\n".join([*several, b""])
    regions = [Lines(1, together)]
    place = 1 + len(together)
    for data in several:
        regions += [Line(place, data, len(data)), Line(place + len(data) + 1, data, len(data), False)]
        place += 2 * len(data) + 2
    assert facts(regions, "compiled") == facts(regions, "pure")


@pytest.mark.parametrize("behind", [b"", b"\\", b'"', b"-", b"t", b'":', b"\x00", b"\xff"])
def test_a_text_that_ends_anywhere_is_read_no_further(behind):
    whole = HEAD + (
        b'"n":[true,false,null,-1.5,"caf\xc3\xa9 \\n\\"",{"system":"s:1","code":"c"}],"reference":"Patient/1",'
        b'"meta":{"lastUpdated":"2026-01-02T03:04:05.678Z"},"extension":[{"url":"https://x.example/longer"}]}'
    )
    assert_read_alike(*(whole[:end] + behind for end in range(len(whole) + 1)))


@pytest.mark.parametrize("member", [b'"reference":""', b'"system":""', b'"system":"","code":""'])
def test_an_empty_text_may_be_the_first_that_is_named(member):
    assert_read_alike(HEAD + member + b"}")


@pytest.mark.parametrize("by", ["compiled", "pure"])
@pytest.mark.parametrize("data", [b"", HEAD + b'"n":1}', b"{}\n" + HEAD + b'"n":1}'])
def test_lines_that_are_not_whole_are_refused(by, data):
    with pytest.raises(ValueError, match="newline"):
        facts([Lines(1, data)], by)


def test_systems_and_codes_that_read_alike_together_are_counted_as_one():
    pairs = [{"system": "|" * at, "code": "|" * (400 - at)} for at in range(400)]
    assert_read_alike(HEAD + b'"n":' + json.dumps(pairs).encode() + b"}")


def test_a_name_that_is_written_in_two_ways_stands_twice():
    assert_read_alike(HEAD + b'"u/v":1,"u\\/v":2}', HEAD + b'"n":{"u\\/v":1,"m":0,"u/v":2}}')
    piece, _ = facts([Lines(1, HEAD + b'"u/v":1,"u\\/v":2}\n')], "compiled")
    assert piece.troubles["member named twice"] == 1


@pytest.mark.parametrize("deep", [62, 63, 64, 1023, 1025])
@pytest.mark.parametrize(("open_", "close"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"extension":', b"}]")])
def test_depth_is_bounded_wherever_the_bound_is(deep, open_, close):
    assert_read_alike(HEAD + b'"n":' + open_ * deep + b"[]" + close * deep + b"}")


@pytest.mark.parametrize("many", [63, 64, 65])
def test_members_are_bounded_wherever_the_bound_is(many):
    members = [b'"m%d":%d' % (number, number) for number in range(many)]
    for last in (b'"z":1', b'"m0":2', b'"\\u006d0":2', members[-1]):
        assert_read_alike(HEAD + b'"n":{' + b",".join([*members, last]) + b"}}")


@pytest.mark.parametrize("before", range(14, 34))
def test_a_quote_is_found_wherever_it_lies(before):
    for odd in (b"", b'\\"', b"\\\\", b"\\u0041", b"\xc3\xa9", b"\xff", b"\x1f", b"\x7f", b"\x00", b"\\"):
        assert_read_alike(HEAD + b'"reference":"' + b"x" * before + odd + b'","code":"y"}')


ROLES = [
    "reference",
    "system",
    "code",
    "value",
    "url",
    "extension",
    "modifierExtension",
    "meta",
    "lastUpdated",
]
OTHERS = ["resourceType", "id", "_id", "contained", "n", "m", "", "é", "abcdefgh-1", "abcdefgh-2", "x" * 70]
ODD_NAMES = ["\\u0069d", "reference\\u0000", "\\u0063ode", "u\\/rl", 'a\\"', "syste\\u006d", "\ud800"]
TEXTS = [
    "",
    "#c",
    "Patient/p",
    "Patient/.",
    f"Patient/{'p' * 65}",
    "https://here.example/Patient/p",
    "s:1",
    "a|b",
]
TEXTS += [
    "é:",
    "\\\\u0000",
    "\x7f",
    "2026-01-02T03:04:05.678Z",
    "2026-01-02T03:04:05.678+02:00",
    "x" * 15 + "/:",
]
ODD_TEXTS = [
    "\\n:",
    "\\u00e9",
    "\\ud800",
    "\\ud83d\\ude00",
    "\\u0000",
    "\\x",
    "\t",
    "\x00",
    "\\",
    '"',
    "\ud800",
]
PLAIN = ["true", "false", "null", "0", "-0", "1.50", "9" * 18, "[]", "{}", "[ ]", "{\t}"]
ODD = [
    "9" * 19,
    "1e2",
    "1E999",
    "1e999",
    "01",
    "-",
    "1.",
    ".5",
    "NaN",
    "+1",
    "9" * 400,
    "tru",
    "nulls",
    "",
    "[1,]",
    "{,}",
    "]",
]


class Writer:
    """Writes resources in which names that matter stand anywhere; now and then something in them is odd."""

    def __init__(self, seed):
        self.draw = random.Random(seed)

    def resource(self):
        text = (
            HEAD.decode() + self.object(0)[1:] + self.one(["", "", "", " ", "\t"], ["\r", "}", "\x00", " 1"])
        )
        return text.encode("utf-8", "surrogatepass")

    def object(self, depth):
        names = self.draw.sample(ROLES + OTHERS[2:], self.draw.randint(0, 6))
        if self.draw.random() < 1 / 20:
            names.append(self.draw.choice(ROLES + OTHERS + ODD_NAMES))
        members = [f'{self.space()}"{name}"{self.space()}:{self.value(depth)}' for name in names]
        return "{" + (",".join(members) or self.space()) + "}"

    def value(self, depth):
        kind = self.draw.random()
        if depth > 3 or kind < 0.5:
            text = '"' + self.one(TEXTS, ODD_TEXTS) + '"'
        elif kind < 0.6:
            text = self.one(PLAIN, ODD)
        elif kind < 0.8:
            text = self.object(depth + 1)
        else:
            text = "[" + ",".join(self.value(depth + 1) for _ in range(self.draw.randint(0, 3))) + "]"
        return self.space() + text + self.space()

    def space(self):
        return self.draw.choice(["", "", "", "", "", " ", "\t", "\r "])

    def one(self, usual, odd):
        return self.draw.choice(odd if self.draw.random() < 1 / 100 else usual)


@pytest.mark.parametrize("seed", range(6))
def test_any_members_in_any_order_are_read_as_the_pure_core_reads_them(seed):
    writer = Writer(seed)
    for _ in range(25):
        assert_read_alike(*(writer.resource() for _ in range(10)))
