"""`conformance compare` and `conformance diff`: verify every report first, then set them side by side."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.catalog import built_in
from conformance.cli.show import Show
from conformance.errors import ConformanceError, UsageError
from conformance.model.attestation import EXIT_NOT_AUTHENTIC, Expectations, Verified
from conformance.model.comparison import Comparison
from conformance.outside import decisions, private_files, trust
from conformance.session.verifying import check
from conformance.stages.compare import changes, compare
from conformance.views import verification
from conformance.views.comparison_page import comparison_page
from conformance.views.comparison_sheet import comparison_sheet
from conformance.views.comparison_table import changes_table, comparison_table
from conformance.views.json_report import as_json

NOT_COMPARABLE = 3
_READABLE = 0o644
WRITERS: dict[str, Callable[[Comparison], bytes]] = {
    ".html": lambda found: comparison_page(found).encode(),
    ".json": lambda found: as_json(found).encode(),
    ".xlsx": comparison_sheet,
}


class NotAuthentic(ConformanceError):
    """A report that cannot be compared, since nobody can rely on it."""

    exit_code = EXIT_NOT_AUTHENTIC


def compare_bids(
    paths: Sequence[Path],
    weights: Path | None,
    equivalences: Path | None,
    out: Sequence[Path],
    trust_file: Path | None,
    packages: Sequence[str],
    show: Show,
) -> int:
    """Compare bids; 0 if they are comparable, 3 if not. Raises NotAuthentic and UsageError."""
    for path in out:
        if path.suffix.lower() not in WRITERS:
            raise UsageError(f"{path}: --out writes {', '.join(WRITERS)}", hint="Give a name that ends so.")
    points = decisions.weights(weights) if weights else None
    accepted = decisions.equivalences(equivalences) if equivalences else ()
    found = compare(_verified(paths, trust_file, packages), points, accepted)
    for path in out:
        try:
            private_files.replace(path, WRITERS[path.suffix.lower()](found), mode=_READABLE)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    show.data(found, comparison_table(found))
    for path in out:
        show.say(f"\nWritten: {path}")
    return 0 if found.comparable else NOT_COMPARABLE


def compare_tests(old: Path, new: Path, trust_file: Path | None, packages: Sequence[str], show: Show) -> int:
    """Show what changed between two reports. Raises NotAuthentic."""
    found = changes(*_verified((old, new), trust_file, packages))
    show.data(found, changes_table(found))
    return 0


def _verified(paths: Sequence[Path], trust_file: Path | None, packages: Sequence[str]) -> list[Verified]:
    trusted = trust.load(trust_file or trust.default_path())
    asked = Expectations(require="authentic")
    now = dt.datetime.now(dt.UTC)
    made = []
    for path in paths:
        found = check(path, trusted, now, asked, built_in(), packages)
        if found.verified is None:
            raise NotAuthentic(
                f"{path} cannot be compared: it was not verified\n{verification.text(found)}",
                hint=f"`conformance verify {path}` shows each step alone.",
            )
        made.append(found.verified)
    return made
