"""Does the harness bite? Every named fault of the reference supplier must be caught by the requirement that it names.

On every change each fault is run against its requirement, one in ten as part of the whole profile and with a few of the
others, and the honest supplier against everything. The nightly job runs each fault against its whole profile. Nothing
may fail that the fault does not explain.
"""

import datetime as dt
import zlib
from functools import cache

import pytest
import stu3_stand_in
from uk_stand_in import stand_in

from conformance.catalog import built_in
from conformance.model.profile import Method, Phase
from conformance.model.report import Result
from conformance.model.verdict import Outcome
from conformance.outside.target_file import read_target
from conformance.reference.faults.table import FAULTS
from conformance.reference.in_process import NEED_A_LISTENER_OF_THEIR_OWN, Suppliers
from conformance.reference.process import Options, start
from conformance.reference.worlds.table import PLAIN, world_of
from conformance.session.conduct import Order, conduct
from conformance.session.suites import DEFAULT_SEED, profile_named, suite_of
from conformance.views.progress import SilentProgress

PATIENTS = 50
FEWER = 18
"""How many are enough for worlds whose requirements are about one patient's records."""
SAMPLE = {
    "fhir-r4-base": ("FHIR-CAP-01", "FHIR-READ-01", "FHIR-SEARCH-01", "FHIR-SEARCH-07", "FHIR-SEC-03"),
    "bulk-data-export": ("BDE-KICKOFF-14", "BDE-STATUS-20", "BDE-MAN-03", "BDE-FILE-02"),
    "exit-core": ("EXIT-PLN-01", "EXIT-CST-01", "EXIT-DEL-01"),
}
"""Requirements that ask for little more than what is asked for anyway."""
ONE_IN = 10
"""Of so many faults, one is also run against those: which, its name decides."""
UK = "uk-core-patient-access"
REFERRAL, GP_CONNECT = "e-referral-directory", "gp-connect-like"
PROFILES = (
    "nhs-anti-lock-in",
    UK,
    "smart-backend-services",
    "bulk-data-export-stu2",
    "nhs-vaccination-record",
    "nhs-app-surfaceable",
    REFERRAL,
    GP_CONNECT,
    "open-api",
)
EXIT = {Result.PASSED: 0, Result.FAILED: 1, Result.INCONCLUSIVE: 4, Result.NOT_TESTED: 5}


TODAY = dt.datetime.now(dt.UTC).date()
IMPATIENT = {name: {"search-delay": "1", "rounds": "2"} for name in (REFERRAL, GP_CONNECT)}
"""Limits that a supplier of ours keeps easily, so that nobody waits for a faulty one."""
TOKEN_SECONDS = 2
"""So that a token can be seen to run out."""


@cache
def suite_named(profile):
    """The suite of a shipped profile, read once for all runs."""
    return suite_of(profile_named(profile, built_in()), DEFAULT_SEED, built_in())


def asking_only(requirement, suite):
    """The suite as if its profile asked for nothing else: the same cases, without what hundreds of others cost."""
    asked = tuple(r for r in suite.profile.requirements if r.id == requirement)
    templates = tuple(t for t in suite.templates if t.requirement == requirement)
    profile = suite.profile.model_copy(update={"requirements": asked})
    return suite.model_copy(update={"profile": profile, "templates": templates})


def all_requirements():
    return [r for name in PROFILES for r in suite_named(name).profile.requirements]


@pytest.fixture(scope="session")
def report_on(home, tmp_path_factory):
    """Runs a profile against a supplier with a fault, in this process but for those that need more."""
    options = Options(as_of=TODAY, token_seconds=TOKEN_SECONDS)
    suppliers = Suppliers(tmp_path_factory.mktemp("suppliers"), options)
    packages = {
        UK: (str(stand_in(tmp_path_factory.mktemp("packages"))),),
        GP_CONNECT: stu3_stand_in.stand_in(tmp_path_factory.mktemp("packages-of-stu3")),
    }

    def ask(out, target_file, profile, only, alone):
        suite = suite_named(profile)
        order = Order(
            profile=profile,
            suite=asking_only(*only, suite) if alone else suite,
            target=read_target(target_file),
            folder=target_file.parent,
            out=out,
            as_of=TODAY,
            only=() if alone else only,
            packages=packages.get(profile, ()),
            overrides=IMPATIENT.get(profile, {}),
        )
        return conduct(order, built_in(), SilentProgress()).report

    def report(out, profile, fault=None, only=(), *, alone=False):
        if fault in NEED_A_LISTENER_OF_THEIR_OWN:
            with start(Options(fault=fault, as_of=TODAY, patients=PATIENTS)) as supplier:
                return ask(out, supplier.target_file, profile, only, alone)
        world = world_of(profile)
        patients = PATIENTS if world is PLAIN else FEWER
        with suppliers.serving(world, fault=fault, patients=patients) as target_file:
            return ask(out, target_file, profile, only, alone)

    yield report
    suppliers.stop()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_caught_by_the_requirement_that_it_names(fault, tmp_path, report_on):
    alone = zlib.crc32(fault.name.encode()) % ONE_IN != 0
    others = () if alone else SAMPLE.get(fault.profile, ())
    report = report_on(tmp_path / "run", fault.profile, fault.name, (fault.requirement, *others), alone=alone)
    assert unexplained(report, fault) == set()
    caught = next(r for r in report.requirements if r.id == fault.requirement)
    assert caught.outcome is Outcome.FAIL, caught.because
    assert caught.level == fault.level
    failing = [verdict for verdict in caught.verdicts if verdict.outcome is Outcome.FAIL]
    assert all(verdict.findings and verdict.expected and verdict.evidence for verdict in failing)


def unexplained(report, fault):
    """What fails without the fault's saying that it would."""
    failing = {r.id for r in report.requirements if r.outcome is Outcome.FAIL}
    return failing - {fault.requirement, *fault.also}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_honest_supplier_passes_everything_that_it_is_asked(tmp_path, report_on, profile):
    report = report_on(tmp_path / "run", profile)
    unmet = [(r.id, r.outcome, r.because) for r in report.requirements if r.outcome is Outcome.FAIL]
    assert not unmet
    assert report.result is Result.PASSED
    assert {part.result for part in report.sub_results} <= {Result.PASSED}
    assert not report.at(Outcome.INCONCLUSIVE)
    assert not report.at(Outcome.UNTESTED, binding=True)


def test_a_product_without_a_category_fails_that_and_is_judged_on_the_rest(tmp_path, report_on):
    report = report_on(tmp_path / "run", "nhs-app-surfaceable", "appointments-not-offered")
    outcomes = {r.id: r.outcome for r in report.requirements}
    assert {name for name, found in outcomes.items() if found is Outcome.FAIL} == {"APP-APT-01"}
    of_the_category = {name for name in outcomes if name.startswith("APP-APT-")} - {"APP-APT-01"}
    assert {outcomes[name] for name in of_the_category} == {Outcome.INAPPLICABLE}
    assert {outcomes[name] for name in ("APP-LIST-01", "APP-RES-02", "APP-FRESH-02")} == {Outcome.PASS}


@pytest.mark.parametrize(
    ("fault", "requirement"),
    [
        ("refused-create-is-kept-and-found-later", "FHIR-TXN-01"),
        ("transaction-keeps-half-found-later", "FHIR-NEG-19"),
    ],
)
def test_searches_that_lag_are_waited_for_and_are_no_fault(tmp_path, report_on, fault, requirement):
    report = report_on(tmp_path / "run", "fhir-r4-base", fault, (requirement,))
    found = next(r for r in report.requirements if r.id == requirement)
    assert found.outcome is Outcome.PASS, found.because


def test_every_requirement_of_the_shipped_profiles_has_a_fault_that_it_catches():
    tested = [r for r in all_requirements() if r.method is not Method.OUT_OF_SCOPE and not r.untested]
    asked = {r.id for r in tested if not only_demonstrates(r)}
    at_once = {r.id for r in tested if r.phase is Phase.TENDER}
    caught = {name for fault in FAULTS for name in (fault.requirement, *fault.also)}
    assert asked & at_once <= caught
    assert caught <= asked


def only_demonstrates(requirement):
    """Whether it can only be seen to be met: an element that is not shown is untested, never a failure."""
    return all(call.name == "must-support" for test in requirement.tests for call in test.expect)


def test_each_fault_states_the_level_of_its_requirement_and_what_a_run_then_ends_with():
    levels = {r.id: r.level for r in all_requirements()}
    for fault in FAULTS:
        assert levels[fault.requirement] == fault.level, fault.name
        asked = {r.id for r in suite_named(fault.profile).profile.requirements}
        fails = any(levels[name].binding for name in (fault.requirement, *fault.also) if name in asked)
        assert (fault.exit_code == 1) is fails, fault.name


@pytest.mark.nightly
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_nothing_else_fails_that_a_fault_does_not_explain(fault, tmp_path, report_on):
    report = report_on(tmp_path / "run", fault.profile, fault.name)
    assert unexplained(report, fault) == set()
    assert next(r for r in report.requirements if r.id == fault.requirement).outcome is Outcome.FAIL
    assert EXIT[report.result] == fault.exit_code
