"""What was loaded into a server that minds references goes again, whatever refers to what."""

from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.probes.loading import TOGETHER, remove_from

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
