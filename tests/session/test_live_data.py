"""Data that may not be stored: nothing about a person is anywhere in the run's folder, and the verdicts are."""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from small_profiles import READING, write_target
from whole_runs import command, finished_run, lines_of

from conformance.outside.places import private_area

WRONG = (
    READING.replace("profile: small", "profile: small-wrong")
    + """\
  - id: W-READ
    level: SHALL
    text: Fails, so that a finding tells of the answer.
    source: https://example.org/#wrong
    tests:
      - probe: {request: {path: "/Patient/{p.id}"}}
        slots: {p: Patient.id}
        expect: [{status: {code: 404}}, {resource: {type: Observation, id: other}}]
  - id: W-SEARCH
    level: SHALL
    text: Fails on searches by a name, a number and a date of birth.
    source: https://example.org/#wrong
    tests:
      - probe: {search: {resource: Patient, by: family, value: "{p}", kind: string}}
        slots: {p: Patient.name.family}
        examples: 3
        expect: [{status: {code: 404}}, {no-matches: {}}]
      - probe: {search: {resource: Patient, by: identifier, value: "{p}"}}
        slots: {p: Patient.identifier}
        examples: 3
        expect: [{no-matches: {}}, {search-results: {}}]
      - probe: {search: {resource: Patient, by: birthdate, value: "{p}", kind: date}}
        slots: {p: Patient.birthDate}
        examples: 3
        expect: [{no-matches: {}}]
      - probe: {search: {resource: Observation, by: patient, value: "{p.source}", kind: reference}}
        slots: {p: Patient.id}
        expect: [{no-matches: {}}]
"""
).replace(", {search-results: {}}", "")


def held(endpoint: str) -> set[str]:
    """What identifies the people that the supplier holds: names, numbers, ids, dates of birth (no years alone)."""
    answer = httpx.get(f"{endpoint}/Patient?_count=500", trust_env=False).json()
    found: set[str] = set()
    for entry in answer["entry"]:
        patient = entry["resource"]
        found |= {patient["id"], patient["birthDate"]}
        found |= {identifier["value"] for identifier in patient["identifier"]}
        for name in patient["name"]:
            found |= {name["family"], *name.get("given", [])}
    return {text for text in found if len(text) > 3 and not (text.isdigit() and len(text) < 6)}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the run, packed ones unpacked."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from (
                    (f"{path.name}/{name}", _opened(name, archive.read(name))) for name in archive.namelist()
                )
        else:
            yield path.name, _opened(path.name, data)


def _opened(name: str, data: bytes) -> bytes:
    return gzip.decompress(data) if name.endswith(".gz") else data


def told_of(people: set[str], folder: Path) -> list[tuple[str, str]]:
    """Where something about a person stands, as a word of its own, in plain or in escaped form."""
    told = []
    for name, data in contents(folder):
        text = data.decode("utf-8", "replace")
        if name.endswith((".json", ".jsonl")):
            text += text.encode().decode("unicode_escape", "replace")
        told += [(name, person) for person in people if re.search(rf"(?<!\w){re.escape(person)}(?!\w)", text)]
    return told


@pytest.fixture(scope="module", params=["live", "pseudonymised"])
def private(request, reference_supplier, tmp_path_factory):
    place = tmp_path_factory.mktemp(request.param)
    return finished_run(place, reference_supplier.url, WRONG, dataClass=request.param)


@pytest.fixture(scope="module")
def people(reference_supplier):
    return held(reference_supplier.url)


def test_the_search_for_people_finds_them_where_they_may_be(reference_supplier, people, tmp_path):
    assert told_of(people, finished_run(tmp_path, reference_supplier.url, WRONG))


def test_nothing_about_a_person_is_in_any_file(private, people):
    assert len(people) > 30
    assert told_of(people, private) == []


def test_no_body_is_kept_and_nothing_is_left_on_this_machine(private):
    assert not list(private.rglob("*.gz"))
    run_id = json.loads((private / "run.json").read_bytes())["runId"]
    assert not private_area(run_id).exists()


def test_the_verdicts_are_those_of_synthetic_data(private, reference_supplier, tmp_path):
    plain = finished_run(tmp_path, reference_supplier.url, WRONG)
    assert outcomes(private) == outcomes(plain)
    assert outcomes(private)["W-SEARCH"] == "fail"
    assert outcomes(private)["S-READ"] == "pass"


def outcomes(folder: Path) -> dict[str, str]:
    report = json.loads((folder / "report.json").read_bytes())
    return {r["id"]: r["outcome"] for r in report["requirements"]}


def test_replay_says_how_many_rest_on_the_testers_word(private, capsys):
    assert command("replay", private, "--json") == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["asRecorded"] is True
    assert len(shown["onWord"]) == 21
    assert shown["judged"] == 0
    command("replay", private)
    assert "21 verdicts rest on the tester's word: their evidence was not kept." in capsys.readouterr().out


def test_verify_says_so_too(private, tmp_path, capsys):
    key, trust = tmp_path / "key", tmp_path / "trust.toml"
    assert command("keygen", key, "--unencrypted") == 0
    assert command("sign", private, "--key", key, "--allow-unencrypted-key") == 0
    assert command("trust", "add", f"{key}.pub.pem", "--name", "Me", "--role", "self", "--trust", trust) == 0
    capsys.readouterr()
    assert command("verify", private, "--trust", trust, "--require", "authentic") == 0
    assert "all 21 rest on the tester's word" in capsys.readouterr().out
    (private / "report.dsse.json").unlink()


def test_a_suite_that_asks_less_is_refused_here_as_well(private, tmp_path, capsys):
    from whole_runs import changed_suite, copied

    copy = copied(private, tmp_path)

    def weaker(suite):
        for template in suite["templates"]:
            template["expect"] = template["expect"][:1]

    changed_suite(copy, weaker)
    assert command("replay", copy) == 2
    assert "is not that of its profile" in capsys.readouterr().err


def test_a_private_run_that_broke_off_can_be_gone_on_with(reference_supplier, people, tmp_path):
    """Broken by hand at the worst place: the judge's evidence is a step ahead of what is published."""
    from test_resume import Run

    run = Run(tmp_path, reference_supplier.url, WRONG, dataClass="live")
    run.wait_until(lambda: run.has_finished(3))
    run.end(9)
    before = lines_of(run.out)
    (run.out / "evidence.jsonl").write_bytes(b"".join(before[:-2]))
    assert run.resume() == 1
    assert told_of(people, run.out) == []
    steps = [json.loads(line)["step"] for line in lines_of(run.out)[1:-1]]
    assert len(steps) == len(set(steps))
    assert command("replay", run.out) == 1


def test_without_its_private_area_a_private_run_cannot_be_gone_on_with(reference_supplier, tmp_path, capsys):
    import shutil

    from test_resume import Run

    run = Run(tmp_path, reference_supplier.url, READING, dataClass="live")
    run.wait_until((run.out / "suite.json").is_file)
    run.end(9)
    shutil.rmtree(private_area(run.run_id))
    assert run.resume() == 2
    assert "private work area" in capsys.readouterr().err


def test_the_data_is_taken_for_live_where_the_target_file_does_not_say(reference_supplier, tmp_path):
    target = write_target(tmp_path / "target.yaml", reference_supplier.url)
    target.write_text(target.read_text().replace("dataClass: synthetic\n", ""))
    from small_profiles import write_profile

    command("run", write_profile(tmp_path), "--target", target, "--out", tmp_path / "run", "--quiet")
    assert (tmp_path / "run" / "report.json").is_file()
    assert not list((tmp_path / "run").rglob("*.gz"))
