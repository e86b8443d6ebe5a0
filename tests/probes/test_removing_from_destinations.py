"""What was loaded into a server that minds references goes again, whatever refers to what."""

import json
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.probes.loading import TOGETHER, load_into, refuse_unless_free, remove_from

REFUSED, GONE = 409, 204


class Minding:
    """A wire to a server that deletes nothing to which something refers that stays. `holds` is what refers to what."""

    def __init__(self, holds):
        self.holds = {name: set(to) for name, to in holds.items()}
        self.told_deleted = []
        self.asked = 0

    def send(self, method, url, *, json=None, **_):
        self.asked += 1
        named = (
            [entry["request"]["url"] for entry in json["entry"]] if method == "POST" else [url.lstrip("/")]
        )
        rest = {name: to for name, to in self.holds.items() if name not in named}
        free = not any(to & set(named) for to in rest.values())
        if free:
            self.holds = rest
        return SimpleNamespace(ok=free, status=GONE if free else REFUSED)

    def deleted(self, reference):
        self.told_deleted.append(reference)


def names(count):
    return [f"Patient/{number}" for number in range(count)]


@given(st.lists(st.sets(st.integers(0, 7), max_size=3), min_size=1, max_size=8))
def test_all_goes_whatever_refers_to_what(references):
    own = names(len(references))
    wire = Minding(
        {
            name: {own[to] for to in found if to < len(own)} - {name}
            for name, found in zip(own, references, strict=True)
        }
    )
    assert remove_from(wire, own, "there") == []
    assert wire.holds == {}
    assert sorted(wire.told_deleted) == own


@pytest.mark.parametrize("cycle", [False, True])
def test_a_chain_longer_than_what_goes_at_once_goes_too(cycle):
    own = names(2 * TOGETHER + 5)
    holds = {name: {after} for name, after in pairwise(own)} | {own[-1]: set()}
    if cycle:
        holds[own[-1]] = {own[0]}
    wire = Minding(holds)
    assert remove_from(wire, own, "there") == []
    assert wire.holds == {}
    assert wire.asked < 5 * len(own)


def test_what_somebody_else_refers_to_stays_and_is_named():
    wire = Minding({"Patient/0": set(), "Patient/1": set(), "Observation/theirs": {"Patient/0"}})
    assert remove_from(wire, ["Patient/0", "Patient/1"], "there") == ["Patient/0"]
    assert set(wire.holds) == {"Patient/0", "Observation/theirs"}


class Listening:
    """A wire to a server that takes everything and holds nothing, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def send(self, method, url, *, body=b"{}", **_):
        entries = json.loads(body).get("entry", ())
        self.asked += [(method, url), *((one["request"]["method"], one["request"]["url"]) for one in entries)]
        return SimpleNamespace(ok=True, status=200, resource=lambda *_: {"total": 0})

    def created(self, _reference):
        """Of no interest."""

    def tell(self, _text):
        """Likewise."""


@pytest.mark.parametrize(
    "other",
    [
        {"resourceType": "Patient", "id": "?active=true"},
        {"resourceType": "Patient", "id": "../Organization/1"},
        {"resourceType": "Patient", "id": ".."},
        {"resourceType": "Patient", "id": "1#x"},
        {"resourceType": "../admin", "id": "1"},
        {"resourceType": "", "id": "1"},
    ],
    ids=lambda other: f"{other['resourceType']}/{other['id']}",
)
def test_no_id_of_an_export_leads_a_request_to_anything_else_there(other):
    """The server is the tester's own: a supplier's words must not delete or overwrite what it holds."""
    lines = [json.dumps(one).encode() for one in (other, {"resourceType": "Patient", "id": "a_1"})]
    wire = Listening()
    refuse_unless_free(wire, lines, "there")
    loaded = load_into(wire, lines, "there")
    assert loaded.sent == ["Patient/a_1"]
    assert wire.asked == [
        ("GET", "/Patient?_id=a_1&_summary=count"),
        ("POST", ""),
        ("PUT", "Patient/a_1"),
    ]
