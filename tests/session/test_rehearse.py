"""The exit drill comes to its end, goes on where it broke off, and passes nothing that was lost."""

import json

import pytest

from conformance.errors import UsageError
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
