"""In which order the steps of a run are carried out."""

from conformance.model.suite import BoundSuite, Step


def busiest_first(steps: list[Step], bound: BoundSuite) -> list[Step]:
    """The steps on which most cases wait come first: among them are the long ones, such as a whole export."""
    users: dict[str, int] = {}
    for case in bound.cases:
        for step in case.steps:
            users[step] = users.get(step, 0) + 1
    return sorted(steps, key=lambda step: -users.get(step.id, 0))
