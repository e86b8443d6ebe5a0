"""A run killed at any change that it makes to the disk: gone on with, it is what it would have been."""

import errno
import functools
import json
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
OF_ITS_AREA = 8
"""At the end a run erases its work area, whose files may come to a few more or less: no point is drawn there."""
KILLED = -9
NAMES = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}|[0-9a-f]{64}|redacted[:-][0-9a-f]{12}")
"""A run's id; digests, of records, which hold instants, and of the suite, which holds the run's id; keyed tags."""


class Bench:
    """A signed, writing run that can be made again and again, and where it stands."""

    def __init__(self, place: Path, endpoint: str, crashing: Crashing, data: str) -> None:
        self.place, self.endpoint, self.crashing = place, endpoint, crashing
        self.profile = write_profile(place, WRITING)
        may = {"permissions": {"write": True}, "dataClass": data}
        self.target = write_target(place / "target.yaml", endpoint, **may)
        self.key, self.trust = place / "key", place / "trust.toml"
        assert command("keygen", self.key, "--unencrypted") == 0
        trusted = ("--name", "Crash", "--role", "independent-lab", "--trust", self.trust)
        assert command("trust", "add", place / "key.pub.pem", *trusted) == 0

    @property
    def options(self) -> tuple[object, ...]:
        signing = ("--key", self.key, "--allow-unencrypted-key", "--role", "independent-lab")
        return ("--target", self.target, "--quiet", "--views", "html,junit", *signing)

    def begin(self, out: Path, **how: int):
        watched = (out, private_area("x").parent)
        return self.crashing.run("run", self.profile, "--out", out, *self.options, watched=watched, **how)

    def go_on(self, out: Path):
        return self.crashing.run("run", "--resume", out, *self.options, watched=(out,))


@pytest.fixture(scope="module")
def made(reference_supplier, tmp_path_factory):
    """A bench for each class of data, with the report of a run that nothing happened to and where to kill others."""
    with Crashing() as crashing:

        @functools.cache
        def bench(data: str) -> tuple[Bench, str, int]:
            bench = Bench(tmp_path_factory.mktemp(data), reference_supplier.url, crashing, data)
            out = bench.place / "undisturbed"
            ended = bench.begin(out)
            assert ended.code == 0
            return bench, content(out), ended.changes - OF_ITS_AREA

        yield bench


def content(folder: Path) -> str:
    """The bytes of a report, but for what names the run."""
    return NAMES.sub("*", (folder / "report.json").read_text("utf-8"))


def drawn(number: int, changes: int) -> int:
    """The point of this number: one is drawn from each twentieth of the run."""
    first, beyond = number * changes // POINTS + 1, (number + 1) * changes // POINTS + 1
    return random.Random(f"{SEED}/{number}").randrange(first, max(beyond, first + 1))


def points(often: set[tuple[str, int]]):
    """Every point for each class of data: those that are tried on every change, and the others nightly."""
    return [
        pytest.param(data, number, marks=[] if (data, number) in often else pytest.mark.nightly)
        for data in ("synthetic", "pseudonymised")
        for number in range(POINTS)
    ]


def gone_on_with(bench: Bench, out: Path, whole: str) -> None:
    """Go on with a run that was ended, or begin anew where it had not begun, and hold it against an undisturbed one."""
    begun = (out / "suite.json").is_file()
    closed = begun and any(out.glob("*.conformance.zip"))
    ended = bench.go_on(out) if begun else bench.begin(out)
    assert ended.code == (2 if closed else 0), ended.told
    assert content(out) == whole
    for signed in (out, out / f"{out.name}.conformance.zip"):
        assert command("verify", signed, "--trust", bench.trust, "--require", "authentic") == 0
    assert command("replay", out) == 0
    run_id = json.loads((out / "suite.json").read_bytes())["runId"]
    assert left_on(bench.endpoint, run_id) == []
    assert not private_area(run_id).exists()
    assert not [path for path in out.rglob("*") if path.name.startswith(".") or path.suffix == ".part"]


@pytest.mark.parametrize(("data", "number"), points({("synthetic", n) for n in (3, 10, 18)}))
def test_a_run_that_was_killed_and_gone_on_with_has_the_report_of_an_undisturbed_one(made, data, number):
    bench, whole, changes = made(data)
    out = bench.place / f"killed-{number}"
    assert bench.begin(out, at=drawn(number, changes)).code == KILLED
    gone_on_with(bench, out, whole)


@pytest.mark.parametrize(("data", "number"), points({("synthetic", 7), ("synthetic", 18)}))
def test_a_disk_that_is_full_is_told_and_the_run_gone_on_with_once_there_is_room(made, data, number):
    bench, whole, changes = made(data)
    out = bench.place / f"full-{number}"
    ended = bench.begin(out, at=drawn(number, changes), error=errno.ENOSPC)
    assert ended.code in {2, 3}, ended.told
    assert "cannot be" in ended.told
    assert "No space left on device" in ended.told
    assert "internal error" not in ended.told
    assert "Traceback" not in ended.told
    gone_on_with(bench, out, whole)


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_evidence_that_the_disk_took_only_a_part_of_is_dropped_and_gathered_anew(made, share):
    bench, whole, _ = made("synthetic")
    out = bench.place / f"torn-{share}"
    size = (bench.place / "undisturbed" / "evidence.jsonl").stat().st_size
    ended = bench.begin(out, most=int(size * share))
    assert ended.code == 3, ended.told
    assert f"{out / 'evidence.jsonl'} cannot be written: File too large" in ended.told
    assert not (out / "evidence.jsonl").read_bytes().endswith(b"\n")
    gone_on_with(bench, out, whole)


def test_a_folder_that_nobody_may_write_to_is_told_before_anything_is_sent(made):
    bench, _, _ = made("synthetic")
    out = bench.place / "forbidden"
    ended = bench.begin(out, at=1, error=errno.EROFS)
    assert ended.code == 2
    assert f"the folder {out} cannot be made or written to: Read-only file system" in ended.told
    assert not out.exists()
