"""Running: reading steps side by side, writing steps after them, and evidence whatever a probe does."""

import gc
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from own_parts import catalog_of

from conformance.errors import TargetError, Untestable
from conformance.model.evidence import StepEvidence
from conformance.model.profile import Call
from conformance.model.suite import Step
from conformance.plugin import Wire, probe
from conformance.stages.run import Conduct, run

WAIT = 10


@dataclass
class PaperWire:
    """A wire that sends nothing: it notes which step it is for, and when it was used."""

    step: str
    notes: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, value: str) -> None:
        self.notes[name] = value

    def evidence(self, *, untestable: str = "", crash: str = "") -> StepEvidence:
        return StepEvidence(step=self.step, notes=self.notes, untestable=untestable, crash=crash)


@probe("read")
def read(wire: Wire) -> None:
    """Look."""
    wire.note("did", "read")


@probe("crash")
def crash(wire: Wire) -> None:
    """Fall over."""
    wire.note("did", "half")
    raise ZeroDivisionError("our fault")


@probe("lacking")
def lacking(_wire: Wire) -> None:
    """Find that something is missing."""
    raise Untestable("no such data")


@probe("unreachable")
def unreachable(_wire: Wire) -> None:
    """Find that the target gives no token."""
    raise TargetError("no token")


def step(name: str, number: int = 1, *, writes: bool = False) -> Step:
    return Step(id=f"{name}-{number}", probe=Call(name=name), writes=writes)


def carried_out(
    steps: list[Step],
    *parts: Callable,
    workers: int = 4,
    done: Callable | None = None,
    stop: Callable = lambda: None,
) -> dict[str, StepEvidence]:
    found: dict[str, StepEvidence] = {}
    keep = done or (lambda evidence: found.update({evidence.step: evidence}))
    conduct = Conduct(open_wire=PaperWire, done=keep, stop=stop, workers=workers)
    run(steps, conduct, catalog_of(*parts, alone=True))
    return found


def test_every_step_gives_evidence_of_its_own():
    found = carried_out([step("read", n) for n in range(20)], read)
    assert {f"read-{n}" for n in range(20)} == set(found)
    assert all(evidence.notes == {"did": "read"} for evidence in found.values())


def test_reading_steps_go_side_by_side():
    together = threading.Barrier(4)

    @probe("meet")
    def meet(_wire: Wire) -> None:
        """Wait until the others are here."""
        together.wait(WAIT)

    found = carried_out([step("meet", n) for n in range(4)], meet)
    assert all(not evidence.crash for evidence in found.values())


def test_writing_steps_come_after_all_reading_ones_and_one_at_a_time():
    at_once, most, order = 0, 0, []
    lock = threading.Lock()

    def slow(kind: str) -> None:
        nonlocal at_once, most
        with lock:
            at_once += kind == "write"
            most = max(most, at_once)
        time.sleep(0.01)
        with lock:
            at_once -= kind == "write"
            order.append(kind)

    @probe("look")
    def look(_wire: Wire) -> None:
        """Look slowly."""
        slow("look")

    @probe("write", writes=True)
    def write(_wire: Wire) -> None:
        """Write slowly."""
        slow("write")

    mixed = [step("write", n, writes=True) for n in range(3)] + [step("look", n) for n in range(6)]
    carried_out(mixed, look, write)
    assert order == ["look"] * 6 + ["write"] * 3
    assert most == 1


def test_a_probe_that_crashes_leaves_what_it_recorded_and_says_whose_fault_it_was():
    evidence = carried_out([step("crash")], crash)["crash-1"]
    assert evidence.notes == {"did": "half"}
    assert "ZeroDivisionError: our fault" in evidence.crash
    assert "a fault of the harness" in evidence.crash


def test_a_probe_that_lacks_something_says_what():
    assert carried_out([step("lacking")], lacking)["lacking-1"].untestable == "no such data"


@pytest.mark.parametrize("writes", [False, True])
def test_trouble_with_the_target_ends_the_run(writes):
    with pytest.raises(TargetError, match="no token"):
        carried_out([step("unreachable", writes=writes)], unreachable)


def test_when_the_run_is_stopped_steps_under_way_are_told_and_the_rest_is_never_begun():
    stopped = threading.Event()
    begun = []

    @probe("long")
    def long(wire: Wire) -> None:
        """Go on until the run is stopped."""
        begun.append(wire.step)
        if not stopped.wait(WAIT):
            raise AssertionError("nobody stopped it")

    def interrupted(_evidence: StepEvidence) -> None:
        raise KeyboardInterrupt

    steps = [step("read"), *(step("long", n) for n in range(50)), step("read", 99, writes=True)]
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        carried_out(steps, read, long, workers=3, done=interrupted, stop=stopped.set)
    assert time.monotonic() - began < WAIT
    assert len(begun) < 50


def test_evidence_is_handed_over_in_the_callers_own_thread():
    threads = set()
    carried_out([step("read", n) for n in range(9)], read, done=lambda _e: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


def test_evidence_that_was_handed_over_is_let_go():
    held: list[weakref.ref[StepEvidence]] = []

    def done(evidence: StepEvidence) -> None:
        gc.collect()
        held[:] = [one for one in held if one() is not None]
        held.append(weakref.ref(evidence))
        assert len(held) <= 2, "the one before is let go when the next is there"

    gc.freeze()  # only what is made from here on is looked through
    try:
        carried_out([step("read", n) for n in range(12)], read, workers=1, done=done)
    finally:
        gc.unfreeze()
