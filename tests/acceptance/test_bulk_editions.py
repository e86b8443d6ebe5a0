"""Each edition of the Bulk Data guide has a profile of its own: who keeps to one passes it, and not another."""

import datetime as dt

import pytest

from conformance.catalog import built_in
from conformance.model.report import Result
from conformance.model.verdict import Outcome
from conformance.outside.target_file import read_target
from conformance.reference.in_process import Suppliers
from conformance.reference.process import Options
from conformance.session.conduct import Order, conduct
from conformance.views.progress import SilentProgress

PATIENTS = 50
TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture(scope="module")
def report_on(home, tmp_path_factory):
    """Runs a profile against a supplier that keeps to an edition, in this process."""
    suppliers = Suppliers(tmp_path_factory.mktemp("suppliers"), Options(as_of=TODAY, patients=PATIENTS))

    def report(profile, edition, only=()):
        with suppliers.serving(settings={"bulk_edition": edition}) as target_file:
            order = Order(
                profile=profile,
                target=read_target(target_file),
                folder=target_file.parent,
                out=tmp_path_factory.mktemp("runs") / "run",
                as_of=TODAY,
                only=only,
            )
            return conduct(order, built_in(), SilentProgress()).report

    yield report
    suppliers.stop()


def outcomes(report, outcome):
    return {r.id: [v.findings for v in r.verdicts] for r in report.requirements if r.outcome is outcome}


def test_who_keeps_to_the_ballot_passes_its_profile(report_on):
    report = report_on("bulk-data-export-ballot", "STU4-ballot")
    assert outcomes(report, Outcome.FAIL) == {}
    assert report.result is Result.PASSED


def test_who_keeps_to_the_ballot_does_not_pass_an_earlier_edition(report_on):
    only = ("BDE-KICKOFF-02", "BDE-MAN-06", "BDE-MAN-18")
    report = report_on("bulk-data-export", "STU4-ballot", only)
    assert set(outcomes(report, Outcome.FAIL)) == {"BDE-KICKOFF-02"}


def test_what_the_ballot_shares_with_stu3_is_met_by_who_keeps_to_stu3(report_on):
    report = report_on("bulk-data-export-ballot", "STU3", ("BDE-KICKOFF-04", "BDE-MAN-03"))
    assert outcomes(report, Outcome.FAIL) == {}
