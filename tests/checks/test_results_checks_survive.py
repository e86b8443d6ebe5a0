"""The checks of what searches give back survive any evidence, all of them the same."""

from any_evidence import any_evidence
from hypothesis import HealthCheck, given, settings

from conformance.checks import (
    results_entries,
    results_handling,
    results_includes,
    results_links,
    results_order,
    results_subset,
    results_totals,
)
from conformance.errors import NotJudgeable
from conformance.plugin import MARK

MODULES = (
    results_entries,
    results_handling,
    results_includes,
    results_links,
    results_order,
    results_subset,
    results_totals,
)
CHECKS = [
    part for module in MODULES for value in vars(module).values() if (part := getattr(value, MARK, None))
]
SEARCHES = ("page", "one", "other", "again", "with", "plain")
LABELS = (
    *SEARCHES,
    *("read", "known", "bad", "zero", "found", "found-again", "full-url"),
    *("first", "previous", "last", "second-again"),
)
ARGUMENTS = {
    "ids": "1,2",
    "resource": "Patient",
    "known": "Patient/1",
    "middle": "Patient/2",
    "by": "link",
    "elements": ["name"],
    "patient": "1",
    "kind": "date",
    "parameter": "birthdate",
}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_evidence(LABELS, SEARCHES))
def test_survive(seen):
    for part in CHECKS:
        arguments = {n: ARGUMENTS[n] for n, f in part.arguments.model_fields.items() if f.is_required()}
        try:
            findings = list(part(seen, **arguments))
        except NotJudgeable:
            continue
        assert all(isinstance(finding, str) and finding for finding in findings)
