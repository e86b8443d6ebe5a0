"""What several test folders share: a home of their own for the user's files, and the reference supplier."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, settings

from conformance.reference.process import Options, RunningSupplier, start

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(
    "untimed"
)  # a busy machine is no fault of what is tested: benchmarks measure, tests do not time

# The tests start hundreds of processes: where nothing compiled is kept, each compiles all that it loads.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

BASES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many workers as processors for `-n auto`: many tests wait for servers and clocks."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests away from the trust file, keys and work areas of whoever runs them.

    And from the file of this machine's certification authorities: OpenSSL takes 40 ms to read it, for each run and each
    client anew. One made-up authority stands in its place.
    """
    folder = tmp_path_factory.mktemp("home")
    trustme.CA().cert_pem.write_to_path(str(folder / "authority.pem"))
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CONFORMANCE_")]:
            patch.delenv(name)
        for name in BASES:
            patch.setenv(name, str(folder / name))
        patch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
        yield folder


@pytest.fixture(scope="session")
def reference_supplier(home: Path) -> Iterator[RunningSupplier]:
    """One honest reference supplier for all tests of a process, over plain HTTP and without tokens."""
    with start(Options(http=True, auth="none", patients=12)) as supplier:
        yield supplier
