"""In which order the steps of a bound suite are best carried out."""

from collections.abc import Sequence

from conformance.model.suite import BoundSuite, Step


def busiest_first(steps: Sequence[Step], bound: BoundSuite) -> list[Step]:
    """The steps on which most cases wait come first: among them are the long ones, such as a whole export."""
    users: dict[str, int] = {}
    for case in bound.cases:
        for step in case.steps:
            users[step] = users.get(step, 0) + 1
    return sorted(steps, key=lambda step: -users.get(step.id, 0))
