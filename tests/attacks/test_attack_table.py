"""Every attack is refused by the step that docs/attacks.md names, and that page names every attack."""

import re
import shutil
import tempfile
from pathlib import Path

import attacks_on_files
import attacks_on_signatures
import attacks_on_substance
import pytest
from attack_stage import Stage, copied, prepared
from attacks import ATTACKS, IDLE, in_order

PAGE = Path(__file__).resolve().parents[2] / "docs" / "attacks.md"
MODULES = (attacks_on_signatures, attacks_on_files, attacks_on_substance)


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("honest") / "run")


def test_the_honest_run_is_accepted(honest, tmp_path):
    for bundled in (False, True):
        stage = Stage(copied(honest, tmp_path / str(bundled) / "run"))
        if bundled:
            stage.bundle()
        step, code, found = stage.outcome()
        assert (step, code) == ("", 0), found


def test_a_bundle_is_never_unpacked(honest, tmp_path, monkeypatch):
    stage = Stage(copied(honest, tmp_path / "run"))
    stage.bundle()
    shutil.rmtree(stage.root)
    monkeypatch.setattr(tempfile, "mkdtemp", None)
    monkeypatch.setattr(tempfile, "mkstemp", None)
    assert stage.outcome()[:2] == ("", 0)
    assert [path.name for path in tmp_path.iterdir()] == [stage.bundled.name]


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_refused_by_its_step(name, honest, tmp_path):
    stage = Stage(copied(honest, tmp_path / "run"))
    attack = ATTACKS[name]
    attack.do(stage)
    step, code, found = stage.outcome()
    if attack.step == IDLE:
        assert [each.counts for each in found.beside] == [False], found
    assert (step or IDLE, code) == (attack.step, attack.code), found


def test_the_page_lists_every_attack_as_it_is_refused():
    rows = re.findall(
        r"^\| `([a-z0-9-]+)` \| (.*) \| (.*) \| (\d) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(a.name, a.tried, a.step, str(a.code)) for a in in_order()]
