"""Pre-flight: whether a target can be tested, before anything else is sent."""

from pathlib import Path

from conformance.cli.show import Show
from conformance.cli.testing import chosen_target
from conformance.session.preflight_check import look


def check(target: Path | None, url: str, show: Show) -> int:
    """Look at one thing after another, show each, and return 0 where all is well, 4 where not."""
    from conformance.views.text import one_line

    chosen, folder = chosen_target(target, url)
    points = look(chosen, folder)
    marks = {True: "ok  ", False: "FAIL", None: "note"}
    lines = [f"{marks[point.good]}  {point.name:<22}  {one_line(point.detail)}" for point in points]
    bad = [point for point in points if point.good is False]
    lines += [
        "",
        f"{len(bad)} of {len(points)} points need mending." if bad else "This target can be tested.",
    ]
    show.data([vars(point) for point in points], "\n".join(lines))
    return 4 if bad else 0
