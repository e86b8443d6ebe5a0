"""The registry of secrets and the gate in front of everything that is written."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import LeakFound, TargetFileError
from conformance.outside.secrets import SHORTEST, Secrets

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=SHORTEST, max_size=40)


def test_secrets_come_from_the_environment_or_a_file(tmp_path):
    (tmp_path / "token").write_text("from the file\n")
    (tmp_path / "token").chmod(0o600)
    secrets = Secrets({"T": "from the environment"})
    assert secrets.load("env:T", tmp_path) == "from the environment"
    assert secrets.load("file:token", tmp_path) == "from the file"
    assert secrets.warnings == []
    (tmp_path / "token").chmod(0o644)
    secrets.load("file:token", tmp_path)
    assert "chmod 600" in secrets.warnings[0]


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("env:NOT_THERE", "the environment variable NOT_THERE is not set"),
        ("file:not-there", "cannot be read from .*not-there: No such file"),
        ("file:empty", "is empty"),
        ("bare-secret", "neither env:NAME nor file:PATH"),
        ("env:", "neither env:NAME nor file:PATH"),
    ],
)
def test_what_cannot_be_loaded_is_told_with_the_remedy(tmp_path, reference, told):
    (tmp_path / "empty").write_text(" \n")
    with pytest.raises(TargetFileError, match=told) as caught:
        Secrets({}).load(reference, tmp_path)
    assert caught.value.hint
    assert "bare-secret" not in str(caught.value)


@given(secret=texts, before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_no_form_of_a_secret_passes_the_gate(secret, before, after):
    secrets = Secrets({})
    secrets.add(secret, "env:S")
    raw = secret.encode()
    forms = [
        raw,
        quote(secret, safe="").encode(),
        json.dumps({"a": secret}).encode(),
        base64.b64encode(before + raw + after),
        base64.urlsafe_b64encode(before + raw + after),
    ]
    for form in forms:
        with pytest.raises(LeakFound, match="env:S"):
            secrets.gate(b"x" + form + b"y", "a file")
        clean = secrets.replaced(b"x" + form + b"y", lambda _value: "[tag]")
        assert not secrets.found(clean)
        assert b"[tag]" in clean


@given(secret=texts, cut=st.integers(1, 60), size=st.integers(1, 9))
def test_secrets_that_lie_across_chunks_are_found(secret, cut, size):
    secrets = Secrets({})
    secrets.add(secret)
    data = b"." * cut + secret.encode() + b"." * 70
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    passed = []
    with pytest.raises(LeakFound):
        passed.extend(secrets.gate_chunks(chunks, "a body"))
    assert len(b"".join(passed)) <= cut
    harmless = [b"." * 100, b"," * 100]
    assert b"".join(secrets.gate_chunks(harmless, "a body")) == b"".join(harmless)


def test_short_values_are_no_secrets():
    secrets = Secrets({})
    secrets.add("1234567")
    secrets.gate(b"1234567", "a file")


def test_a_private_key_is_found_by_its_lines():
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP384R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    secrets = Secrets({})
    secrets.add(pem, "the key")
    assert secrets.found(pem.splitlines()[2].encode()) == "the key"
    assert not secrets.found(b"-----BEGIN PRIVATE KEY-----\n")


@given(st.lists(texts, min_size=1, max_size=4, unique=True), st.text(max_size=4), st.data())
def test_each_of_several_secrets_is_found_in_data_of_any_length(values, beside, data):
    secrets = Secrets({})
    for number, value in enumerate(values):
        secrets.add(value, f"number {number}")
    wanted = data.draw(st.sampled_from(values))
    held = f"{beside}{wanted}".encode()
    assert secrets.found(held)
    assert wanted.encode() not in secrets.replaced(held, lambda _: "#")
    assert secrets.found(beside.encode()) == ""
