"""Showing whether a profile bites."""

from contextlib import closing

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.session.authoring.trying import Wish, try_profile
from conformance.views import trial_table


def show_bites(wish: Wish, show: Show, *, strict: bool) -> int:
    """Try a profile; 1 where it fails the honest supplier, or, if strict, where a binding requirement shows nothing."""
    with closing(show.progress()) as progress:
        found = try_profile(wish, installed(), progress)
    show.data(found, trial_table.table(found), "", *trial_table.closing(found))
    silent = any(bite.level.binding and bite.has_shown_nothing for bite in found.requirements)
    return int(bool(found.false_alarms) or (strict and silent))
