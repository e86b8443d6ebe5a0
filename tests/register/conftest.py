"""Keys that a register trusts, and folders of runs that they signed."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from made_runs import made_run

from conformance.cli.main import run
from conformance.model.trust import TrustRole
from conformance.outside import trust
from conformance.outside.keys import KeySigner


@dataclass
class Handing:
    """A folder that reports are handed in to, and the register that is built of it."""

    place: Path
    lab_private: Ed25519PrivateKey
    vendor_private: Ed25519PrivateKey

    @property
    def lab(self) -> KeySigner:
        return KeySigner(self.lab_private)

    @property
    def vendor(self) -> KeySigner:
        return KeySigner(self.vendor_private)

    @property
    def reports(self) -> Path:
        return self.place / "reports"

    @property
    def site(self) -> Path:
        return self.place / "site"

    @property
    def trust_file(self) -> Path:
        return self.place / "trust.toml"

    def hand_in(self, name: str, signer: KeySigner | None = None, **what) -> Path:
        made_run(self.reports / name, signer or self.lab, **what)
        return self.reports / name

    def build(self, *options: object, expected: int = 0) -> dict:
        arguments = ["register", "build", self.reports, "--out", self.site, "--trust", self.trust_file]
        code = run([str(argument) for argument in [*arguments, "--workers", 1, "--quiet", *options]])
        assert code == expected
        return json.loads((self.site / "index.json").read_bytes())

    def page(self, name: str = "index.html") -> str:
        return (self.site / name).read_text("utf-8")


def handing_of(place: Path) -> Handing:
    made = Handing(place, Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate())
    made.reports.mkdir()
    lab = trust.trusted_key(made.lab.public_pem, "Example Laboratory", (TrustRole.LAB,))
    vendor = trust.trusted_key(made.vendor.public_pem, "Acme", (TrustRole.SUPPLIER_TEST, TrustRole.SUPPLIER))
    for key in (lab, vendor):
        trust.append(made.trust_file, key)
    return made


@pytest.fixture(scope="session")
def handing_in():
    """Makes a folder that reports are handed in to."""
    return handing_of


@pytest.fixture
def handing(tmp_path: Path) -> Handing:
    return handing_of(tmp_path)
