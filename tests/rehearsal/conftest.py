"""A product to leave and servers to go to, for the tests of the drill and of destinations."""

import re
from pathlib import Path

import pytest
import yaml
from stand_in import StandIn

from conformance.reference.process import RunningSupplier


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory):
    """A second server, which is honest."""
    with StandIn(tmp_path_factory.mktemp("elsewhere")) as server:
        yield server


@pytest.fixture(scope="session")
def forgetful(tmp_path_factory: pytest.TempPathFactory):
    """A second server that drops the words beside codes."""
    with StandIn(tmp_path_factory.mktemp("forgetful"), _without_displays) as server:
        yield server


def _without_displays(body: bytes) -> bytes:
    return re.sub(rb',"display":"[^"]*"', b"", body)


@pytest.fixture
def going_to(reference_supplier: RunningSupplier, tmp_path: Path):
    """A target file of the reference supplier with these servers as destinations."""

    def written(**servers: StandIn) -> Path:
        target = yaml.safe_load(reference_supplier.target_file.read_text("utf-8"))
        plan = reference_supplier.target_file.parent / target["documents"]["exitPlan"]
        target["documents"] = {"exitPlan": str(plan)}
        target["phase"] = "contract"
        target["destinations"] = [
            {"name": name, "endpoint": server.url, "testServer": True, "permissions": {"write": True}}
            for name, server in servers.items()
        ]
        path = tmp_path / "target.yaml"
        path.write_text(yaml.safe_dump(target), "utf-8")
        return path

    return written
