"""Showing what changed between two versions of a profile."""

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.session.authoring.difference import compared
from conformance.session.suites import profile_named
from conformance.views.difference import lines


def show_difference(old: str, new: str, show: Show, *, check: bool) -> int:
    """Compare two versions; with `check`, 1 where the new one states too low a version."""
    found = compared(profile_named(old, installed()), profile_named(new, installed()))
    show.data(
        {**found.plain(), "tooLow": found.too_low} if show.json else found,
        *lines(found),
    )
    return int(check and found.too_low)
