"""The items: one for each case that a profile plans, one for each requirement that has none.

They are collected from the suite alone, before anything is sent; the first item that runs makes the one run for all
that were selected.
"""

import shutil
import tempfile
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ConformanceError
from conformance.model.profile import Requirement
from conformance.model.suite import Suite
from conformance.pytest_plugin import ConformanceWarning
from conformance.pytest_plugin.running import Came, OneRun, came_to
from conformance.pytest_plugin.telling import Told, told, without_run
from conformance.session.shipped import shipped_suite

OUTCOME = "conformance.outcome"
SHARED = "conformance_shared"
NOTHING_TESTED = 5


class NotMet(Exception):
    """An item failed: the message is the whole story."""


class Collecting:
    """The part of the plugin that is there only where a profile was named."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        given = getattr(config, "workerinput", {}).get(SHARED)
        self.run = OneRun(config, Path(given) if given else None)
        self.fail_on: str = config.getoption("conformance_fail_on")
        if self.fail_on == "failed" and config.getoption("conformance_strict"):
            self.fail_on = "inconclusive"
        self.planned = 0
        self.only: tuple[str, ...] | None = None
        """The cases to run: all where it is empty, no run at all where it is None."""
        self._shared: Path | None = None
        self._told: dict[str, int] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Add the profile's cases to what the session collects."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            self._refuse_without_target()
            name = Path(self.config.getoption("conformance_profile")).stem
            cases = Cases.from_parent(collector, name=name, nodeid=f"conformance:{name}")
            cases.collecting = self
            report.result = [*report.result, cases]
        return report

    def _refuse_without_target(self) -> None:
        named = self.config.getoption("conformance_url") or self.config.getoption("conformance_target")
        if not named and not self.config.hook.pytest_conformance_target.get_hookimpls():
            raise pytest.UsageError(
                "--conformance-profile needs a target: --conformance-url URL, --conformance-target FILE, or"
                " pytest_conformance_target in conftest.py"
            )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which cases are left once -k, -m and --lf have chosen: the run tries these."""
        chosen = [item.template for item in session.items if isinstance(item, CaseItem) and item.template]
        if chosen:
            self.only = () if len(chosen) == self.planned else tuple(chosen)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give every worker of pytest-xdist the folder through which they share one run."""
        if self._shared is None:
            self._shared = Path(tempfile.mkdtemp(prefix="conformance-pytest-"))
        node.workerinput[SHARED] = str(self._shared)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what was shown; with pytest-xdist, here the reports of all workers come in."""
        if report.when == "call":
            for name, value in report.user_properties:
                if name == OUTCOME:
                    self._told[str(value)] = self._told.get(str(value), 0) + 1

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let nothing look tested that was not: a session in which no case was decided does not end well."""
        worker = hasattr(self.config, "workerinput")
        if not worker and self._told and not {"pass", "fail"} & set(self._told) and session.exitstatus == 0:
            session.exitstatus = NOTHING_TESTED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say where the report is, and what the cases came to."""
        came = self._came()
        if not self._told and came is None:
            return
        terminalreporter.section("conformance")
        counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(self._told.items()))
        terminalreporter.write_line(f"Cases: {counts or 'none'}")
        if not {"pass", "fail"} & set(self._told):
            terminalreporter.write_line("Nothing was tested: this is no pass.")
        if came and came.folder:
            terminalreporter.write_line(f"Result: {came.report().result}. Report (unsigned): {came.folder}")

    def _came(self) -> Came | None:
        return came_to(self._shared) if self._shared else self.run.came

    def pytest_unconfigure(self) -> None:
        """Remove the folder that workers shared."""
        if self._shared is not None:
            shutil.rmtree(self._shared, ignore_errors=True)


class Cases(pytest.Collector):
    """All cases of the profile."""

    collecting: Collecting

    def collect(self) -> Iterator["CaseItem"]:
        """An item for each case, and for each requirement that has none, in the order of the profile."""
        suite = _suite(self.collecting.config.getoption("conformance_profile"))
        planned: dict[str, list[str]] = {}
        for template in suite.templates:
            planned.setdefault(template.requirement, []).append(template.id)
        self.collecting.planned = len(suite.templates)
        for requirement in suite.profile.requirements:
            for template_id in planned.get(requirement.id, [""]):
                item = CaseItem.from_parent(self, name=template_id or requirement.id)
                item.about(requirement, template_id, self.collecting)
                yield item

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002 - pytest names it
        """A mistake in a profile, in words."""
        return _in_words(excinfo.value) or super().repr_failure(excinfo)


class CaseItem(pytest.Item):
    """One case."""

    requirement: Requirement
    template: str
    collecting: Collecting

    def about(self, requirement: Requirement, template: str, collecting: Collecting) -> None:
        """Say what it is about: marks and keywords for -m and -k."""
        self.requirement, self.template, self.collecting = requirement, template, collecting
        level = requirement.level.lower()
        self.add_marker("conformance")
        for mark in {level.partition(" ")[0], level.replace(" ", "_")}:
            self.add_marker(mark)
        self.extra_keyword_matches |= {requirement.id, requirement.method.value, requirement.origin} - {""}

    def runtest(self) -> None:
        """Tell what the run shows of this case."""
        said = self._told()
        self.user_properties += [
            ("conformance.requirement", self.requirement.id),
            ("conformance.level", self.requirement.level.value),
            (OUTCOME, said.outcome.value),
        ]
        if said.kind == "fail":
            raise NotMet(said.text)
        if said.kind == "skip":
            pytest.skip(f"{self.requirement.id} ({self.requirement.level}): {said.text}")
        if said.kind == "warn":
            with warnings.catch_warnings():  # where warnings are made errors, advice would fail the build
                warnings.simplefilter("always", ConformanceWarning)
                warnings.warn(ConformanceWarning(said.text), stacklevel=1)

    def _told(self) -> Told:
        collecting = self.collecting
        if collecting.only is None:
            return without_run(self.requirement, collecting.fail_on)
        report, folder = collecting.run.report(collecting.only)
        result = next(r for r in report.requirements if r.id == self.requirement.id)
        return told(result, self.template, folder, collecting.fail_on)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The story in place of a traceback; what is not ours keeps its traceback."""
        return _in_words(excinfo.value) or super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it stands: in no file, so the profile's name does."""
        return Path(self.parent.nodeid if self.parent else "conformance"), None, self.name


def _in_words(error: BaseException) -> str:
    if isinstance(error, NotMet):
        return str(error)
    if isinstance(error, ConformanceError):
        return f"{error.message}\n  {error.hint}" if error.hint else error.message
    return ""


def _suite(name: str) -> Suite:
    """The suite to name cases by: the shipped one of a shipped profile, else drawn from the profile's file."""
    shipped = shipped_suite(name) if Path(name).name == name and not Path(name).suffix else None
    if shipped is not None:
        return shipped
    from conformance.catalog import installed  # noqa: PLC0415 - takes longer to load than a shipped suite
    from conformance.session.suites import DEFAULT_SEED, profile_named, suite_of  # noqa: PLC0415 - see above

    catalog = installed()
    return suite_of(profile_named(name, catalog), DEFAULT_SEED, catalog)
