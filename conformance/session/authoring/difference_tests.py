"""What a change of a requirement's tests means: more is looked at, less, or something else."""

from collections.abc import Iterable, Iterator

from conformance.model.base import canonical
from conformance.model.difference import Effect
from conformance.model.profile import Call, Requirement, Test


def of_tests(was: Requirement, now: Requirement) -> Iterator[tuple[Effect, str]]:
    """The effect of each change of the tests, and what it is."""
    if was.tests == now.tests and was.when == now.when:
        return
    if not was.tests:
        if now.tests:
            yield Effect.STRENGTHENING, "is tested now"
        return
    if not now.tests:
        yield Effect.RELAXING, "is tested no more"
        return
    yield from _of_calls(was.when, now.when, "condition", more=Effect.RELAXING)
    old, new = _by_what_is_sent(was.tests), _by_what_is_sent(now.tests)
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    if gone and come:
        yield Effect.BREAKING, "something else is sent"
    elif gone:
        yield Effect.RELAXING, f"{len(gone)} of its tests went"
    elif come:
        yield Effect.STRENGTHENING, f"{len(come)} tests came"
    for key in sorted(old.keys() & new.keys()):
        yield from _of_test(old[key], new[key])


def _of_test(was: Test, now: Test) -> Iterator[tuple[Effect, str]]:
    yield from _of_calls(was.expect, now.expect, "check", more=Effect.STRENGTHENING)
    yield from _of_calls(was.when, now.when, "condition", more=Effect.RELAXING)
    for name, words in (("examples", "cases of a test"), ("most", "cases for what the target holds")):
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            effect = Effect.STRENGTHENING if after > before else Effect.RELAXING
            yield effect, f"{after} {words} at the most, not {before}"


def _of_calls(
    was: Iterable[Call], now: Iterable[Call], what: str, *, more: Effect
) -> Iterator[tuple[Effect, str]]:
    """The effect of calls that came and went; both at once ask something else."""
    old = {canonical(call.plain()): call.name for call in was}
    new = {canonical(call.plain()): call.name for call in now}
    gone = sorted(old[key] for key in old.keys() - new.keys())
    come = sorted(new[key] for key in new.keys() - old.keys())
    less = Effect.RELAXING if more is Effect.STRENGTHENING else Effect.STRENGTHENING
    if gone and come:
        yield Effect.BREAKING, f"{what} {', '.join(gone)} became {', '.join(come)} or is called otherwise"
    elif come:
        yield more, f"{what} {', '.join(come)} came"
    elif gone:
        yield less, f"{what} {', '.join(gone)} went"


def _by_what_is_sent(tests: Iterable[Test]) -> dict[tuple[bytes, int], Test]:
    """Tests by all that decides what is sent; of several that send the same, by their place among them as well."""
    found: dict[tuple[bytes, int], Test] = {}
    for test in tests:
        sent = canonical(
            {
                "probes": [call.plain() for call in (test.probe, *test.also)],
                "each": test.each.plain() if test.each else None,
                "slots": test.slots,
                "draw": {name: call.plain() for name, call in test.draw.items()},
            }
        )
        place = sum(key == sent for key, _ in found)
        found[sent, place] = test
    return found
