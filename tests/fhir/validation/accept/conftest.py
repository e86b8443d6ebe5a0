"""What the tests of acceptance share: the mutations, both walks, and resources that nobody here made."""

import gzip
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conformance.fhir.definitions import r4
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept import Acceptor, engine
from conformance.fhir.validation.validator import Validator

DATA = Path(__file__).resolve().parents[4] / "../shared/data"
TERMINOLOGY = Terminology(r4())


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of test data."""
    if not DATA.is_dir():
        pytest.skip("the shared test data are not here")
    return DATA


@pytest.fixture(scope="session")
def synthea(data: Path) -> dict[str, list[bytes]]:
    """Up to 100 Synthea resources of each type, as lines."""
    found: dict[str, list[bytes]] = {}
    for path in sorted((data / "synthea-small").glob("*.ndjson.gz")):
        with gzip.open(path) as lines:
            found[path.name.partition(".")[0]] = [line for line, _ in zip(lines, range(100), strict=False)]
    return found


@pytest.fixture(scope="session")
def made() -> Callable[..., Acceptor]:
    """Makes an acceptor with the pure walk or the compiled one; skips where the latter was not built."""

    def make(walk: str, definitions=None, structures=()) -> Acceptor:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CONFORMANCE_PURE", "1" if walk == "pure" else "0")
            if walk == "compiled" and engine() != "compiled":
                pytest.skip(f"no compiled core: {engine()}")
            if definitions is None:
                return Acceptor(r4(), TERMINOLOGY, structures)
            return Acceptor(definitions, Terminology(definitions), structures)

    return make


@pytest.fixture(scope="session", params=["pure", "compiled"])
def acceptor(request: pytest.FixtureRequest, made: Callable[..., Acceptor]) -> Iterator[Acceptor]:
    """An acceptor of base R4 with each walk."""
    return made(request.param)


@pytest.fixture(scope="session")
def validator() -> Validator:
    """What acceptance has to agree with."""
    return Validator(r4(), TERMINOLOGY)
