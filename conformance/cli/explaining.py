"""`conformance reports explain`: one requirement of a verified run, laid open."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from conformance.catalog import built_in
from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.outside import private_files, trust
from conformance.session.explaining import Question, explain
from conformance.session.tenders.reading import trusted_pack
from conformance.session.verifying import reader
from conformance.views.explanation_page import explanation_page
from conformance.views.explanation_table import explanation_table

_READABLE = 0o644


def explain_one(
    requirement: str,
    run: Path,
    html: Path | None,
    tender: Path | None,
    trust_file: Path | None,
    packages: Sequence[str],
    show: Show,
) -> int:
    """Show the explanation, and write it as a page where that is asked for. Raises NotAuthentic and UsageError."""
    by, now = reader(trust_file or trust.default_path()), dt.datetime.now(dt.UTC)
    pack = trusted_pack(tender, by.trust, now) if tender else None
    found = explain(Question(run, requirement, by, packages, pack), built_in(), now)
    if html is not None:
        try:
            private_files.replace(html, explanation_page(found).encode(), mode=_READABLE)
        except OSError as error:
            raise UsageError(f"{html} cannot be written: {error.strerror}") from None
    show.data(found, explanation_table(found))
    if html is not None:
        show.say(f"\nWritten: {html}")
    return 0
