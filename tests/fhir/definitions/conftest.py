"""The data that the tests of definitions read, and small StructureDefinitions to make more of."""

from pathlib import Path

import pytest

from conformance.fhir.definitions import Definitions, r4
from conformance.outside.packages import load_definitions

DATA = Path(__file__).resolve().parents[3] / "../shared/data"


@pytest.fixture(scope="session")
def core() -> Definitions:
    return r4()


@pytest.fixture(scope="session")
def uk_core(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    return _loaded(DATA / "uk-core", tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def us_core(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    return _loaded(DATA / "ig-packages/hl7.fhir.us.core-6.1.0.tgz", tmp_path_factory.mktemp("cache"))


def _loaded(path: Path, cache: Path) -> Definitions:
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return load_definitions([str(path)], cache=cache)
