"""Plan: from a profile and a seed to a suite, with every drawn value written down.

Hypothesis draws here and nowhere else. Each test has a stream of its own, derived from the seed and the
requirement's id, so that adding a requirement moves no other case. Hypothesis draws differently from one release
to the next: the suite is the record, the seed alone is none.
"""

import gc
import random
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from conformance.catalog import Catalog
from conformance.model.base import sha256
from conformance.model.profile import Call, Method, Profile, Requirement, Test
from conformance.model.suite import Each, Slot, Suite, Template

BACKEND = "conformance"


def plan(profile: Profile, seed: int, catalog: Catalog) -> Suite:
    """The suite of a profile: a function of profile and seed (and of the release of Hypothesis)."""
    templates = tuple(
        template
        for requirement in profile.requirements
        if requirement.method is not Method.OUT_OF_SCOPE
        for template in _templates(requirement, seed, catalog)
    )
    return Suite(
        profile=profile, seed=seed, drawn_by=f"hypothesis {version('hypothesis')}", templates=templates
    )


def _templates(requirement: Requirement, seed: int, catalog: Catalog) -> Iterator[Template]:
    number = 0
    for index, test in enumerate(requirement.tests):
        stream = f"{seed}:{requirement.id}:{index}"
        drawn = _drawn(test, stream, catalog)
        for example in range(test.examples):
            number += 1
            yield Template(
                id=f"{requirement.id}/{number}",
                requirement=requirement.id,
                probes=(test.probe, *test.also),
                values=drawn[example % len(drawn)] if drawn else {},
                slots={
                    name: Slot(path=path, choice=_stream_number(f"{stream}:{path}") + example)
                    for name, path in sorted(test.slots.items())
                },
                each=test.each
                and Each(
                    call=test.each,
                    most=test.most,
                    choice=_stream_number(_enumerated(test.each, stream, seed, catalog)) + example,
                ),
                when=(*requirement.when, *test.when),
                expect=test.expect,
            )


def _enumerated(each: Call, stream: str, seed: int, catalog: Catalog) -> str:
    """The stream of an enumerator's choice: the test's own, or one for all tests that are to ask alike."""
    alike = catalog.find("enumerator", each.name).alike
    return f"{seed}:{each.name}:each" if alike else f"{stream}:each"


def _stream_number(stream: str) -> int:
    return random.Random(sha256(stream.encode())).randrange(2**31)  # noqa: S311 - a choice, not a secret


def _drawn(test: Test, stream: str, catalog: Catalog) -> list[dict[str, Any]]:
    """Values for the test's examples, distinct as far as there are that many."""
    if not test.draw:
        return []
    import hypothesis  # noqa: PLC0415 - half a second that only planning pays for

    found: list[dict[str, Any]] = []

    @hypothesis.seed(int(sha256(stream.encode())[:15], 16))
    @hypothesis.settings(
        max_examples=4 * test.examples + 10,
        backend=steady_backend(),
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy(test, catalog))
    def collect(values: dict[str, Any]) -> None:
        if values not in found:
            found.append(values)

    collect()
    gc.collect(
        1
    )  # Hypothesis leaves circles, more with each example; a command looks for old ones but seldom
    return found


def strategy(test: Test, catalog: Catalog) -> Any:
    """The Hypothesis strategy of all that is drawn for a test: a value for each name."""
    from hypothesis import strategies  # noqa: PLC0415 - half a second that only drawing pays for

    parts = {
        name: catalog.find("generator", call.name)(**call.arguments)
        for name, call in sorted(test.draw.items())
    }
    return strategies.fixed_dictionaries(parts)


def steady_backend() -> str:
    """The name of a backend of Hypothesis that draws as ever, but mixes in no constants found in source files.

    So what is drawn is a function of strategy and seed, and not of what else this process has imported.
    """
    from hypothesis.internal.conjecture import providers  # noqa: PLC0415
    from hypothesis.internal.constants_ast import Constants  # noqa: PLC0415

    class Provider(providers.HypothesisProvider):
        """Draws without local constants."""

        _local_constants = Constants()

    providers.AVAILABLE_PROVIDERS[BACKEND] = Provider
    return BACKEND
