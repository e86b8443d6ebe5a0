"""`conformance validate` as its user meets it: every way to give resources, every way to be told, exit codes."""

import fcntl
import gzip
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from bad_servers import answering
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from in_a_terminal import HEARING, InATerminal
from validating import (
    BAD,
    BAD_XML,
    BUNDLE,
    FORMATS,
    GOOD,
    GOOD_XML,
    SYNTHEA,
    UK_CORE,
    UNKNOWN_EXTENSION,
    child,
    found,
    judged,
    lines,
    summary,
    written,
)
from whole_runs import command

from conformance.cli import validating
from conformance.fhir.validation.leeway import Allowed, Refused

SARIF_LEVELS = {"none", "note", "warning", "error"}
WRONG = {"code-not-in-required", "primitive-date"}


def piped(monkeypatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))


# ---------------------------------------------------------------- exit codes and inputs


@pytest.mark.parametrize("form", FORMATS)
def test_the_exit_code_says_whether_there_are_errors_in_every_format(form, tmp_path, capsys):
    good, bad = written(tmp_path / "good.json", GOOD), written(tmp_path / "bad.json", BAD)
    assert judged(capsys, good, "-f", form)[0] == 0
    assert judged(capsys, bad, "-f", form)[0] == 1
    assert judged(capsys, good, bad, "-f", form)[0] == 1


@pytest.mark.parametrize(
    ("name", "data", "resources", "wrong"),
    [
        ("a.json", json.dumps(BAD).encode(), 1, WRONG),
        ("a.json.gz", gzip.compress(json.dumps(BAD).encode(), mtime=0), 1, WRONG),
        ("packed-without-saying.json", gzip.compress(json.dumps(BAD).encode(), mtime=0), 1, WRONG),
        ("a.xml", BAD_XML, 1, {"code-not-in-required"}),
        ("a.xml.gz", gzip.compress(BAD_XML, mtime=0), 1, {"code-not-in-required"}),
        ("a.ndjson", lines(BAD, GOOD, BAD), 3, WRONG),
        ("a.ndjson.gz", gzip.compress(lines(BAD, GOOD, BAD), mtime=0), 3, WRONG),
        ("a.txt", lines(BAD, GOOD), 2, WRONG),
        ("bundle.json", json.dumps(BUNDLE, indent=1).encode(), 1, WRONG),
        ("good.xml", GOOD_XML, 1, set()),
    ],
)
def test_resources_are_read_from_every_kind_of_file(name, data, resources, wrong, tmp_path, capsys):
    record = summary(capsys, written(tmp_path / name, data))
    assert record["resources"] == resources
    assert found(record) == wrong
    assert record["valid"] is not bool(wrong)


@pytest.mark.parametrize(
    ("data", "resources"),
    [
        (json.dumps(BAD, indent=2).encode(), 1),
        (lines(BAD, GOOD), 2),
        (BAD_XML, 1),
        (gzip.compress(lines(GOOD, BAD), mtime=0), 2),
    ],
    ids=["json", "ndjson", "xml", "gzip"],
)
def test_what_is_piped_in_is_read_whatever_it_is(data, resources, capsys, monkeypatch):
    piped(monkeypatch, data)
    record = summary(capsys, "-")
    assert record["resources"] == resources
    assert "code-not-in-required" in found(record)
    assert record["groups"][0]["places"][0]["file"] == "standard input"


def test_the_place_of_a_finding_is_its_line_in_the_file_and_its_name(tmp_path, capsys):
    file = written(tmp_path / "a.ndjson", lines(GOOD, BAD, GOOD, BAD))
    _, out, _ = judged(capsys, file)
    assert f"{file}:2:" in out
    assert f"{file}:4:" in out
    assert "Patient/bad" in out
    pretty = written(tmp_path / "b.json", json.dumps(BAD, indent=1))
    assert f"{pretty}:4:12  Patient/bad" in judged(capsys, pretty)[1]


def test_a_folder_stands_for_what_is_below_it_and_tells_what_it_passed_over(tmp_path, capsys):
    written(tmp_path / "x" / "a.json", GOOD)
    written(tmp_path / "x" / "y" / "b.ndjson", lines(GOOD, BAD))
    written(tmp_path / "x" / "read.me", "no resource")
    os.mkfifo(tmp_path / "x" / "pipe.json")
    code, out, _ = judged(capsys, tmp_path / "x")
    assert code == 1
    assert "2 files in the folders held no resource." in out
    assert "2 errors in 1 resource: 3 resources in 2 files" in out


def test_a_file_that_is_named_twice_is_judged_once(tmp_path, capsys):
    file = written(tmp_path / "a.json", BAD)
    assert summary(capsys, file, tmp_path, tmp_path / "." / "a.json")["resources"] == 1


def test_a_bundle_is_judged_with_what_is_in_it(tmp_path, capsys):
    record = summary(capsys, written(tmp_path / "bundle.json", BUNDLE))
    places = {place["expression"] for group in record["groups"] for place in group["places"]}
    assert "Bundle.entry[1].resource.gender" in places


def test_a_named_pipe_that_is_named_is_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen([sys.executable, "-c", f"open({str(pipe)!r}, 'wb').write({lines(BAD)!r})"])
    code, out, _, _ = child(pipe)
    assert writer.wait(10) == 0
    assert code == 1
    assert "1 resource in 1 file" in out


# ---------------------------------------------------------------- what the person can mend: 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        (["nowhere.json"], "there is no file or folder nowhere.json"),
        (["."], "nothing was judged: no resource was found"),
        (["a.json", "-f", "tabel"], "there is no format named 'tabel'; did you mean 'table'?"),
        (["a.json", "-f", "json", "-f", "sarif"], "--format is given with 2 values: json, sarif"),
        (["a.json", "--tx", "http://a.test", "--tx", "http://b.test"], "--tx is given with 2 values"),
        (["a.json", "--tx", "ftp://a.test"], "the address of the terminology server is no plain http"),
        (["a.json", "--max-size", "0"], "--max-size is at least 1 MB"),
        (["a.json", "--max-size", "x"], "--max-size"),
        (["a.json", "--package", "no.such.package@1.0.0"], "the package no.such.package@1.0.0 is neither"),
        (["a.json", "--package", "a.json/x"], "a.json/x"),
        (["a.json", "--fhir-version", "9.9"], "there are no definitions of FHIR 9.9"),
        (["a.json", "--structure", "http://nowhere.test/s"], "no loaded package defines the structure"),
        (["a.json", "--structure", "Patiënt"], "no loaded package defines a structure named"),
        (["a.json", "--structure", "Patien"], "did you mean 'Patient'?"),
    ],
)
def test_a_mistake_in_the_command_is_told_and_ends_with_2(arguments, said, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    if arguments[:1] == ["a.json"]:
        written(tmp_path / "work" / "a.json", GOOD)
    code, out, err = judged(capsys, *arguments)
    assert code == 2
    assert said in err
    if arguments != ["."]:
        assert out == ""


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_that_judged_nothing_is_no_success_in_any_format(form, tmp_path, capsys):
    assert judged(capsys, written(tmp_path / "empty.ndjson", b"\n\n"), "-f", form)[0] == 2


def test_the_same_value_twice_contradicts_nothing(tmp_path, capsys):
    file = written(tmp_path / "a.json", GOOD)
    twice = ["-f", "table", "-f", "table", "--structure", "Patient", "--structure", "Patient"]
    assert judged(capsys, file, *twice)[0] == 0


# ---------------------------------------------------------------- what is told


def test_ndjson_has_a_line_for_each_finding_and_the_summary_last(tmp_path, capsys):
    _, out, _ = judged(capsys, written(tmp_path / "a.ndjson", lines(BAD, GOOD, BAD)), "-f", "ndjson")
    *rows, last = [json.loads(line) for line in out.splitlines()]
    assert [row["line"] for row in rows] == [1, 1, 3, 3]
    assert {row["messageId"] for row in rows} == WRONG
    assert {row["resource"] for row in rows} == {"Patient/bad"}
    assert rows[0]["pointer"] == "/gender"
    assert last["summary"]["resources"] == 3
    assert last["summary"]["complete"] is True


@pytest.mark.parametrize(
    "resources",
    [[GOOD], [BAD], [GOOD, BAD, BAD], [UNKNOWN_EXTENSION, GOOD]],
    ids=["good", "bad", "many", "skipped"],
)
def test_an_outcome_is_fhir_by_our_own_and_an_independent_judge(resources, tmp_path, capsys):
    _, out, _ = judged(capsys, written(tmp_path / "a.ndjson", lines(*resources)), "-f", "outcome")
    whole = json.loads(out)
    if len(resources) == 1 or resources[0] is UNKNOWN_EXTENSION:
        OperationOutcome.model_validate(whole)
    else:
        Bundle.model_validate(whole)
    assert judged(capsys, written(tmp_path / "out.json", out), "--warnings")[0] == 0


def test_the_outcome_of_one_resource_is_bare_and_of_many_a_bundle_with_the_run_last(tmp_path, capsys):
    one = json.loads(judged(capsys, written(tmp_path / "a.json", BAD), "-f", "outcome")[1])
    assert one["resourceType"] == "OperationOutcome"
    assert [issue["severity"] for issue in one["issue"]] == ["error", "error"]
    assert one["issue"][0]["expression"] == ["Patient.gender"]
    many = json.loads(judged(capsys, written(tmp_path / "b.ndjson", lines(GOOD, BAD)), "-f", "outcome")[1])
    assert [entry["resource"]["resourceType"] for entry in many["entry"]] == ["OperationOutcome"] * 2
    assert many["entry"][1]["resource"]["issue"][0]["details"]["text"] == (
        "2 errors in 1 resource, 2 resources judged."
    )


def test_sarif_is_as_its_standard_says(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "data" / "a b.ndjson", lines(GOOD, BAD, UNKNOWN_EXTENSION))
    log = json.loads(judged(capsys, "data", "-f", "sarif")[1])
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(rules) == len(set(rules))
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["level"] in SARIF_LEVELS
        assert result["message"]["text"].endswith(".")
        assert result["occurrenceCount"] == 1
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "data/a%20b.ndjson"
        assert location["physicalLocation"]["region"]["startLine"] == 2
        assert location["logicalLocations"][0]["fullyQualifiedName"].startswith("Patient/bad Patient.")
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    (note,) = invocation["toolExecutionNotifications"]
    assert note["level"] == "note"
    assert "http://nowhere.test/e" in note["message"]["text"]


def test_an_absolute_path_is_a_file_uri_in_sarif(tmp_path, capsys):
    log = json.loads(judged(capsys, written(tmp_path / "a#.json", BAD), "-f", "sarif")[1])
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (tmp_path / "a#.json").as_uri()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("resources", [[UNKNOWN_EXTENSION], [UNKNOWN_EXTENSION, BAD, GOOD]])
def test_what_was_not_judged_is_listed_in_every_format(form, resources, tmp_path, capsys):
    _, out, _ = judged(capsys, written(tmp_path / "a.ndjson", lines(*resources)), "-f", form)
    assert "http://nowhere.test/e" in out


def test_warnings_are_found_only_where_they_are_asked_for(tmp_path, capsys):
    declared = {**GOOD, "meta": {"profile": ["http://nowhere.test/profile"]}}
    file = written(tmp_path / "a.json", declared)
    assert summary(capsys, file)["findings"]["warning"] == 0
    record = summary(capsys, file, "--warnings")
    assert "profile-unknown" in found(record)
    assert record["findings"]["warning"] >= 1
    assert record["valid"] is True
    assert record["engine"] == "explain"


def test_equal_findings_are_one_group_with_their_number_and_first_places(tmp_path, capsys):
    file = written(tmp_path / "a.ndjson", lines(BAD) * 2_000)
    record = summary(capsys, file)
    assert [group["count"] for group in record["groups"]] == [2_000, 2_000]
    assert [len(group["places"]) for group in record["groups"]] == [100, 100]
    _, out, _ = judged(capsys, file)
    assert "error 2,000 times Patient.gender  code-not-in-required" in out
    assert "… and 1,997 more" in out
    assert len(out.splitlines()) < 20


def test_findings_that_differ_in_the_element_are_told_apart_and_those_in_the_value_are_not(tmp_path, capsys):
    codes = [{**GOOD, "gender": f"mail{number}", f"odd{number % 2}": 1} for number in range(20)]
    codes.append({"resourceType": "Observation"})
    record = summary(capsys, written(tmp_path / "a.ndjson", lines(*codes)))
    counts = {(g["messageId"], g["text"]): (g["count"], g["textVaries"]) for g in record["groups"]}
    assert sorted(counts.values()) == [(1, False), (1, False), (10, False), (10, False), (20, True)]
    assert "For example: 'mail0' is not in" in judged(capsys, tmp_path / "a.ndjson")[1]


def test_max_size_refuses_what_is_larger_and_the_rest_is_judged(tmp_path, capsys):
    large = {**GOOD, "name": [{"family": "x" * 1_100_000}]}
    file = written(tmp_path / "a.ndjson", lines(large, BAD))
    record = summary(capsys, file, "--max-size", 1)
    assert found(record) == {"unreadable", *WRONG}
    assert record["resources"] == 2
    assert "is larger than 1 MB" in judged(capsys, file, "--max-size", 1)[1]
    assert found(summary(capsys, file, "--max-size", 2)) != found(record)


# ---------------------------------------------------------------- packages and structures

needs_uk_core = pytest.mark.skipif(not UK_CORE.is_dir(), reason="the UK Core data are not here")


@needs_uk_core
@pytest.mark.parametrize(
    "named",
    ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient", "UKCore-Patient", "UKCorePatient"],
)
def test_a_structure_is_named_by_its_canonical_its_id_or_its_name(named, tmp_path, capsys):
    nhs = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}
    resource = {**GOOD, "identifier": [{**nhs, "use": "official"}, nhs, nhs]}
    file = written(tmp_path / "a.json", resource)
    assert judged(capsys, file)[0] == 0
    record = summary(capsys, file, "--package", UK_CORE, "--structure", named)
    assert record["structures"] == ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient"]
    assert record["packages"][0]["sha256"]
    assert record["valid"] is False
    assert {group["structure"] for group in record["groups"]} == set(record["structures"])
    told = judged(capsys, file, "--package", UK_CORE, "--structure", named)[1]
    assert "\n  by https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient\n" in told


def profile(url: str, base: str = "http://hl7.org/fhir/StructureDefinition/Patient", **more):
    element = {"id": "Patient", "path": "Patient", **more}
    return {
        "resourceType": "StructureDefinition", "url": url, "name": url.rpartition("/")[2], "status": "draft",
        "kind": "resource", "abstract": False, "type": "Patient", "baseDefinition": base,
        "derivation": "constraint", "differential": {"element": [element]},
    }  # fmt: skip


def test_a_short_name_that_several_structures_have_is_refused_with_the_candidates(tmp_path, capsys):
    for place in ("one", "two"):
        written(tmp_path / "p" / f"{place}.json", profile(f"http://{place}.test/StructureDefinition/My"))
    file = written(tmp_path / "a.json", GOOD)
    code, _, err = judged(capsys, file, "--package", tmp_path / "p", "--structure", "My")
    assert code == 2
    assert "2 structures are named 'My'" in err
    assert "http://one.test/StructureDefinition/My" in err
    assert "http://two.test/StructureDefinition/My" in err


def test_what_is_wrong_with_a_package_is_told_once_and_does_not_stop_the_judging(tmp_path, capsys):
    nowhere = "http://x.test/StructureDefinition/Nowhere"
    written(tmp_path / "p" / "a.json", profile("http://x.test/StructureDefinition/A", nowhere))
    written(tmp_path / "p" / "b.json", "{")
    manifest = {"name": "x.test", "version": "1", "fhirVersions": ["5.0.0"], "dependencies": {"y.test": "2"}}
    written(tmp_path / "p" / "package.json", manifest)
    file = written(tmp_path / "a.json", GOOD)
    code, out, err = judged(capsys, file, "--package", tmp_path / "p")
    assert code == 0
    assert "No errors: 1 resource in 1 file" in out
    for said in (nowhere, "is no JSON", "depends on y.test@2", "the package x.test is for FHIR 5.0.0"):
        assert err.count(said) == 1, said
    record = summary(capsys, file, "--package", tmp_path / "p")
    assert len(record["definitionProblems"]) == 4
    assert nowhere in str(record["definitionProblems"])


# ---------------------------------------------------------------- pipes, terminals, Ctrl-C


def at_a_terminal(columns, *arguments):
    """What a terminal of so many columns is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-c", "from conformance.cli.main import main; main()", "validate", *map(str, arguments)],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
    )  # fmt: skip
    os.close(theirs)
    sent = b""
    try:
        while piece := os.read(ours, 65536):
            sent += piece
    except OSError:
        pass  # that is how the end of a terminal is told
    os.close(ours)
    return process.wait(), sent.decode()


def test_a_terminal_gets_colours_and_folded_sentences_but_whole_places(tmp_path):
    file = written(tmp_path / ("d" * 100) / "a.json", BAD)
    code, sent = at_a_terminal(60, file)
    assert code == 1
    assert "\x1b[31merror" in sent
    shown = re.sub(r"\x1b\[[0-9;]*m", "", sent).replace("\r\n", "\n")
    assert re.search(rf"\n  {re.escape(str(file))}:1:\d+  Patient/bad\n\n", shown)
    assert all(len(line) <= 60 for line in shown.splitlines() if str(file) not in line)


def test_a_bar_is_shown_at_a_terminal_for_what_takes_time_and_never_with_streamed_output(tmp_path):
    for number in range(120):
        written(tmp_path / "x" / f"{number}.json", GOOD)
    assert "judging" in at_a_terminal(80, tmp_path / "x")[1]
    assert "judging" not in at_a_terminal(80, tmp_path / "x", "-q")[1]
    code, sent = at_a_terminal(80, tmp_path / "x", "-f", "ndjson")
    assert code == 0
    assert json.loads(sent)["summary"]["resources"] == 120


def test_a_pipe_gets_whole_lines_without_padding_or_escapes(tmp_path):
    deep = written(tmp_path / ("d" * 100) / "a.json", {**BAD, "name": [{}]})
    code, out, err, _ = child(deep)
    assert code == 1
    assert err.strip() == ""
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())
    assert any(line.strip().startswith(f"{deep}:1:") for line in out.splitlines())


def test_typing_resources_is_announced(tmp_path, capsys, monkeypatch):
    typed = SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(lines(GOOD))), isatty=lambda: True)
    monkeypatch.setattr(sys, "stdin", typed)
    code, _, err = judged(capsys, "-")
    assert code == 0
    assert "end it with Ctrl-D" in err


@pytest.mark.parametrize("form", FORMATS)
def test_ctrl_c_ends_with_130_and_a_whole_document_of_what_was_judged(form, tmp_path):
    with (tmp_path / "out").open("wb") as shown:
        code, err = interrupted(form, shown)
    assert code == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    text = (tmp_path / "out").read_text()
    if form == "table":
        assert "Interrupted: what follows counts only what was judged until then." in text
    elif form == "ndjson":
        assert json.loads(text.splitlines()[-1])["summary"]["complete"] is False
    elif form == "outcome":
        assert json.loads(text)["entry"][-1]["resource"]["issue"][-1]["code"] == "incomplete"
    elif form == "sarif":
        assert json.loads(text)["runs"][0]["invocations"][0]["executionSuccessful"] is False
    else:
        record = json.loads(text)
        assert record["complete"] is False
        assert 0 < record["resources"] <= 400


def interrupted(form, shown):
    """The exit code and stderr of a command that is interrupted while it waits for more."""
    process = subprocess.Popen(
        [sys.executable, "-c", HEARING, "validate", "-", "-f", form],
        stdin=subprocess.PIPE, stdout=shown, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdin.write(lines(BAD) * 400)
    process.stdin.flush()
    until = time.monotonic() + 30
    while (
        time.monotonic() < until
        and struct.unpack("i", fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4)))[0]
    ):
        time.sleep(0.05)  # until it has read what there is
    time.sleep(2.5)  # it waits for more by now
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=20)[1]
    return process.returncode, err.decode()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at processes as Linux shows them")
def test_ctrl_c_twice_ends_a_validation_at_once(tmp_path):
    file = tmp_path / "a.ndjson"
    file.write_bytes(lines(BAD) * 40_000)
    command = InATerminal("validate", file, "-f", "ndjson")
    opened = Path(f"/proc/{command.process.pid}/fd")

    def reads() -> bool:
        with suppress(FileNotFoundError):  # another file was closed while they are listed
            return str(file) in [os.path.realpath(each) for each in opened.iterdir()]
        return False

    command.wait_until(reads)
    code, told = command.interrupt_twice()
    assert code == 130
    assert "interrupted" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("form", ["ndjson", "outcome"])
def test_an_interruption_while_something_is_written_lets_it_be_written(form, tmp_path, monkeypatch, capsys):
    file = tmp_path / "a.ndjson"
    file.write_bytes(lines(BAD) * 50)
    writes = []

    def write(text):
        if len(writes) == 2:
            signal.raise_signal(signal.SIGINT)
        writes.append(text)
        return len(text)

    monkeypatch.setattr(sys.stdout, "write", write)
    code = command("validate", file, "-f", form)
    assert code == 130
    text = "".join(writes)
    if form == "ndjson":
        *found, last = [json.loads(line) for line in text.splitlines()]
        assert last["summary"]["complete"] is False
        assert 0 < len(found) < 50
    else:
        assert json.loads(text)["entry"][-1]["resource"]["issue"][-1]["code"] == "incomplete"


def test_one_good_file_needs_neither_the_network_nor_colours_nor_the_precise_path(tmp_path):
    file = written(tmp_path / "a.json", GOOD)
    code = (
        "import sys; from conformance.cli.main import run; assert run(sys.argv[1:]) == 0;"
        "print([name for name in ('httpx', 'rich', 'conformance.fhir.validation.validator',"
        " 'conformance.fhir.fhirpath.compiling') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "validate", file], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.nightly
@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="the Synthea data are not here")
def test_a_population_is_judged_in_little_memory():
    code, out, _, peak = child(SYNTHEA)
    assert code == 1
    assert "38,483 resources in 19 files" in out
    assert peak < 250


@pytest.mark.parametrize("member", [True, False])
def test_a_terminology_server_decides_what_packages_cannot(member, tmp_path, capsys):
    url = "http://x.test/StructureDefinition/X"
    status = {
        "id": "Patient.maritalStatus", "path": "Patient.maritalStatus",
        "binding": {"strength": "required", "valueSet": "http://x.test/ValueSet/v"},
    }  # fmt: skip
    definition = profile(url)
    definition["differential"]["element"].append(status)
    written(tmp_path / "p" / "x.json", definition)
    below = {"property": "concept", "op": "is-a", "value": "365581002"}
    snomed = {"system": "http://snomed.info/sct", "filter": [below]}
    values = {"resourceType": "ValueSet", "url": "http://x.test/ValueSet/v", "status": "active"}
    written(tmp_path / "p" / "v.json", {**values, "compose": {"include": [snomed]}})
    coded = {"coding": [{"system": "http://snomed.info/sct", "code": "87915002"}]}
    file = written(tmp_path / "a.json", {**GOOD, "maritalStatus": coded})
    options = [file, "--package", tmp_path / "p", "--structure", "X"]
    alone = summary(capsys, *options)
    assert [rule["subject"] for rule in alone["notEvaluated"]] == ["http://x.test/ValueSet/v"]
    assert alone["valid"] is True
    answer = {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": member}]}
    with answering(200, json.dumps(answer).encode(), "application/fhir+json") as server:
        asked = summary(capsys, *options, "--tx", server)
    assert asked["notEvaluated"] == []
    assert found(asked) == (set() if member else {"code-not-in-required"})


# ---------------------------------------------------------------- what may be allowed, and what refused

EXAMPLE_EXTENSION = {**GOOD, "extension": [{"url": "http://example.org/e", "valueBoolean": True}]}
UNKNOWN_MODIFIER = {**GOOD, "modifierExtension": [{"url": "http://nowhere.test/m", "valueBoolean": True}]}
MARKUP = {
    "resourceType": "Communication",
    "status": "completed",
    "note": [{"text": "see <b>this</b>"}],
}
SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
MISNAMED = {**GOOD, "maritalStatus": {"coding": [{"system": SYSTEM, "code": "M", "display": "Divorced"}]}}
COMMENTED = '{"resourceType": "Patient", // of the test range\n "active": true}'


@pytest.mark.parametrize(
    ("what", "content", "said"),
    [
        ("example-urls", EXAMPLE_EXTENSION, "extension-example-url"),
        ("json-comments", COMMENTED, "json-comment"),
    ],
)
def test_what_is_allowed_is_no_error(what, content, said, tmp_path, capsys):
    path = written(tmp_path / "a.json", content)
    assert found(summary(capsys, path)) == {said}
    record = summary(capsys, path, "--allow", what)
    assert (record["valid"], record["allowed"]) == (True, [what])


@pytest.mark.parametrize(
    ("what", "content", "said"),
    [
        ("html-in-markdown", MARKUP, "markdown-html"),
        ("wrong-displays", MISNAMED, "display-wrong"),
        ("unknown-extensions", UNKNOWN_EXTENSION, "extension-unknown"),
        ("unknown-extensions", UNKNOWN_MODIFIER, "extension-unknown"),
        ("unknown-modifiers", UNKNOWN_MODIFIER, "extension-unknown"),
    ],
)
def test_what_is_refused_is_an_error(what, content, said, tmp_path, capsys):
    good, path = written(tmp_path / "good.json", GOOD), written(tmp_path / "a.json", content)
    assert judged(capsys, path)[0] == 0
    record = summary(capsys, path, good, "--refuse", what)
    assert (found(record), record["refused"], record["resources"]) == ({said}, [what], 2)


def test_an_unknown_extension_that_modifies_nothing_is_not_refused_with_the_modifiers(tmp_path, capsys):
    path = written(tmp_path / "a.json", UNKNOWN_EXTENSION)
    assert judged(capsys, path, "--refuse", "unknown-modifiers")[0] == 0


def test_example_urls_that_are_allowed_are_not_refused_as_unknown(tmp_path, capsys):
    path = written(tmp_path / "a.json", EXAMPLE_EXTENSION)
    assert judged(capsys, path, "--allow", "example-urls", "--refuse", "unknown-extensions")[0] == 0


@pytest.mark.parametrize("option", ["--allow", "--refuse"])
def test_a_switch_that_is_none_is_named(option, tmp_path, capsys):
    code, _, err = judged(capsys, written(tmp_path / "a.json", GOOD), option, "wrong-display")
    assert code == 2
    assert "wrong-display" in err


def test_the_command_names_every_switch_there_is():
    assert sorted(Allowed) == list(validating.ALLOWED)
    assert sorted(Refused) == list(validating.REFUSED)
