"""What one step was answered can be good for another, and never for the same step twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from conformance.outside.calls import Answer, Call
from conformance.outside.shared_answers import LONGEST, Sent, SharedAnswers

CALL = Call("GET", httpx.URL("https://ehr.example.org/Patient"))


class Target:
    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers) or [Answer(status=200)] * 9
        self.asked = 0
        self.clock = 0.0
        self.shared = SharedAnswers(lambda: self.clock)

    def ask(self, step: str, key: str = "k") -> tuple[str, bool]:
        def send() -> Sent:
            self.asked += 1
            return Sent(CALL, self.answers.pop(0), "own", f"{step}.{self.asked}")

        sent, by_another = self.shared.ask(key, step, send)
        return sent.exchange, by_another


def test_another_step_gets_the_answer_of_the_first():
    target = Target()
    assert [target.ask("a"), target.ask("b"), target.ask("c")] == [
        ("a.1", False),
        ("a.1", True),
        ("a.1", True),
    ]
    assert (target.asked, target.shared.saved) == (1, 2)


def test_a_step_that_asks_twice_is_answered_twice_and_others_get_the_later_answer():
    target = Target()
    assert [target.ask("a"), target.ask("a"), target.ask("b"), target.ask("b")] == [
        ("a.1", False),
        ("a.2", False),
        ("a.2", True),
        ("b.3", False),
    ]


def test_other_requests_are_other_answers():
    target = Target()
    assert [target.ask("a", "k"), target.ask("b", "l")] == [("a.1", False), ("b.2", False)]


def test_an_old_answer_is_nobodys():
    target = Target()
    target.ask("a")
    target.clock = LONGEST
    assert target.ask("b") == ("b.2", False)


@pytest.mark.parametrize("trouble", [Answer(status=500), Answer(status=503), Answer(failure="no connection")])
def test_trouble_is_not_shared(trouble):
    target = Target(trouble, Answer(status=200))
    assert [target.ask("a"), target.ask("b")] == [("a.1", False), ("b.2", False)]


def test_a_crash_leaves_the_next_step_to_ask_for_itself():
    target = Target()

    def crash():
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        target.shared.ask("k", "a", crash)
    assert target.ask("b") == ("b.1", False)


def test_steps_that_ask_at_the_same_time_ask_once():
    target, together = Target(), threading.Barrier(8)

    def ask(number):
        together.wait()
        return target.ask(f"s{number}")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert target.asked == 1
    assert sum(by_another for _, by_another in found) == 7
