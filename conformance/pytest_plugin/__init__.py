"""The pytest plugin: every case of a profile as a test of a supplier's own build.

`pytest --conformance-profile NAME --conformance-url URL` collects an item for each case, named by its requirement.
This module is loaded in every pytest of an environment that has the harness, so it imports nothing of it: what does
the work is loaded once an option or a fixture asks for it.
"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.pytest_plugin.running import Tester

LEVELS = ("shall", "shall_not", "should", "should_not", "may")
FAIL_ON = ("failed", "inconclusive", "warning")
PROFILE = "conformance_profile"


class ConformanceWarning(UserWarning):
    """Something that is recommended is not met: it changes no verdict, and somebody will ask why."""


class Hooks:
    """What a supplier's conftest.py can implement."""

    @pytest.hookspec(firstresult=True)
    def pytest_conformance_target(self, config: pytest.Config) -> object:
        """The target to test, where no option names one: `conformance.pytest_plugin.running.in_process(app)`."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Make the hook known."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; without --conformance-profile nothing else is done."""
    group = parser.getgroup("conformance", "conformance harness (FHIR)")
    add = group.addoption
    add("--conformance-profile", metavar="NAME", help="test against this profile: a name or a file")
    add("--conformance-url", metavar="URL", default="", help="FHIR base URL of the target")
    add("--conformance-target", metavar="FILE", default="", help="target file (YAML)")
    add("--conformance-out", metavar="FOLDER", default="", help="folder for the report; new or empty")
    add("--conformance-preset", metavar="NAME", action="append", default=[], help="limits of the profile")
    add("--conformance-set", metavar="NAME=VALUE", action="append", default=[], help="your own limit")
    add("--conformance-package", metavar="PACKAGE", action="append", default=[], help="a FHIR package")
    add("--conformance-as-of", metavar="DAY", default="", help="judge dates at this day (YYYY-MM-DD)")
    add(
        "--conformance-fail-on",
        choices=FAIL_ON,
        default="failed",
        help="what fails a test: a SHALL that failed (default); also one that was not shown to be met; also a SHOULD",
    )
    add("--conformance-strict", action="store_true", help="short for --conformance-fail-on inconclusive")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known, and load what does the work where it is asked for."""
    config.addinivalue_line("markers", "conformance: a case of a conformance profile")
    for level in LEVELS:
        words = level.replace("_", " ").upper()
        config.addinivalue_line("markers", f"{level}: a case of a requirement that says {words}")
    given = [name for name in ("url", "target") if config.getoption(f"conformance_{name}")]
    if not config.getoption(PROFILE):
        if given:
            raise pytest.UsageError(f"--conformance-{given[0]} needs --conformance-profile NAME")
        return
    if len(given) > 1:
        raise pytest.UsageError("name the target with --conformance-url or --conformance-target, not both")
    from conformance.pytest_plugin.collecting import Collecting  # noqa: PLC0415 - only where it is asked for

    config.pluginmanager.register(Collecting(config), "conformance-collecting")


@pytest.fixture(scope="session")
def conformance_target(pytestconfig: pytest.Config) -> object:
    """What `conformance_run` tests: the target of the options or of the hook. Override it with your own."""
    from conformance.pytest_plugin.running import named_target  # noqa: PLC0415 - see above

    return named_target(pytestconfig)


@pytest.fixture(scope="session")
def conformance_run(conformance_target: Any, tmp_path_factory: pytest.TempPathFactory) -> "Tester":
    """A function that tests the target against a profile and returns the finished run, with its report."""
    from conformance.pytest_plugin.running import Tester  # noqa: PLC0415 - see above

    return Tester(conformance_target, tmp_path_factory)
