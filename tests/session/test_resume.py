"""A run that was killed or interrupted, and gone on with: nothing is lost, nothing is left on the target."""

import json
import signal
from pathlib import Path

import httpx
import pytest
from in_a_terminal import InATerminal
from small_profiles import READING, WRITING, write_profile, write_target
from whole_runs import command, finished_run, lines_of

from conformance.outside.places import private_area

SLOWLY = {"requestsPerSecond": 12, "concurrency": 2, "retries": 0}


class Run(InATerminal):
    """`conformance run` in a process of its own, slowed so that it can be caught in the middle."""

    def __init__(self, place: Path, endpoint: str, text: str, **members) -> None:
        target = {"permissions": {"write": True}, **members}
        self.place = place
        self.out = place / "run"
        self.fast = write_target(place / "target.yaml", endpoint, **target)
        slow = write_target(place / "slow.yaml", endpoint, **target, limits=SLOWLY)
        profile = write_profile(place, text)
        command = ("run", profile, "--target", slow, "--out", self.out, "--quiet")
        super().__init__(*command, cwd=place)

    @property
    def run_id(self) -> str:
        return json.loads((self.out / "suite.json").read_bytes())["runId"]

    @property
    def journal(self) -> list[list[str]]:
        path = private_area(self.run_id) / "journal.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []

    def has_created_something(self) -> bool:
        """Whether some resource stands on the target right now, after at least one whole writing step."""
        if not (self.out / "suite.json").is_file():
            return False
        journal = self.journal
        return len(journal) > 2 and journal[-1][0] == "created"

    def has_finished(self, steps: int) -> bool:
        bound = (self.out / "suite.json").is_file()
        return bound and (self.out / "evidence.jsonl").read_bytes().count(b"\n") > steps + 2

    def resume(self, *options: object) -> int:
        return command("run", "--resume", self.out, "--target", self.fast, "--quiet", *options)


def left_on(endpoint: str, run_id: str) -> list[str]:
    """The identifiers of this run's resources that are still on the server."""
    found = httpx.get(f"{endpoint}/Patient?_count=1000", trust_env=False).json()
    identifiers = [i for e in found.get("entry", []) for i in e["resource"].get("identifier", [])]
    return [i["value"] for i in identifiers if i.get("value", "").startswith(run_id)]


def essence(folder: Path) -> list[tuple]:
    """A report but for what names the run: ids, times, and digests of what bears them."""
    report = json.loads((folder / "report.json").read_bytes())
    return [
        (r["id"], r["outcome"], r.get("because"), [(v["case"], v["outcome"]) for v in r.get("verdicts", [])])
        for r in report["requirements"]
    ] + [(report["result"], report["methods"])]


@pytest.fixture(scope="module")
def killed(reference_supplier, tmp_path_factory):
    """A writing run that was killed while a resource of it stood on the target, then gone on with."""
    run = Run(tmp_path_factory.mktemp("killed"), reference_supplier.url, WRITING)
    run.wait_until(run.has_created_something)
    assert run.end(signal.SIGKILL)[0] == -signal.SIGKILL
    with (run.out / "evidence.jsonl").open("ab") as stream:
        stream.write(b'{"step":"torn')
    (run.out / "bodies" / ".half.part").write_bytes(b"half a body")
    run.before = lines_of(run.out)[:-1]
    run.left = left_on(reference_supplier.url, run.run_id)
    run.codes = {c: command(c, run.out) for c in ("verify", "replay")}
    run.resumed = run.resume()
    return run


def test_a_killed_run_is_known_to_be_broken(killed):
    assert killed.left
    assert killed.codes == {"verify": 1, "replay": 2}


def test_it_can_be_gone_on_with_and_finished_steps_keep_their_evidence_to_the_byte(killed):
    assert killed.resumed == 0
    after = lines_of(killed.out)
    assert len(killed.before) > 5
    assert after[: len(killed.before)] == killed.before
    assert len(after) > len(killed.before) + 1
    assert command("replay", killed.out) == 0


def test_nothing_of_it_is_left_on_the_target_and_nothing_on_this_machine(killed, reference_supplier):
    assert left_on(reference_supplier.url, killed.run_id) == []
    assert not private_area(killed.run_id).exists()
    assert not list(killed.out.rglob(".*"))


def test_its_report_is_that_of_an_undisturbed_run(killed, reference_supplier, tmp_path):
    assert essence(killed.out) == essence(
        finished_run(tmp_path, reference_supplier.url, WRITING, permissions={"write": True})
    )


def test_the_record_says_that_it_was_resumed_and_when_it_began(killed):
    record = json.loads((killed.out / "run.json").read_bytes())
    assert record["resumed"] == 1
    assert record["startedAt"][:19].replace("-", "").replace(":", "") == record["runId"][:15]


def test_a_run_that_came_to_its_end_is_not_gone_on_with(killed, capsys):
    assert killed.resume() == 2
    assert "came to its end" in capsys.readouterr().err


def test_while_a_run_goes_on_nobody_else_resumes_it_or_cleans_up_after_it(
    reference_supplier, tmp_path, capsys
):
    run = Run(tmp_path, reference_supplier.url, WRITING)
    run.wait_until(run.has_created_something)
    assert run.resume() == 2
    assert command("cleanup", run.out, "--target", run.fast) == 2
    told = capsys.readouterr().err
    assert told.count(f"another process is working on the run {run.run_id}") == 2
    assert run.end(signal.SIGINT)[0] == 130
    assert run.resume() == 0
    assert left_on(reference_supplier.url, run.run_id) == []


def test_ctrl_c_ends_with_130_says_how_to_go_on_and_that_works(reference_supplier, tmp_path):
    run = Run(tmp_path, reference_supplier.url, WRITING)
    run.wait_until(lambda: run.has_finished(2))
    code, told = run.end(signal.SIGINT)
    assert code == 130
    assert f"interrupted; what was finished is kept in {run.out}" in told
    assert f"conformance run --resume {run.out}" in told
    assert "Traceback" not in told
    assert run.resume() == 0
    assert left_on(reference_supplier.url, run.run_id) == []


def test_ctrl_c_twice_ends_at_once_and_the_run_can_be_gone_on_with(reference_supplier, tmp_path):
    run = Run(tmp_path, reference_supplier.url, WRITING)
    run.wait_until(run.has_created_something)
    code, told = run.interrupt_twice()
    assert code == 130
    assert f"conformance run --resume {run.out}" in told
    assert "Traceback" not in told
    assert run.resume() == 0
    assert left_on(reference_supplier.url, run.run_id) == []


def test_ctrl_c_before_anything_was_tested_leaves_nothing(reference_supplier, tmp_path):
    run = Run(tmp_path, reference_supplier.url, READING)
    run.wait_until((run.out / "bodies").is_dir)
    code, told = run.end(signal.SIGINT)
    assert code == 130
    assert "nothing was kept" in told
    assert not run.out.exists()


def test_only_the_same_target_can_be_gone_on_with(reference_supplier, tmp_path, capsys):
    run = Run(tmp_path, reference_supplier.url, READING)
    run.wait_until((run.out / "suite.json").is_file)
    run.end(signal.SIGKILL)
    other = write_target(tmp_path / "other.yaml", reference_supplier.url)
    assert command("run", "--resume", run.out, "--target", other, "--quiet") == 2
    assert "is of another target (Tried product at" in capsys.readouterr().err
    assert run.resume() == 0


def test_a_folder_without_a_run_cannot_be_gone_on_with(tmp_path, capsys):
    target = write_target(tmp_path / "target.yaml", "http://127.0.0.1:1")
    assert command("run", "--resume", tmp_path, "--target", target) == 2
    assert "nothing to keep" in capsys.readouterr().err
