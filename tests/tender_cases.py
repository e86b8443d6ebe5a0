"""A buyer, a laboratory and a supplier with their keys, a signed pack, and runs made under it."""

import json
from base64 import b64decode, b64encode
from pathlib import Path

from small_profiles import READING, write_profile, write_target
from whole_runs import command

from conformance.model.base import canonical
from conformance.model.dsse import pae
from conformance.outside import keys

BARE = "--allow-unencrypted-key"
PROFILE = READING.replace("profile: small", "profile: asked").replace(
    "  page: {default: 5}\n",
    "  page: {default: 5}\n  value: {default: '', buyerOnly: true}\n"
    "presets:\n  - {preset: ours, title: Ours, basis: house rules, values: {value: '10'}}\n",
)


class Scene:
    """Keys, a trust file and commands of one place."""

    def __init__(self, place: Path, endpoint: str) -> None:
        self.place = place
        self.profile = write_profile(place, PROFILE)
        self.target = write_target(
            place / "target.yaml", endpoint, supplier="North Ltd", product="North Records", version="1"
        )
        self.trust = place / "trust.toml"
        for name, role in (("buyer", "buyer"), ("lab", "independent-lab"), ("maker", "supplier-self-test")):
            assert command("keygen", place / name, "--unencrypted") == 0
            public = place / f"{name}.pub.pem"
            trusted = ("--name", name, "--role", role, "--trust", self.trust)
            assert command("trust", "add", public, *trusted) == 0
        assert command("keygen", place / "stranger", "--unencrypted") == 0

    def pack(self, name: str, *more: object, key: str = "buyer", opens: str = "2099-01-15") -> int:
        return command(
            "tender", "new", self.place / name, "--profile", self.profile, "--buyer", "North Trust", "--title",
            "Records", "--ocid", "ocds-h6vhtk-04a1b2", "--opens", opens, "--accept", "independent-lab",
            "--key", self.place / key, BARE, *more,
        )  # fmt: skip

    def run(
        self, name: str, pack: str | None, *more: object, key: str = "lab", role: str = "independent-lab"
    ) -> int:
        under = () if pack is None else ("--tender", self.place / pack)
        return command(
            "run", self.profile, "--target", self.target, "--out", self.place / name, "--key", self.place / key, BARE,
            "--role", role, "--trust", self.trust, "--quiet", "--views", "none", *under, *more,
        )  # fmt: skip

    def verify(self, name: str, pack: str | None, *more: object) -> int:
        under = () if pack is None else ("--tender", self.place / pack)
        return command(
            "verify", self.place / name, "--require", "authentic", "--trust", self.trust, *under, *more
        )

    def compare(self, names: list[str], *more: object) -> int:
        return command("compare", *(self.place / name for name in names), "--trust", self.trust, *more)

    def decide(self, out: str, pack: str, *more: object, key: str = "buyer") -> int:
        said = {
            "--tender": self.place / pack, "--requirement": "S-UNKNOWN", "--bidder": "North Ltd",
            "--product": "North Records", "--who": "Jo Bloggs", "--accepted": "a certificate",
            "--reason": "it shows the same", "--key": self.place / key, "--out": self.place / out,
            "--trust": self.trust,
        }  # fmt: skip
        said |= dict(zip(more[::2], more[1::2], strict=True))
        return command("tender", "decide", *(word for pair in said.items() for word in pair), BARE)


def payload(file: Path) -> dict:
    """What is stated in an envelope."""
    return json.loads(b64decode(json.loads(file.read_bytes())["payload"]))


def forged(file: Path, out: Path, change, key: Path | None = None) -> Path:
    """The envelope with another statement; under the old signature, or signed anew with a key."""
    envelope = json.loads(file.read_bytes())
    stated = payload(file)
    change(stated)
    data = canonical(stated)
    envelope["payload"] = b64encode(data).decode()
    if key is not None:
        signer = keys.load(str(key), lambda _: b"", allow_unencrypted=True)
        signature = signer.sign(pae(envelope["payloadType"], data))
        envelope["signatures"] = [{"keyid": signer.keyid, "sig": b64encode(signature).decode()}]
    out.write_bytes(canonical(envelope))
    return out
