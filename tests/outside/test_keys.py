import base64
import hashlib
import shutil
import stat
import struct
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from conformance.errors import KeyFileError
from conformance.model.dsse import Signature, base64_text, key_id, signed_by
from conformance.outside import keys


def never(where):
    raise AssertionError(f"nobody should be asked for the password of {where}")


def right(where):
    return b"correct horse"


def wrong(where):
    return b"battery staple"


def pkcs8(private, encryption=None) -> bytes:
    encryption = encryption or form.NoEncryption()
    return private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, encryption)


def stored(path, data: bytes, mode=0o600):
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "tester"
    return path, keys.generate(path, right)


def test_a_new_key_is_encrypted_and_its_owners_alone(encrypted):
    path, signer = encrypted
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert text.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    with pytest.raises(TypeError, match="password"):
        form.load_ssh_private_key(path.read_bytes(), None)
    assert keys.public_path(path).read_text() == signer.public_pem
    assert sorted(p.name for p in path.parent.iterdir()) == ["tester", "tester.pub.pem"]


def test_bcrypt_has_64_rounds(encrypted):
    body = "".join(encrypted[0].read_text().split("\n")[1:-2])
    raw = base64.b64decode(body)
    at = raw.index(b"bcrypt") + len(b"bcrypt") + 4
    (salt,) = struct.unpack(">I", raw[at : at + 4])
    assert struct.unpack(">I", raw[at + 4 + salt : at + 8 + salt]) == (64,)


def test_what_was_written_is_read_and_signs(encrypted):
    path, signer = encrypted
    read = keys.load(str(path), right)
    assert read.keyid == signer.keyid
    signature = Signature(sig=base64_text(read.sign(b"message")))
    assert signed_by(signer.public_pem, signature, b"message")
    assert not signed_by(signer.public_pem, signature, b"massage")


def test_a_wrong_password_is_said_to_be_one(encrypted):
    with pytest.raises(KeyFileError, match="cannot be opened") as caught:
        keys.load(str(encrypted[0]), wrong)
    assert "password" in caught.value.hint


def test_the_key_id_is_what_openssl_says(encrypted, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path, signer = encrypted
    command = ["openssl", "pkey", "-pubin", "-in", keys.public_path(path), "-outform", "DER"]
    der = subprocess.run(command, check=True, capture_output=True).stdout
    assert signer.keyid == hashlib.sha256(der).hexdigest()
    assert key_id(signer.public_pem) == signer.keyid


def test_ssh_keygen_reads_the_key(encrypted):
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    command = ["ssh-keygen", "-y", "-P", "correct horse", "-f", encrypted[0]]
    assert subprocess.run(command, check=True, capture_output=True).stdout.startswith(b"ssh-ed25519 ")


def test_nothing_is_overwritten(encrypted, tmp_path):
    path, _ = encrypted
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="already"):
        keys.generate(path, right)
    assert path.read_bytes() == before
    (tmp_path / "other.pub.pem").write_text("somebody's")
    with pytest.raises(KeyFileError, match=r"other\.pub\.pem"):
        keys.generate(tmp_path / "other", right)
    assert not (tmp_path / "other").exists()


def test_a_dangling_link_is_not_followed(tmp_path):
    (tmp_path / "tester").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileError, match="already"):
        keys.generate(tmp_path / "tester", None)
    assert not (tmp_path / "elsewhere").exists()


def test_an_empty_password_is_none(tmp_path):
    with pytest.raises(KeyFileError, match="empty"):
        keys.generate(tmp_path / "tester", lambda _: b"")
    assert list(tmp_path.iterdir()) == []


def test_an_unencrypted_key_needs_a_word_of_its_own(tmp_path):
    signer = keys.generate(tmp_path / "tester", None)
    with pytest.raises(KeyFileError, match="not encrypted") as caught:
        keys.load(str(tmp_path / "tester"), never)
    assert "--allow-unencrypted-key" in caught.value.hint
    assert keys.load(str(tmp_path / "tester"), never, allow_unencrypted=True).keyid == signer.keyid


def test_a_key_in_the_environment_may_be_unencrypted(monkeypatch):
    private = ed25519.Ed25519PrivateKey.generate()
    monkeypatch.setenv("SIGNING_KEY", pkcs8(private).decode())
    public = private.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    assert keys.load("env:SIGNING_KEY", never).keyid == key_id(public)


def test_an_absent_variable_is_named(monkeypatch):
    monkeypatch.delenv("SIGNING_KEY", raising=False)
    with pytest.raises(KeyFileError, match="SIGNING_KEY"):
        keys.load("env:SIGNING_KEY", never)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    key = stored(tmp_path / "key", pkcs8(ed25519.Ed25519PrivateKey.generate()), mode)
    with pytest.raises(KeyFileError, match="others than you") as caught:
        keys.load(key, never, allow_unencrypted=True)
    assert caught.value.hint.startswith("chmod 600")


def test_encrypted_pkcs8_and_p256_are_read(tmp_path):
    private = ec.generate_private_key(ec.SECP256R1())
    key = stored(tmp_path / "key", pkcs8(private, form.BestAvailableEncryption(right(""))))
    signer = keys.load(key, right)
    signature = Signature(sig=base64_text(signer.sign(b"message")))
    assert signed_by(signer.public_pem, signature, b"message")


def test_what_openssl_derives_with_scrypt_is_read(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    plain = stored(tmp_path / "plain", pkcs8(ed25519.Ed25519PrivateKey.generate()))
    command = ["openssl", "pkcs8", "-topk8", "-scrypt", "-in", plain, "-out", tmp_path / "key"]
    subprocess.run([*command, "-passout", "pass:correct horse"], check=True, capture_output=True)
    (tmp_path / "key").chmod(0o600)
    expected = keys.load(plain, never, allow_unencrypted=True).keyid
    assert keys.load(str(tmp_path / "key"), right).keyid == expected


@pytest.mark.parametrize(
    ("private", "said"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), "RSA with 2048 bits is too weak"),
        (lambda: rsa.generate_private_key(65537, 3072), "RSA keys are not accepted"),
        (lambda: ec.generate_private_key(ec.SECP384R1()), "secp384r1 is not accepted"),
    ],
)
def test_other_kinds_of_keys_are_refused(tmp_path, private, said):
    key = stored(tmp_path / "key", pkcs8(private()))
    with pytest.raises(KeyFileError, match=said):
        keys.load(key, never, allow_unencrypted=True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no key",
        b"-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\nMCow\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nMCow\n-----END OPENSSH PRIVATE KEY-----\n",
        b"\xff" * 2_000_000,
    ],
)
def test_what_is_no_private_key_is_refused(tmp_path, data):
    with pytest.raises(KeyFileError) as caught:
        keys.load(stored(tmp_path / "key", data), right)
    assert caught.value.hint


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(KeyFileError, match="absent"):
        keys.load(str(tmp_path / "absent"), never)


def test_a_folder_is_no_key(tmp_path):
    with pytest.raises(KeyFileError):
        keys.load(str(tmp_path), never)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(KeyFileError, match="cannot be written"):
        keys.generate(tmp_path / "file" / "tester", None)


def test_a_public_key_is_read_in_its_one_form(encrypted, tmp_path):
    path, signer = encrypted
    assert keys.read_public(keys.public_path(path)) == signer.public_pem
    with pytest.raises(KeyFileError, match="no public key"):
        keys.read_public(path)


def test_the_key_does_not_show_itself(encrypted):
    assert repr(encrypted[1]) == f"<KeySigner {encrypted[1].keyid}>"
