"""Many targets at once: what goes wrong with one stays its own."""

import csv
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fleet_servers import serving, write_fleet
from small_profiles import write_profile

from conformance.cli.main import run
from conformance.errors import Interrupted
from conformance.model.fleet import Fleet, FleetTable
from conformance.model.trust import TrustRole
from conformance.outside import trust
from conformance.outside.folders import RunFolder
from conformance.outside.keys import KeySigner
from conformance.outside.turns import Pace, Turns

PROFILE = """\
profile: tiny
version: 1.0.0
title: A tiny profile
requirements:
  - id: T-META
    level: SHALL
    text: There is a capability statement.
    source: https://example.org/#meta
    tests:
      - probe: {request: {path: /metadata, label: metadata}}
        expect: [{status: {code: 200}}]
  - id: T-UNKNOWN
    level: SHALL
    text: What is not there is not found.
    source: https://example.org/#unknown
    tests:
      - probe: {request: {path: "/Patient/{id}"}}
        draw: {id: unknown-id}
        examples: 3
        expect: [{status: {code: 404}}]
"""
SHORT = {"connectTimeout": 2, "readTimeout": 0.5, "retries": 0, "concurrency": 2}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_profile(tmp_path / "profiles", PROFILE)
    return tmp_path


def fleet(place, *options, expected=0):
    code = run(
        [str(each) for each in ("fleet", "run", place / "fleet.yaml", "--out", place / "out", *options)]
    )
    assert code == expected
    return {row["target"].removeprefix("targets-"): row for row in table(place)["rows"]}


def table(place):
    return json.loads((place / "out" / "fleet.json").read_bytes())


def test_one_hanging_one_lying_and_one_dying_target_stop_no_other(place, capsys):
    manners = ("honest", "hanging", "lying", "dying", "honest")
    with serving(*manners) as servers:
        numbered = enumerate(zip(manners, servers, strict=True))
        named = {f"{manner}-{n}": {"endpoint": s.base, "limits": SHORT} for n, (manner, s) in numbered}
        named["nowhere"] = {"endpoint": "http://127.0.0.1:9", "limits": SHORT}
        write_fleet(place, named, limits={"runTimeout": 8})
        rows = fleet(place, expected=1)
    results = {name: row.get("result", "") for name, row in rows.items()}
    assert results == {
        "honest-0": "PASSED",
        "hanging-1": "INCONCLUSIVE",
        "lying-2": "FAILED",
        "dying-3": "INCONCLUSIVE",
        "honest-4": "PASSED",
        "nowhere": "",
    }
    assert rows["nowhere"]["exitCode"] == 4
    assert "cannot be tested" in rows["nowhere"]["trouble"]
    shown = capsys.readouterr().out
    assert "6 runs: 2 PASSED, 1 FAILED, 2 INCONCLUSIVE, 1 NO RESULT" in " ".join(shown.split())
    with (place / "out" / "fleet.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["result"] for line in lines].count("PASSED") == 2
    page = (place / "out" / "fleet.html").read_text("utf-8")
    assert all(name.title() in page for name in named)


def test_a_run_that_does_not_end_is_broken_off_and_can_be_gone_on_with(place):
    with serving("hanging", "honest") as (slow, good):
        limits = SHORT | {"readTimeout": 30}
        write_fleet(
            place,
            {
                "slow": {"endpoint": slow.base, "limits": limits},
                "good": {"endpoint": good.base, "limits": SHORT},
            },
            limits={"runTimeout": 2},
        )
        begun = time.monotonic()
        rows = fleet(place, expected=4)
        assert time.monotonic() - begun < 12
        assert "did not end within 2 s" in rows["slow"]["trouble"]
        assert rows["good"]["result"] == "PASSED"
        slow.manner = "honest"
        asked = len(good.asked)
        rows = fleet(place, "--resume")
        assert len(good.asked) == asked
    assert rows["slow"]["result"] == "PASSED"
    assert rows["good"]["earlier"]
    record = RunFolder(place / "out" / "targets-slow" / "tiny").record()
    assert record.resumed == 1


def test_one_target_s_secret_is_in_no_file_of_another_and_in_no_table(place, monkeypatch, capsys):
    secrets = {name: f"{name}-secret-0123456789-abcdef" for name in ("north", "south")}
    with serving("echoing", "echoing") as servers:
        named = {}
        for (name, value), server in zip(secrets.items(), servers, strict=True):
            monkeypatch.setenv(f"TOKEN_{name.upper()}", value)
            auth = {"kind": "bearer", "token": f"env:TOKEN_{name.upper()}"}
            named[name] = {
                "endpoint": server.base,
                "auth": auth,
                "limits": SHORT,
                "origins": [s.base for s in servers],
            }
        write_fleet(place, named)
        fleet(place)
        assert all("/metadata" in server.asked for server in servers)
    out = capsys.readouterr()
    files = [path for path in (place / "out").rglob("*") if path.is_file()]
    assert len(files) > 10
    for value in secrets.values():
        assert value not in out.out + out.err
        assert [path for path in files if value.encode() in path.read_bytes()] == []


def test_trouble_that_holds_a_secret_is_told_without_it(place, monkeypatch):
    from conformance.session.fleet import one_run

    monkeypatch.setenv("TOKEN", "a-secret-of-this-test-0123")

    def failing(order, *_):
        order.secrets.load("env:TOKEN", order.folder)
        raise RuntimeError("it said a-secret-of-this-test-0123")

    monkeypatch.setattr(one_run, "conduct", failing)
    write_fleet(place, {"one": {"endpoint": "http://127.0.0.1:9"}})
    (row,) = fleet(place, expected=3).values()
    assert row["trouble"] == "internal error: RuntimeError: it said [secret]"


def test_a_missing_secret_is_that_target_s_trouble_only(place):
    with serving("honest") as (good,):
        auth = {"kind": "bearer", "token": "env:NOT_SET_ANYWHERE"}
        write_fleet(place, {"good": {"endpoint": good.base}, "poor": {"endpoint": good.base, "auth": auth}})
        rows = fleet(place, expected=2)
    assert rows["good"]["result"] == "PASSED"
    assert "NOT_SET_ANYWHERE is not set" in rows["poor"]["trouble"]


def test_a_host_gets_no_more_at_once_than_the_fleet_permits(place):
    with serving("honest", latency=0.03) as (server,):
        same = {f"t{n}": {"endpoint": server.base} for n in range(6)}
        write_fleet(place, same, limits={"targets": 6, "perHost": {"concurrency": 2}})
        assert {row["result"] for row in fleet(place).values()} == {"PASSED"}
        assert server.most == 2


def test_all_hosts_together_get_no_more_than_the_fleet_permits():
    turns, most, under_way, lock = Turns(Pace(3, 0), lambda: Pace(0, 0)), 0, 0, threading.Lock()

    def ask(host):
        nonlocal most, under_way
        with turns.turn(host, time.sleep):
            with lock:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.02)
            with lock:
                under_way -= 1

    threads = [threading.Thread(target=ask, args=(f"host-{n}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


def test_the_pace_of_a_host_holds_for_all_of_its_targets():
    turns, moments = Turns(Pace(0, 0), lambda: Pace(0, 50)), []
    for _ in range(6):
        with turns.turn("host", time.sleep):
            moments.append(time.monotonic())
    assert moments[-1] - moments[0] >= 0.08


def test_waiting_for_a_turn_ends_when_the_run_is_stopped():
    turns = Turns(Pace(1, 0), lambda: Pace(0, 0))

    def stopped(_seconds):
        raise Interrupted("stopped")

    with turns.turn("host", time.sleep), pytest.raises(Interrupted), turns.turn("other", stopped):
        raise AssertionError("there was no turn to have")
    with turns.turn("other", stopped):
        pass


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"targets": ["nowhere/*.yaml"]}, "there is no target file nowhere/*.yaml"),
        ({"profiles": []}, "against no profile"),
        ({"profiles": ["no-such-profile"]}, "no-such-profile"),
        ({"targets": ["targets/*.yaml", "targets/one.yaml"]}, "come to the name targets-one"),
        ({"limits": {"perHost": {"concurrency": 0}}}, "fleet.yaml"),
        ({"profiles": ["profiles/tiny.yaml", "more/tiny.yaml"]}, "Two profiles with one name"),
        ({"fleets": 1}, "fleets"),
    ],
    ids=["absent", "none", "unknown", "twice", "limits", "same", "member"],
)
def test_mistakes_in_a_fleet_are_told_before_anything_is_sent(place, capsys, changed, said):
    write_profile(place / "more", PROFILE.replace("1.0.0", "2.0.0"))
    with serving("honest") as (server,):
        write_fleet(place, {"one": {"endpoint": server.base}}, **changed)
        assert run(["fleet", "run", str(place / "fleet.yaml"), "--out", str(place / "out")]) == 2
        assert server.asked == []
    assert said in " ".join(capsys.readouterr().err.split())


def test_all_mistakes_in_all_target_files_are_told_at_once(place, capsys):
    write_fleet(place, {"good": {"endpoint": "http://127.0.0.1:9"}})
    for name in ("bad", "worse"):
        (place / "targets" / f"{name}.yaml").write_text(
            yaml.safe_dump({"endpoint": "ftp://x", "produkt": name})
        )
    assert run(["fleet", "run", str(place / "fleet.yaml"), "--out", str(place / "out")]) == 2
    told = capsys.readouterr().err
    assert told.count("produkt") == 2
    assert "bad.yaml" in told
    assert "worse.yaml" in told


def test_a_folder_with_something_in_it_is_left_alone(place, capsys):
    write_fleet(place, {"one": {"endpoint": "http://127.0.0.1:9"}})
    (place / "out").mkdir()
    (place / "out" / "mine").write_text("mine")
    assert run(["fleet", "run", str(place / "fleet.yaml"), "--out", str(place / "out")]) == 2
    assert "--resume" in capsys.readouterr().err
    assert [path.name for path in (place / "out").iterdir()] == ["mine"]


def test_a_kept_run_of_another_product_is_not_taken_for_this_one(place):
    with serving("honest") as (server,):
        write_fleet(place, {"one": {"endpoint": server.base}})
        fleet(place)
        write_fleet(place, {"one": {"endpoint": server.base, "version": "2.0"}})
        (row,) = fleet(place, "--resume", expected=2).values()
    assert "not what the fleet now asks for" in row["trouble"]


def test_signed_runs_of_a_fleet_become_a_register(place, monkeypatch):
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    monkeypatch.setenv("LAB_KEY", pem)
    lab = trust.trusted_key(KeySigner(private).public_pem, "Lab", (TrustRole.LAB,))
    trust.append(place / "trust.toml", lab)
    with serving("honest", "lying") as (good, bad):
        write_fleet(place, {"good": {"endpoint": good.base}, "bad": {"endpoint": bad.base}})
        fleet(place, "--key", "env:LAB_KEY", "--role", "independent-lab", expected=1)
        kept = place / "out" / "targets-good" / "tiny"
        (kept / "report.dsse.json").unlink()  # as a kill after the report was written would leave it
        fleet(place, "--resume", "--key", "env:LAB_KEY", "--role", "independent-lab", expected=1)
    site = place / "site"
    arguments = [place / "out", "--out", site, "--trust", place / "trust.toml"]
    assert run(["register", "build", *map(str, arguments)]) == 0
    index = json.loads((site / "index.json").read_bytes())
    results = {p["product"]: p["versions"][0]["reports"][0]["entry"]["result"] for p in index["products"]}
    assert results == {"Good": "PASSED", "Bad": "FAILED"}


@pytest.mark.parametrize(
    ("codes", "worst"),
    [((0, 0), 0), ((0, 5), 5), ((5, 4), 4), ((4, 1, 0), 1), ((1, 2), 2), ((3, 1, 2), 3), ((0, 130), 130)],
)
def test_the_exit_code_is_the_worst_of_all(codes, worst):
    row = {"target": "t", "profile": "p", "card": {"endpoint": "https://example.org"}, "folder": "f"}
    rows = [row | {"exitCode": code} for code in codes]
    made = {"fleet": "f", "asOf": "2026-01-01", "runner": {}, "signed": False, "rows": rows}
    assert FleetTable.model_validate(made).exit_code == worst


def test_a_fleet_interrupted_keeps_what_was_done_and_goes_on(place, monkeypatch):
    from conformance.session.fleet import conducting

    with serving("honest", "honest", "honest") as servers:
        write_fleet(
            place, {f"t{n}": {"endpoint": s.base} for n, s in enumerate(servers)}, limits={"targets": 1}
        )
        real, seen = conducting._without_secrets, []

        def pressing(row, runs):
            seen.append(row)
            if len(seen) == 1:
                raise KeyboardInterrupt
            return real(row, runs)

        monkeypatch.setattr(conducting, "_without_secrets", pressing)
        fleet(place, expected=130)
        monkeypatch.undo()
        rows = fleet(place, "--resume")
    assert {row["result"] for row in rows.values()} == {"PASSED"}
    assert any(row.get("earlier") for row in rows.values())


def test_a_fleet_that_was_killed_goes_on_and_repeats_nothing_that_was_finished(place):
    with serving("honest", "honest", "hanging") as servers:
        limits = SHORT | {"readTimeout": 60}
        targets = {f"t{n}": {"endpoint": s.base, "limits": limits} for n, s in enumerate(servers)}
        write_fleet(place, targets, limits={"targets": 3})
        command = [Path(sys.executable).with_name("conformance"), "fleet", "run", place / "fleet.yaml"]
        process = subprocess.Popen(
            [*command, "--out", place / "out", "--views", "none"],
            env=os.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        bundles = [place / "out" / f"targets-t{n}" / "tiny" / "tiny.conformance.zip" for n in (0, 1)]
        hung = place / "out" / "targets-t2" / "tiny" / "suite.json"
        try:
            while not all(path.is_file() for path in (*bundles, hung)):
                assert process.poll() is None, "the fleet ended before it could be killed"
                time.sleep(0.05)
        finally:
            process.kill()
            process.wait()
        asked = [len(server.asked) for server in servers]
        servers[2].manner = "honest"
        rows = fleet(place, "--resume")
    assert {row["result"] for row in rows.values()} == {"PASSED"}
    assert [bool(rows[f"t{n}"].get("earlier")) for n in range(3)] == [True, True, False]
    assert [len(server.asked) for server in servers[:2]] == asked[:2]


def test_the_fleet_shown_in_the_documentation_can_be_read():
    page = Path(__file__).parents[2] / "docs" / "fleet.md"
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    fleet = Fleet.model_validate(yaml.safe_load(text))
    assert [entry.file for entry in fleet.targets] == ["targets/*.yaml", "special/west.yaml"]
    assert fleet.limits.per_host.requests_per_second == 20
