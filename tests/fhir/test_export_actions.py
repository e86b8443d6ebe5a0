"""The protocol of an export job, held against a server that keeps to it and against breaches by hand."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.export_actions import ACTIONS, Answered, breaches


class Server:
    """A job that keeps to the protocol: it runs for some requests, and is complete until it is cancelled."""

    def __init__(self, runs, keeps_files):
        self.runs, self.keeps_files = runs, keeps_files
        self.cancelled = self.complete = False

    def answer(self, action):
        if action == "cancel":
            status, self.cancelled = (404 if self.cancelled else 202), True
            return Answered(action, status)
        if action == "download":
            there = self.complete and (not self.cancelled or self.keeps_files)
            return Answered(action, 200 if there else 404, content="bytes" if there else "")
        if self.cancelled:
            return Answered(action, 404)
        self.runs = 0 if action == "wait" else self.runs - 1
        self.complete = self.complete or self.runs <= 0
        if not self.complete:
            return Answered(action, 202, is_running=True)
        return Answered(action, 200, is_manifest=True, content="one manifest")


@given(st.lists(st.sampled_from(ACTIONS), max_size=12), st.integers(1, 5), st.booleans())
def test_whoever_keeps_to_the_protocol_commits_no_breach(actions, runs, keeps_files):
    server = Server(runs, keeps_files)
    assert list(breaches([server.answer(action) for action in actions])) == []


def running():
    return Answered("poll", 202, is_running=True)


def complete(content="m"):
    return Answered("poll", 200, is_manifest=True, content=content)


def found(*answers):
    return [number for number, _ in breaches(answers)]


def test_each_breach_is_found_where_it_shows():
    assert found(complete(), running()) == [1]
    assert found(running(), complete("a"), complete("b")) == [2]
    assert found(Answered("cancel", 202), complete()) == [1]
    assert found(Answered("cancel", 202), running()) == [1]
    assert found(complete(), Answered("poll", 404)) == [1]
    assert found(Answered("poll", 500), complete()) == [1]
    assert found(complete(), Answered("download", 404)) == [1]
    assert found(
        complete(), Answered("download", 200, content="a"), Answered("download", 200, content="b")
    ) == [2]


def test_what_comes_later_or_not_at_all_tells_nothing():
    assert found(complete(), Answered("poll", 429), Answered("poll", 503), Answered("download", 0)) == []
    assert found(Answered("cancel", 500), complete()) == []
