"""Input that no honest system sends: a clear message, bounded time and memory, and the next file is still judged."""

import json
import os
import tarfile
import time
from io import BytesIO
from pathlib import Path

import pytest
from validating import BAD, FORMATS, GOOD, child, found, judged, lines, summary, written

DEEP = 10_000
STRUCTURE = "http://x.test/StructureDefinition/X"


def patient(**more):
    return json.dumps({"resourceType": "Patient"} | more)


def quantity(number):
    whole = patient(
        resourceType="Observation", status="final", code={"text": "x"}, valueQuantity={"value": 0}
    )
    return whole.replace(": 0}", f": {number}}}")


CYCLIC = {
    "contained": [
        {"resourceType": "Organization", "id": "a", "name": "a", "partOf": {"reference": "#b"}},
        {"resourceType": "Organization", "id": "b", "name": "b", "partOf": {"reference": "#a"}},
    ],
    "managingOrganization": {"reference": "#a"},
}
XML = '<Patient xmlns="http://hl7.org/fhir">'

HOSTILE = {
    "deep objects": (
        "a.json",
        '{"resourceType":"Patient","x":' + '{"x":' * DEEP + "1" + "}" * DEEP + "}",
        "json-depth",
    ),
    "deep arrays": ("a.json", "[" * DEEP + "]" * DEEP, "json-depth"),
    "never closed": ("a.json", '{"resourceType":"Patient","x":' * DEEP, "json-depth"),
    "deep XML": ("a.xml", XML + "<contact>" * DEEP + "</contact>" * DEEP + "</Patient>", "xml-depth"),
    "a string of 10 MB": ("a.json", patient(name=[{"family": "x" * 10_000_000}]), "primitive-too-long"),
    "a name of 10 MB": ("a.json", patient(**{"x" * 10_000_000: 1}), "property-unknown"),
    "no UTF-8": ("a.json", b'{"resourceType":"Patient","name":[{"family":"\xff\xfe"}]}', "document-encoding"),
    "UTF-16": ("a.json", patient().encode("utf-16"), "document-encoding"),
    "no UTF-8 in XML": ("a.xml", XML.encode() + b'<id value="\xff"/></Patient>', None),
    "NaN": ("a.json", quantity("NaN"), "json-number"),
    "Infinity": ("a.json", quantity("-Infinity"), "json-number"),
    "half a surrogate pair": ("a.json", patient(name=[{"family": "\ud800"}]), "json-surrogate"),
    "a name twice": (
        "a.json",
        '{"resourceType":"Patient","gender":"male","gender":"female"}',
        "json-duplicate",
    ),
    "entities": (
        "a.xml",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + XML + '<id value="&b;"/></Patient>',
        "xml-doctype",
    ),
    "an external entity": (
        "a.xml",
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + XML + '<id value="&a;"/></Patient>',
        "xml-doctype",
    ),
    "an external DTD": (
        "a.xml",
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x">' + XML + "</Patient>",
        "xml-doctype",
    ),
    "nothing": ("a.json", b"", "json-empty"),
    "null bytes": ("a.json", bytes(1_000_000), None),
    "half of a gzip file": ("a.json.gz", b"\x1f\x8b\x08\x00\x00", "unreadable"),
    "no gzip file": ("a.json.gz", b"{}", "unreadable"),
    "no JSON in a line": ("a.ndjson", b'{"resourceType":\n', None),
    "a list": ("a.json", b"[]", None),
    "a string": ("a.json", b'"Patient"', None),
    "no resource": ("a.json", b"{}", "resource-type-missing"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_told_and_the_next_file_is_judged(name, tmp_path, capsys):
    file, content, expected = HOSTILE[name]
    bad, after = written(tmp_path / file, content), written(tmp_path / "next.json", BAD)
    began = time.monotonic()
    record = summary(capsys, bad, after)
    assert time.monotonic() - began < 20
    ids = {g["messageId"] for g in record["groups"] for place in g["places"] if place["file"] == str(bad)}
    assert ids
    if expected:
        assert expected in ids
    after_it = {g["messageId"] for g in record["groups"] for p in g["places"] if p["file"] == str(after)}
    assert after_it == {"code-not-in-required", "primitive-date"}
    assert max(len(group["text"]) for group in record["groups"]) < 2_000


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + patient(active=True).encode(),
        quantity("1e400"),
        patient(**CYCLIC),
    ],
    ids=["BOM", "1e400", "cyclic contained references"],
)
def test_what_only_looks_hostile_is_no_error(content, tmp_path, capsys):
    assert judged(capsys, written(tmp_path / "a.json", content))[0] == 0


def test_a_file_that_cannot_be_read_is_told_and_the_next_is_judged(tmp_path, capsys):
    memory = Path("/proc/self/mem")
    if not memory.exists():
        pytest.skip("this system has no file that everybody may open and nobody read")
    code, out, _ = judged(capsys, memory, written(tmp_path / "a.json", BAD))
    assert code == 1
    assert "The file cannot be read: Input/output error." in out
    assert "code-not-in-required" in out


def test_what_in_a_folder_cannot_be_read_is_told(tmp_path, capsys):
    written(tmp_path / "x" / "a.json", GOOD)
    (tmp_path / "x" / "gone.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "x" / "loop").symlink_to(tmp_path / "x")
    code, out, _ = judged(capsys, tmp_path / "x")
    assert code == 1
    assert "The file cannot be read: No such file or directory." in out
    assert "1 file in the folders held no resource." in out


# ---------------------------------------------------------------- size


def one_line(megabytes: int):
    yield b'{"resourceType":"Patient","name":[{"family":"'
    piece = b"x" * 1_000_000
    for _ in range(megabytes):
        yield piece
    yield b'"}]}\n'
    yield lines(BAD)


def test_a_long_line_is_passed_over_in_bounded_memory_and_the_next_is_judged():
    code, out, _, peak = child("-", "--max-size", "2", "-f", "json", stdin=one_line(40))
    assert code == 1
    record = json.loads(out)
    assert found(record) == {"unreadable", "code-not-in-required", "primitive-date"}
    assert record["resources"] == 2
    assert peak < 120


@pytest.mark.nightly
def test_a_gigabyte_of_one_line_is_passed_over_in_bounded_memory():
    code, out, _, peak = child("-", "-f", "json", stdin=one_line(1_000), timeout=300)
    assert code == 1
    assert found(json.loads(out)) == {"unreadable", "code-not-in-required", "primitive-date"}
    assert peak < 400


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["a.json", "a.ndjson", "a.xml"])
def test_a_gigabyte_of_nothing_is_refused_in_bounded_memory(name, tmp_path):
    with (tmp_path / name).open("wb") as file:
        file.truncate(1_000_000_000)  # sparse: it needs no room
    code, out, _, peak = child(tmp_path / name, written(tmp_path / "next.json", BAD), timeout=300)
    assert code == 1
    assert "is larger than 100 MB" in out
    assert "code-not-in-required" in out
    assert peak < 400


@pytest.mark.parametrize("lines", [10, pytest.param(100, marks=pytest.mark.nightly)])
def test_thousands_of_equal_findings_are_one_group_in_bounded_memory(lines, tmp_path):
    each = patient(contact=[{"gender": "mail", "name": {"text": "x"}}] * 400).encode() + b"\n"
    code, out, _, peak = child(written(tmp_path / "a.ndjson", each * lines), "-f", "json", timeout=120)
    assert code == 1
    (group,) = json.loads(out)["groups"]
    assert group["count"] == 400 * lines
    assert len(group["places"]) == 100
    assert peak < 150


# ---------------------------------------------------------------- packages


def definition(
    name: str, base: str = "http://hl7.org/fhir/StructureDefinition/Patient", rule: str = ""
) -> str:
    constraint = [{"key": "x-1", "severity": "error", "human": "x", "expression": rule}] if rule else []
    element = {"id": "Patient", "path": "Patient", **({"constraint": constraint} if rule else {})}
    return json.dumps(
        {
            "resourceType": "StructureDefinition", "url": f"http://x.test/StructureDefinition/{name}",
            "name": name, "status": "draft", "kind": "resource", "abstract": False, "type": "Patient",
            "baseDefinition": base, "derivation": "constraint", "differential": {"element": [element]},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bases", "said"),
    [
        ({"X": "http://x.test/StructureDefinition/None"}, "is in none of the loaded packages"),
        ({"X": "http://x.test/StructureDefinition/Y", "Y": STRUCTURE}, "its base leads back to itself"),
        ({"X": STRUCTURE}, "its base leads back to itself"),
    ],
    ids=["missing", "cyclic", "itself"],
)
def test_a_structure_without_a_usable_base_is_refused_where_asked_for_and_told_where_not(
    bases, said, tmp_path, capsys
):
    for name, base in bases.items():
        written(tmp_path / "p" / f"{name}.json", definition(name, base))
    file = written(tmp_path / "a.json", GOOD)
    code, out, err = judged(capsys, file, "--package", tmp_path / "p", "--structure", STRUCTURE)
    assert (code, out) == (2, "")
    assert said in err
    code, out, err = judged(capsys, file, "--package", tmp_path / "p")
    assert code == 0
    assert said in err
    declared = written(tmp_path / "b.json", {**GOOD, "meta": {"profile": [STRUCTURE]}})
    assert STRUCTURE in judged(capsys, declared, file, "--package", tmp_path / "p")[1]


@pytest.mark.parametrize(
    "rule",
    [
        "1.repeat($this + 1).count() > 0",
        "(" * 5_000 + "true" + ")" * 5_000,
        "name.family.matches('(x+x+)+y')",
    ],
    ids=["endless", "deep", "regex"],
)
def test_an_expression_of_a_package_that_explodes_is_ended_and_told(rule, tmp_path):
    written(tmp_path / "p" / "x.json", definition("X", rule=rule))
    file = written(tmp_path / "a.json", {**GOOD, "name": [{"family": "x" * 5_000}]})
    code, out, _, peak = child(file, "--package", tmp_path / "p", "--structure", "X", timeout=60)
    assert code in {0, 1}
    assert "x-1" in out
    assert peak < 500


def test_an_expression_that_never_ends_is_not_tried_on_every_resource(tmp_path):
    written(tmp_path / "p" / "x.json", definition("X", rule="1.repeat($this + 1).count() > 0"))
    file = written(tmp_path / "a.ndjson", (json.dumps(GOOD).encode() + b"\n") * 60)
    code, out, _, _ = child(file, "--package", tmp_path / "p", "--structure", "X", "-f", "json", timeout=60)
    assert code == 0
    told = {rule["subject"]: rule["count"] for rule in json.loads(out)["notEvaluated"]}
    assert told["x-1"] == 60


def archive(
    path: Path, name: str, data: bytes = b"{}", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.size = kind, link, len(data) if kind == tarfile.REGTYPE else 0
        packed.addfile(member, BytesIO(data))
    return path


@pytest.mark.parametrize(
    ("name", "kind", "link"),
    [
        ("package/../../../evil.json", tarfile.REGTYPE, ""),
        ("/tmp/evil.json", tarfile.REGTYPE, ""),
        ("package/evil.json", tarfile.SYMTYPE, "/etc/passwd"),
    ],
)
def test_a_package_that_leaves_its_folder_is_refused(name, kind, link, tmp_path, capsys):
    package = archive(tmp_path / "p.tgz", name, kind=kind, link=link)
    code, out, err = judged(capsys, written(tmp_path / "a.json", GOOD), "--package", package)
    assert (code, out) == (2, "")
    assert "the archive is refused" in err


def test_a_package_that_unpacks_to_too_much_is_refused_in_bounded_memory(tmp_path):
    package = archive(tmp_path / "p.tgz", "package/a.json", bytes(70 * 1024 * 1024))
    code, out, err, peak = child(written(tmp_path / "a.json", GOOD), "--package", package)
    assert (code, out) == (2, "")
    assert "unpacks to more than" in err
    assert peak < 150


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00"])
def test_a_package_that_is_none_is_refused(content, tmp_path, capsys):
    package = written(tmp_path / "p.tgz", content)
    code, _, err = judged(capsys, written(tmp_path / "a.json", GOOD), "--package", package)
    assert code == 2
    assert "p.tgz" in err


# ---------------------------------------------------------------- what reaches the terminal

EVIL = "\x1b[2J\x1b]0;owned\x07\u202eevil\u2066\r\nerror: spoofed\u200b"


def hostile_strings(tmp_path: Path) -> list[object]:
    """Resources, names, packages that have escapes and marks wherever a document may have text."""
    resource = {
        "resourceType": "Patient", "id": EVIL, "gender": EVIL, EVIL: 1, "language": EVIL, "birthDate": EVIL,
        "meta": {"profile": [f"http://x.test/{EVIL}"]}, "extension": [{"url": EVIL, "valueString": EVIL}],
        "identifier": [{"system": EVIL, "value": EVIL}], "managingOrganization": {"reference": EVIL},
        "text": {"status": "generated", "div": f"<div>{EVIL}</div>"},
    }  # fmt: skip
    folder = tmp_path / ("f\x1b[31m\u202e" + "x\n")
    written(folder / "a\x1b]0;x\x07\n\u2067.ndjson", lines(resource, {"resourceType": EVIL}, EVIL, [EVIL]))
    written(folder / os.fsdecode(b"\xff") / "b.json", resource)
    xml = f'{XML}<id value="&#x202e;"/><{"x" * 9} value="&#x2066;&#13;"/></Patient>'
    written(folder / "c.xml", xml)
    package = tmp_path / "p\x1b[31m"
    written(package / "x\u202e.json", definition(EVIL, f"http://x.test/{EVIL}"))
    written(package / "y\x1b[1m.json", "{")
    return [folder, "--package", package, "--warnings"]


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_that_is_printed_can_fool_a_terminal(form, tmp_path, capsys):
    code, out, err = judged(capsys, *hostile_strings(tmp_path), "-f", form)
    assert code == 1
    shown = (out + err).replace("\n", "")
    assert out.encode()
    assert err.encode()
    assert not [c for c in shown if not c.isprintable()]
    assert not any(line.startswith("error: spoofed") for line in (out + err).splitlines())
    if form == "outcome":
        assert judged(capsys, written(tmp_path / "out.json", out))[0] == 0


def test_a_path_that_is_not_there_cannot_fool_a_terminal(capsys):
    code, _, err = judged(capsys, f"nowhere{EVIL}")
    assert code == 2
    assert not [c for c in err.replace("\n", "") if not c.isprintable()]
    assert "\nerror: spoofed" not in err
