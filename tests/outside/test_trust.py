import datetime as dt
import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.errors import KeyFileError
from conformance.model.trust import TrustRole
from conformance.outside import trust
from conformance.outside.keys import KeySigner


def a_key(name="Lab", *roles, **limits):
    signer = KeySigner(Ed25519PrivateKey.generate())
    return trust.trusted_key(signer.public_pem, name, roles or (TrustRole.LAB,), **limits)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def entry(key, **changed) -> str:
    """One `[[key]]` by hand; a member changed to None is left out."""
    members = {"id": key.id, "name": key.name, "roles": list(key.roles), "pem": key.pem} | changed
    lines = [f"{name} = {json.dumps(value)}" for name, value in members.items() if value is not None]
    return "\n".join(["[[key]]", *lines, ""])


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"CONFORMANCE_TRUST": "/etc/trust.toml", "HOME": "/h"}, "/etc/trust.toml"),
        ({"XDG_CONFIG_HOME": "/c", "HOME": "/h"}, "/c/conformance/trust.toml"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}, "/h/.config/conformance/trust.toml"),
        ({"HOME": "/h"}, "/h/.config/conformance/trust.toml"),
    ],
)
def test_where_the_trust_file_is(environment, expected):
    assert trust.default_path(environment) == Path(expected)


def test_where_the_demo_key_is():
    assert trust.demo_path({"HOME": "/h"}) == Path("/h/.local/share/conformance/demo-key")
    assert trust.demo_path({"HOME": "/h", "XDG_DATA_HOME": "/d"}) == Path("/d/conformance/demo-key")


def test_without_a_file_nobody_is_trusted(tmp_path):
    assert trust.load(tmp_path / "trust.toml").keys == ()


def test_what_is_entered_is_read_back_and_keeps_what_was_there(tmp_path):
    path = written(tmp_path / "trust.toml", "# mine\n")
    first = a_key('Lab "A" \\ ünlimited')
    second = a_key(
        "Supplier",
        TrustRole.SUPPLIER,
        TrustRole.SUPPLIER_TEST,
        valid_from=dt.date(2026, 1, 1),
        valid_until=dt.date(2027, 1, 1),
        revoked=dt.date(2026, 6, 1),
        only_embedded=True,
    )
    trust.append(path, first)
    assert trust.append(path, second).keys == (first, second)
    assert trust.load(path).keys == (first, second)
    assert path.read_text().startswith("# mine\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_without_a_last_newline_is_not_broken(tmp_path):
    first, second = a_key(), a_key("Buyer", TrustRole.BUYER)
    path = written(tmp_path / "trust.toml", entry(first).rstrip("\n"))
    assert trust.append(path, second).keys == (first, second)


def test_a_key_is_not_entered_twice(tmp_path):
    key = a_key()
    trust.append(tmp_path / "trust.toml", key)
    before = (tmp_path / "trust.toml").read_bytes()
    with pytest.raises(KeyFileError, match="already"):
        trust.append(tmp_path / "trust.toml", key.model_copy(update={"name": "Other"}))
    assert (tmp_path / "trust.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["", "two\nlines", "\x1b[2J", "x" * 201])
def test_a_name_that_cannot_be_read_back_is_never_written(tmp_path, name):
    with pytest.raises(KeyFileError):
        trust.append(tmp_path / "trust.toml", a_key(name))
    assert not (tmp_path / "trust.toml").exists()


def test_a_link_to_the_trust_file_stays_one(tmp_path):
    real = written(tmp_path / "real.toml", "")
    (tmp_path / "trust.toml").symlink_to(real)
    trust.append(tmp_path / "trust.toml", a_key())
    assert (tmp_path / "trust.toml").is_symlink()
    assert len(trust.load(real).keys) == 1


def test_a_public_key_may_lie_in_a_file_beside(tmp_path):
    key = a_key()
    (tmp_path / "lab.pub.pem").write_text(key.pem)
    path = written(tmp_path / "trust.toml", entry(key, pem=None, file="lab.pub.pem"))
    assert trust.load(path).keys == (key,)


KEY, OTHER = a_key(), a_key("Other")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[key]", "no TOML"),
        ("version = 1", "version"),
        (entry(KEY, note="x"), "note"),
        (entry(KEY, id=OTHER.id), "digest"),
        (entry(KEY, id=KEY.id.upper()), "id"),
        (entry(KEY, roles=["king"]), "king"),
        (entry(KEY, roles=[]), "roles"),
        (entry(KEY, roles="buyer"), "roles"),
        (entry(KEY, name=None), "name"),
        (entry(KEY, pem=None), "either"),
        (entry(KEY, file="lab.pem"), "either"),
        (entry(KEY, pem=None, file="absent.pem"), "absent"),
        (entry(KEY, pem="no key"), "no public key"),
        (entry(KEY, until="2027-01-01"), "until"),
        (entry(KEY) + "until = 2027-01-01T00:00:00\n", "until"),
        (entry(KEY) + "from_ = 2027-01-01\n", "from_"),
        (entry(KEY, only_embedded=1), "only_embedded"),
        (entry(KEY, only_embedded="true"), "only_embedded"),
        (entry(KEY) + entry(KEY), "twice"),
    ],
)
def test_what_is_not_quite_right_is_refused(tmp_path, text, said):
    path = written(tmp_path / "trust.toml", text)
    with pytest.raises(KeyFileError, match=said) as caught:
        trust.load(path)
    assert "trust.toml" in caught.value.message or said == "absent"
    assert caught.value.hint


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_change_is_refused(tmp_path, mode):
    path = written(tmp_path / "trust.toml", entry(KEY))
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="others than you may change"):
        trust.load(path)
    path.chmod(0o644)
    assert trust.load(path).keys == (KEY,)


def test_keys_that_are_entered_at_once_are_all_there(tmp_path):
    entered = [a_key(f"Lab {number}") for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda key: trust.append(tmp_path / "trust.toml", key), entered))
    names = {key.name for key in trust.load(tmp_path / "trust.toml").keys}
    assert names == {key.name for key in entered}


def home(path: Path) -> dict[str, str]:
    return {"HOME": str(path)}


def test_the_demo_key_is_made_once_and_trusted_for_the_demo_only(tmp_path):
    signer = trust.demo_key(home(tmp_path))
    path = trust.demo_path(home(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    known = trust.load(trust.default_path(home(tmp_path)))
    assert [(key.id, key.roles, key.only_embedded) for key in known.keys] == [
        (signer.keyid, (TrustRole.SELF,), True)
    ]
    assert trust.demo_key(home(tmp_path)).keyid == signer.keyid
    assert trust.load(trust.default_path(home(tmp_path))) == known


def test_processes_that_make_the_demo_key_at_once_end_up_with_one(tmp_path):
    code = "from conformance.outside import trust; print(trust.demo_key().keyid)"
    environment = {"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    started = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    ids = {process.communicate(timeout=60)[0] for process in started}
    assert len(ids) == 1
    assert [process.returncode for process in started] == [0] * 4
    known = trust.load(trust.default_path(environment)).keys
    assert {key.id for key in known} == {ids.pop().decode().strip()}


def test_a_demo_key_that_somebody_trusts_without_limit_is_not_used(tmp_path):
    trust.demo_key(home(tmp_path))
    path = trust.default_path(home(tmp_path))
    written(path, path.read_text().replace("only_embedded = true\n", ""))
    with pytest.raises(KeyFileError, match="without limit"):
        trust.demo_key(home(tmp_path))


@pytest.mark.parametrize("variable", ["XDG_DATA_HOME", "XDG_CONFIG_HOME"])
def test_a_home_that_cannot_be_written_gives_one_clear_error(tmp_path, variable):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(KeyFileError, match="cannot be written") as caught:
        trust.demo_key({**home(tmp_path), variable: str(tmp_path / "file")})
    assert "XDG_DATA_HOME" in caught.value.hint
