"""Removing from a target what a broken run left there, and saying what went and what stays."""

from pathlib import Path

from conformance.cli.show import Show
from conformance.outside.target_file import read_target
from conformance.session.cleaning import clean_after
from conformance.session.rehearsal.giving_up import give_up, is_given_up


def clean(run: Path, target: Path, show: Show) -> int:
    """Remove what the run or rehearsal created and did not remove; 0 where nothing stays, 4 where something does."""
    remove = give_up if is_given_up(run) else clean_after
    cleaned = remove(run, read_target(target), target.resolve().parent)
    lines = [
        *(f"removed  {reference}" for reference in cleaned.removed),
        *(f"stays    {reference}" for reference in cleaned.stays),
    ]
    if not lines:
        lines = ["Nothing of it is known to be left."]
    elif cleaned.stays:
        lines += ["", "What stays, the target would not delete: remove it by hand, it bears the tag HTEST."]
    show.data({"removed": list(cleaned.removed), "stays": list(cleaned.stays)}, "\n".join(lines))
    return 4 if cleaned.stays else 0
