"""A run killed at any change that it makes to the disk: gone on with, it is what it would have been."""

import json
import os
import random
import re
import sys
from pathlib import Path

import pytest
from crashing import Crashing
from small_profiles import WRITING, write_profile, write_target
from test_resume import left_on
from whole_runs import command

from conformance.outside.places import private_area

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

SEED, POINTS = 20, 20
OFTEN = (3, 10, 18)
"""The points that are tried on every change; the last one is among the files that a run writes at its end."""
OF_ITS_AREA = 8
"""At the end a run erases its work area, whose files may come to a few more or less: no point is drawn there."""
KILLED = -9
NAMES = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}|[0-9a-f]{64}")
"""A run's id, and digests: of records, which hold instants, and of the suite, which holds the run's id."""


class Bench:
    """A signed, writing run that can be made again and again, and where it stands."""

    def __init__(self, place: Path, endpoint: str, crashing: Crashing) -> None:
        self.place, self.endpoint, self.crashing = place, endpoint, crashing
        self.profile = write_profile(place, WRITING)
        self.target = write_target(place / "target.yaml", endpoint, permissions={"write": True})
        self.key, self.trust = place / "key", place / "trust.toml"
        assert command("keygen", self.key, "--unencrypted") == 0
        trusted = ("--name", "Crash", "--role", "independent-lab", "--trust", self.trust)
        assert command("trust", "add", place / "key.pub.pem", *trusted) == 0

    @property
    def options(self) -> tuple[object, ...]:
        signing = ("--key", self.key, "--allow-unencrypted-key", "--role", "independent-lab")
        return ("--target", self.target, "--quiet", "--views", "html,junit", *signing)

    def begin(self, out: Path, at: int = 0):
        areas = private_area("x").parent
        return self.crashing.run(
            "run", self.profile, "--out", out, *self.options, watched=(out, areas), at=at
        )

    def go_on(self, out: Path):
        return self.crashing.run("run", "--resume", out, *self.options, watched=(out,))


@pytest.fixture(scope="module")
def bench(reference_supplier, tmp_path_factory):
    with Crashing() as crashing:
        yield Bench(tmp_path_factory.mktemp("crash"), reference_supplier.url, crashing)


@pytest.fixture(scope="module")
def undisturbed(bench):
    """The report of a run that nothing happened to, and how many changes it made to the disk."""
    out = bench.place / "undisturbed"
    ended = bench.begin(out)
    assert ended.code == 0
    return content(out), ended.changes - OF_ITS_AREA


def content(folder: Path) -> str:
    """The bytes of a report, but for what names the run."""
    return NAMES.sub("*", (folder / "report.json").read_text("utf-8"))


def drawn(number: int, changes: int) -> int:
    """The point of this number: one is drawn from each twentieth of the run."""
    first, beyond = number * changes // POINTS + 1, (number + 1) * changes // POINTS + 1
    return random.Random(f"{SEED}/{number}").randrange(first, max(beyond, first + 1))


@pytest.mark.parametrize(
    "number",
    [
        number if number in OFTEN else pytest.param(number, marks=pytest.mark.nightly)
        for number in range(POINTS)
    ],
)
def test_a_run_that_was_killed_and_gone_on_with_has_the_report_of_an_undisturbed_one(
    bench, undisturbed, number
):
    whole, changes = undisturbed
    out = bench.place / f"run-{number}"
    assert bench.begin(out, drawn(number, changes)).code == KILLED
    begun = (out / "suite.json").is_file()
    half = [path.name for path in out.rglob("*.conformance.zip")]
    ended = bench.go_on(out) if begun else bench.begin(out)
    if begun and half:
        assert ended.code == 2, "it had come to its end: only its work area was still there"
    else:
        assert ended.code == 0
    assert content(out) == whole
    assert command("verify", out, "--trust", bench.trust) == 0
    assert command("verify", out / f"{out.name}.conformance.zip", "--trust", bench.trust) == 0
    assert command("replay", out) == 0
    run_id = json.loads((out / "suite.json").read_bytes())["runId"]
    assert left_on(bench.endpoint, run_id) == []
    assert not private_area(run_id).exists()
    assert not [path for path in out.rglob("*") if path.name.startswith(".") or path.suffix == ".part"]
