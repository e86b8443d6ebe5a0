"""What an author of a profile is told, and where."""

import json
import textwrap
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from whole_runs import command

HEAD = """\
profile: house
version: 0.1.0
title: House rules
requirements:
"""
GOOD = """\
- id: H-1
  level: SHALL
  text: A patient that was found can be read.
  source: https://example.org/rules.html#reads
  tests:
    - probe: {request: {path: "/Patient/{p.id}"}}
      slots: {p: Patient.id}
      expect: [{status: {code: 200}}]
"""


@pytest.fixture
def linted(tmp_path, capsys):
    """What lint tells of requirements in a file, without its name; and the exit code."""

    def lint(requirements, head=HEAD, *options):
        file = tmp_path / "house.yaml"
        file.write_text(head + textwrap.indent(requirements, "  "))
        code = command("profiles", "lint", file, *options)
        told = capsys.readouterr().out.replace(f"{file}:", "")
        return code, told.splitlines()[:-1]

    return lint


def test_nothing_is_found_in_a_profile_that_says_what_it_means(linted):
    assert linted(GOOD) == (0, [])


@pytest.mark.parametrize(
    ("change", "code", "place", "said"),
    [
        (("A patient", "The server SHOULD see that a patient"), 1, "7:5", "error: H-1: the text says SHOULD"),
        (("can be", "MUST NOT be"), 1, "7:5", "error: H-1: the text says MUST NOT, the level SHALL"),
        (("can be", "should be"), 0, "7:5", "warning: H-1: the text says “should”, the level SHALL"),
        (("https://example.org/rules.html#reads", "TODO"), 1, "8:5", "error: H-1: 'TODO' names no source"),
        (("#reads", ""), 0, "8:5", "warning: H-1: https://example.org/rules.html names a page and no clause"),
        (
            ("  source: https://example.org/rules.html#reads\n", ""),
            1,
            "5:5",
            "the member 'source' is missing",
        ),
        (("status: {code: 200}", "statuss: {code: 200}"), 1, "12:18", "did you mean 'status'? [mistake]"),
        (("code: 200", "cod: 200"), 1, "12:28", "did you mean 'code'? [mistake]"),
        (
            ("status: {code: 200}", "must-support: {resource: Patient, path: name}"),
            0,
            "9:5",
            "H-1 binds, and no named fault of the reference supplier is known to make it fail (must-support)",
        ),
        (("  tests:\n", "  testing:\n"), 1, "9:5", "unknown member 'testing'; did you mean 'tests'?"),
    ],
)
def test_each_fault_of_a_requirement_is_told_at_its_place(linted, change, code, place, said):
    ended, told = linted(GOOD.replace(*change))
    assert ended == code
    assert any(line.startswith(place) and said in line for line in told), told


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("SHALL", "A server SHALL answer, and MAY answer soon."),
        ("SHALL", "A server MUST answer."),
        ("SHALL NOT", "A server MAY NOT answer."),
        ("SHOULD NOT", "It is NOT RECOMMENDED; a server SHOULD NOT answer."),
        ("MAY", "Answering is OPTIONAL."),
        ("MAY", "A Mayor shallows."),
    ],
)
def test_a_text_that_says_its_level_is_left_alone(linted, level, text):
    requirement = (
        f'- {{id: H-1, level: {level}, text: "{text}", source: "s 1", untested: nobody can see it}}\n'
    )
    assert linted(requirement) == (0, [])


def test_all_is_told_at_once_and_ids_and_texts_that_stand_twice_too(linted):
    code, told = linted(GOOD + GOOD.replace("#reads", "").replace("code: 200", "cod: 200"))
    assert code == 1
    assert [line.rpartition("[")[2].rstrip("]") for line in told] == [
        "mistake",
        "no-clause",
        "mistake",
        "mistake",
    ]
    _, told = linted(GOOD + GOOD.replace("H-1", "H-2"))
    assert [line.rpartition("[")[2].rstrip("]") for line in told] == ["same-text"]


@pytest.mark.parametrize("reason", ["TODO", "n/a", "tbd.", "Later"])
def test_a_reason_that_says_nothing_is_told(linted, reason):
    code, told = linted(f"- {{id: H-1, level: MAY, text: t, source: s 1, untested: '{reason}'}}\n")
    assert code == 0
    assert "is no reason" in told[0]


def test_a_parameter_that_nothing_uses_is_told(linted):
    head = HEAD.replace("requirements:", "parameters: {page: {default: 5}}\nrequirements:")
    _, told = linted(GOOD, head)
    assert told == [
        "4:14: warning: the parameter 'page' changes nothing: no requirement and no advisory uses it [unused-parameter]"
    ]
    assert linted(GOOD.replace("code: 200", 'code: "${page}"'), head)[1] == []


def test_a_block_that_nothing_is_known_to_make_fail_is_told_once(linted):
    block = """\
fhir:
  source: https://example.org/rules.html#fhir
  resources:
    - {type: Patient, mustSupport: [name, gender], interactions: [read]}
"""
    _, told = linted("", HEAD.replace("requirements:\n", block))
    assert len(told) == 1
    assert told[0].startswith("4:1: warning: 2 binding demands of the block rest on must-support")


def test_two_profiles_with_one_name_are_told(tmp_path, capsys):
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(HEAD + GOOD)
    (tmp_path / "base.yaml").write_text(HEAD.replace("house", "fhir-r4-base") + GOOD)
    assert command("profiles", "lint", *sorted(tmp_path.iterdir())) == 1
    told = capsys.readouterr().out
    assert f"two.yaml:1:1: error: {tmp_path}/one.yaml is a profile named 'house' too" in told
    assert "base.yaml:1:1: warning: a profile named 'fhir-r4-base' comes with the harness" in told


def test_findings_are_told_as_json_and_as_sarif_too(tmp_path, capsys):
    file = tmp_path / "house.yaml"
    file.write_text(HEAD + GOOD.replace("#reads", "").replace("status:", "sttus:"))
    assert command("profiles", "lint", file, "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(f["line"], f["rule"], f["severity"]) for f in found] == [
        (8, "no-clause", "warning"),
        (12, "mistake", "error"),
    ]
    assert command("profiles", "lint", file, "--format", "sarif") == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert [r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in run["results"]] == [8, 12]
    assert {r["id"] for r in run["tool"]["driver"]["rules"]} == {r["ruleId"] for r in run["results"]}


@pytest.mark.parametrize("arguments", [["no-such.yaml"], [], ["x.yaml", "--format", "xml"]])
def test_what_cannot_be_linted_ends_with_2(arguments, capsys):
    assert command("profiles", "lint", *arguments) == 2
    assert capsys.readouterr().out == ""


class Pages(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - emptied by the test

    def do_GET(self):
        self.asked.append(self.path)
        found = {"/rules.html": 200, "/busy": 503}.get(self.path, 404)
        self.send_response(found)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h2 id='reads'>Reads</h2><a name=\"old way\">x</a>")

    def log_message(self, *_):
        pass


@pytest.fixture
def pages():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    Pages.asked.clear()
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_links_are_followed_only_when_asked_to_and_each_page_once(linted, pages):
    sources = ["rules.html#reads", "rules.html#old%20way", "rules.html#no", "gone.html#x", "busy#x"]
    requirements = "".join(
        f"- {{id: H-{n}, level: MAY, text: t{n}, source: '{pages}/{s}', untested: not from here}}\n"
        for n, s in enumerate(sources)
    )
    assert linted(requirements) == (0, [])
    assert Pages.asked == []
    code, told = linted(requirements, HEAD, "--links")
    assert code == 1
    assert [line.split(":")[0] for line in told] == ["7", "8", "9"]
    assert all(word in told[0] for word in ("error: ", "has no place named 'no' [dead-link]"))
    assert all(word in told[1] for word in ("error: ", "answers 404 [dead-link]"))
    assert all(word in told[2] for word in ("warning: ", "answers 503 [link-not-seen]"))
    assert sorted(Pages.asked) == ["/busy", "/gone.html", "/rules.html"]


def test_the_links_of_a_block_and_of_its_demands_are_followed_too(linted, pages):
    block = f"""\
fhir:
  source: {pages}/rules.html#reads
  resources:
    - {{type: Patient, interactions: [{{code: read, source: "{pages}/gone.html"}}]}}
"""
    code, told = linted("", HEAD.replace("requirements:\n", block), "--links")
    assert code == 1
    assert [line.partition(" ")[0] for line in told] == ["7:51:"]
    assert "answers 404 [dead-link]" in told[0]


def test_a_server_that_is_not_there_is_no_dead_link(linted, unused_port):
    source = f"http://127.0.0.1:{unused_port}/rules.html#x"
    requirement = f"- {{id: H-1, level: MAY, text: t, source: '{source}', untested: not from here}}\n"
    code, told = linted(requirement, HEAD, "--links")
    assert code == 0
    assert "could not be asked for: ConnectError [link-not-seen]" in told[0]


@pytest.fixture
def unused_port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.server_close()
    return server.server_port
