"""Showing what is wrong with a profile."""

import json
from collections.abc import Iterable, Mapping

from conformance import __version__
from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.model.lint import Severity
from conformance.session.authoring.lint import lint
from conformance.views import lint as view


def lint_profiles(files: list[str], form: str, show: Show, *, links: bool) -> int:
    """Lint profiles; 1 where there is an error."""
    found = lint(files, installed(), _follow if links else None)
    if form == "sarif":
        print(json.dumps(view.sarif(found, __version__), indent=1))
    else:
        show.data(found, *view.lines(found), view.summary(found, len(set(files))))
    return int(any(finding.severity is Severity.ERROR for finding in found))


def _follow(links: Iterable[str]) -> Mapping[str, tuple[bool, str]]:
    """Where links lead; what asks is loaded only now, since it takes longer than all the rest."""
    from conformance.outside.links import follow

    return follow(links)
