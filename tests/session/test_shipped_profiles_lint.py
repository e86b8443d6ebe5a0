"""The shipped profiles lint without an error, and what nothing is known to make fail is known."""

from conformance.catalog import built_in
from conformance.model.lint import Rule, Severity
from conformance.outside.places import shipped
from conformance.session.authoring.lint import lint

DATA = {"coverage", "gallery"}
"""Folders whose files are no profiles."""

OPEN = {"BDE-PARAM-45", "EXIT-FID-01"}
"""Binding requirements that no named fault is known to make fail."""


def test_the_shipped_profiles_lint_without_an_error():
    files = [str(p) for p in shipped("profiles").rglob("*.yaml") if p.parent.name not in DATA]
    found = lint(files, built_in())
    assert [str(f) for f in found if f.severity is Severity.ERROR] == []
    silent = {f.message.split()[0] for f in found if f.rule is Rule.NOTHING_SHOWS_IT}
    assert silent == OPEN
