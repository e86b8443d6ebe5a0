"""The exit drill comes to its end, goes on where it broke off, and passes nothing that was lost."""

import hashlib
import json
from dataclasses import replace

import pytest

from conformance.errors import UsageError
from conformance.model.base import strict_json
from conformance.model.dsse import read_envelope, signed_by
from conformance.model.target import Documents
from conformance.outside import keys
from conformance.outside.target_file import read_target
from conformance.session import rehearse as module
from conformance.session.rehearse import Rehearsing, rehearse


def order(supplier, out, *, agreed=True, tell=lambda _: None, resume=False):
    target = read_target(supplier.target_file)
    return Rehearsing(target, supplier.target_file.parent, out, lambda _: agreed, tell, resume)


def test_nothing_is_exported_before_somebody_agrees(reference_supplier, tmp_path):
    with pytest.raises(UsageError, match="not begun"):
        rehearse(order(reference_supplier, tmp_path / "r", agreed=False))


def test_a_rehearsal_that_broke_off_goes_on_without_a_second_export(
    reference_supplier, tmp_path, monkeypatch
):
    out = tmp_path / "r"

    def stop(text):
        if text == "verified":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rehearse(order(reference_supplier, out, tell=stop))
    monkeypatch.setattr(module, "_exported", lambda _: pytest.fail("exported again"))
    found = rehearse(order(reference_supplier, out, resume=True))
    assert found.passed
    assert found.resumed == 1
    assert found.loaded == sum(found.counted.values()) == sum(found.expected.values())
    assert json.loads((out / "rehearsal.json").read_bytes())["passed"] is True
    assert not (out / "work").exists()


def test_a_rehearsal_is_timed_and_priced_and_can_be_read(reference_supplier, tmp_path):
    key = keys.generate(tmp_path / "key", None)
    out = tmp_path / "r"
    wish = replace(order(reference_supplier, out), signer=key)
    found = rehearse(wish)
    numbers = {each.id: each for each in found.measurements}
    assert float(numbers["rehearsal-time"].value) > 0
    assert {part.label for part in numbers["rehearsal-time"].parts} == {
        "export",
        "download",
        "verify",
        "load",
    }
    assert numbers["cost-of-leaving"].unit == "GBP"
    assert numbers["cost-by-year"].parts
    assert found.afterwards == found.expected
    page = (out / "rehearsal.html").read_text("utf-8")
    for told in ("Everything came out", "Cost of leaving", "Time of the whole exit", "Observation"):
        assert told in page
    envelope = read_envelope((out / "rehearsal.dsse.json").read_bytes())
    assert signed_by(key.public_pem.encode(), envelope.signatures[0], envelope.pae())
    statement = strict_json(envelope.content)
    digest = hashlib.sha256((out / "rehearsal.json").read_bytes()).hexdigest()
    assert statement["subject"] == [{"name": "rehearsal.json", "digest": {"sha256": digest}}]


def test_an_export_that_is_gone_meanwhile_is_made_anew(reference_supplier, tmp_path, monkeypatch):
    out = tmp_path / "r"
    told = []

    def stop(text):
        told.append(text)
        if text == "verified" and told.count(text) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rehearse(order(reference_supplier, out, tell=stop))
    state = json.loads((out / "state.json").read_bytes())
    state["job"] = f"{state['job'].rsplit('/', 1)[0]}/gone"
    (out / "state.json").write_text(json.dumps(state))
    found = rehearse(order(reference_supplier, out, tell=stop, resume=True))
    assert any("exporting anew" in text for text in told)
    assert found.passed


def test_without_a_plan_nothing_is_priced_and_that_is_said(reference_supplier, tmp_path):
    wish = order(reference_supplier, tmp_path / "r")
    bare = wish.target.model_copy(update={"documents": Documents()})
    found = rehearse(replace(wish, target=bare))
    assert [each.id for each in found.measurements] == ["rehearsal-time"]
    assert "names no exit plan" in found.unpriced
