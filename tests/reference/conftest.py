"""The reference supplier in this process, with a few records, for as long as a test."""

import itertools
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from supplier_records import records

from conformance.reference.app import create_app
from conformance.reference.records.store import Store
from conformance.reference.settings import Client, Settings

with warnings.catch_warnings():
    # Starlette would rather have a fork of httpx for its test client; httpx is what we have.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

BASE = "https://epr.example/fhir"
TOKEN = "test-token"
READER = "read-only-token"

Start = Callable[..., TestClient]


class Keys:
    """A client's two key pairs, and assertions made with them."""

    def __init__(self) -> None:
        self.private = {
            "ES384": ec.generate_private_key(ec.SECP384R1()),
            "RS384": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        }
        self.stranger = ec.generate_private_key(ec.SECP384R1())
        makers = {"ES384": jwt.algorithms.ECAlgorithm, "RS384": jwt.algorithms.RSAAlgorithm}
        self.jwks = {
            "keys": [
                {**makers[name].to_jwk(key.public_key(), as_dict=True), "kid": name}
                for name, key in self.private.items()
            ]
        }
        self.made = 0

    def assertion(
        self, algorithm: str = "ES384", *, key: Any = None, kid: str | None = None, **claims: Any
    ) -> str:
        self.made += 1
        body = {
            "iss": "tester",
            "sub": "tester",
            "aud": "https://epr.example/token",
            "exp": int(time.time()) + 240,
            "jti": f"jti-{self.made}",
            **claims,
        }
        body = {name: value for name, value in body.items() if value is not None}
        signer = self.private[algorithm] if key is None else key
        return jwt.encode(body, signer, algorithm=algorithm, headers={"kid": kid or algorithm})


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys()


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[dict[str, Any]] | None], Path]:
    """The file of a store that holds these records. Those of one and the same list are taken in once."""
    place, known = tmp_path_factory.mktemp("stores"), {}

    def file(resources: list[dict[str, Any]] | None) -> Path:
        path, _ = known.setdefault(id(resources), (place / f"{len(known)}.sqlite", resources))
        if not path.exists():
            store = Store(path, base_url=BASE)
            store.load(records() if resources is None else resources)
            store.close()
        return path

    return file


@pytest.fixture
def start(
    keys: Keys, loaded: Callable[[list[dict[str, Any]] | None], Path], tmp_path: Path
) -> Iterator[Start]:
    """Start a supplier with these settings; it answers as at BASE, with a token that may do everything."""
    number = itertools.count()
    with ExitStack() as stack:

        def started(resources: list[dict[str, Any]] | None = None, **changed: Any) -> TestClient:
            given: dict[str, Any] = {
                "static_tokens": {TOKEN: "system/*.cruds", READER: "system/*.read"},
                "clients": (Client("tester", keys.jwks, ("system/*.rs", "system/Patient.cruds")),),
                "job_delay": 0.05,
                "polls_a_second": 1_000,
                "docs_dir": tmp_path / "docs",
                **changed,
            }
            held = shutil.copyfile(loaded(resources), tmp_path / f"{next(number)}.sqlite")
            store = Store(held, base_url=BASE)
            stack.callback(store.close)
            app = create_app(Settings(BASE, **given), store)
            client = TestClient(app, base_url=BASE, follow_redirects=False)
            client.headers.update({"Authorization": f"Bearer {TOKEN}", "Accept": "application/fhir+json"})
            return stack.enter_context(client)

        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "index.html").write_text("<h1>Harbour EPR</h1>")
        yield started


@pytest.fixture
def supplier(start: Start) -> TestClient:
    """The honest supplier."""
    return start()


@pytest.fixture
def ids(supplier: TestClient) -> Callable[[str], list[str]]:
    """The ids on the first page of a search."""
    return lambda path: found_ids(supplier.get(path).json())


def found_ids(bundle: dict[str, Any]) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle.get("entry", [])]


def finish(client: TestClient, location: str, seconds: float = 10) -> Any:
    """The answer at a polling address once the job has ended."""
    until = time.monotonic() + seconds
    while (answer := client.get(location)).status_code == 202 and time.monotonic() < until:
        time.sleep(0.01)
    return answer


def export(client: TestClient, path: str = "/$export", **options: Any) -> dict[str, Any]:
    """The manifest of an export."""
    location = client.get(path, **options).headers["Content-Location"]
    return finish(client, location).json()


def exported(client: TestClient, manifest: dict[str, Any], section: str = "output") -> dict[str, list[Any]]:
    """What the files of an export hold, by the type that the manifest gives."""
    found: dict[str, list[Any]] = {}
    for item in manifest[section]:
        lines = client.get(item["url"]).content.splitlines()
        found.setdefault(item["type"], []).extend(orjson.loads(line) for line in lines)
    return found
