"""The documentation is true: what is generated is current, what is shown works."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from jsonschema import Draft202012Validator

from conformance.catalog import installed
from conformance.cli.app import app
from conformance.cli.commands import COMMANDS
from conformance.outside import trust
from conformance.outside.decisions import known_failures
from conformance.outside.places import ProfileLibrary
from conformance.outside.target_file import read_target
from conformance.outside.waivers import waivers
from conformance.plugin import MARK
from conformance.reference.faults.table import FAULTS
from conformance.stages.load import load

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCK = re.compile(r"^```(?P<language>[\w-]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
OPERATORS = set("|&;<>()")


def blocks(page, *languages):
    return [m["text"] for m in BLOCK.finditer(page.read_text("utf-8")) if m["language"] in languages]


def command_lines(text):
    """The arguments of each call of the command in a block of shell."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:
            continue  # output, or code of another language, that is no line of shell
        while words:
            end = next((n for n, word in enumerate(words) if set(word) <= OPERATORS), len(words))
            call = [word for word in words[:end] if not re.fullmatch(r"[A-Z_]+=.*", word)]
            if call and call[0].rpartition("/")[2] == "conformance":
                yield call[1:]
            words = words[end + 1 :]


SHOWN = [
    pytest.param(page, call, id=f"{page.name}: {' '.join(call)}")
    for page in PAGES
    for text in blocks(page, "", "sh", "bash", "shell", "console")
    for call in command_lines(text)
]


def parse(command, arguments):
    """Parse arguments down to the last command. Raises typer's own exception where they do not fit."""
    context = command.make_context("conformance", list(arguments))
    if hasattr(command, "commands"):
        rest = [*context._protected_args, *context.args]
        _, chosen, left = command.resolve_command(context, rest)
        return parse(chosen, left)
    return context.params


def test_what_is_generated_is_current():
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def schema():
    return json.loads((ROOT / "profiles" / "profile.schema.json").read_text("utf-8"))


def test_the_schema_is_one(schema):
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", list(ProfileLibrary().names()))
def test_each_shipped_profile_is_valid_by_the_schema(name, schema):
    profile = yaml.safe_load((ROOT / "profiles" / f"{name}.yaml").read_text("utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(profile)] == []


@pytest.mark.parametrize(
    ("member", "value"),
    [("level", "MUST"), ("tests", [{"probe": {"request": {"pth": "/metadata"}}, "expect": ["outcome"]}])],
)
def test_the_schema_refuses_mistakes(member, value, schema):
    requirement = {"id": "A-1", "level": "MAY", "text": "x", "source": "x", "untested": "x", member: value}
    profile = {"profile": "a", "version": "1.0.0", "title": "A", "requirements": [requirement]}
    assert not Draft202012Validator(schema).is_valid(profile)


def test_commands_are_shown():
    assert COMMANDS
    assert len(SHOWN) > 20


@pytest.mark.parametrize(("page", "call"), SHOWN)
def test_each_command_shown_exists(page, call):
    try:
        found = parse(typer.main.get_command(app), call)
    except typer.Exit:
        return  # --help
    if found.get("fault"):
        assert found["fault"] in {fault.name for fault in FAULTS}
    named = found.get("profile") or ""
    if isinstance(named, str) and named and not named.endswith((".yaml", ".yml")):
        assert named in set(ProfileLibrary().names())


@pytest.mark.parametrize("call", [["demo", "--no-such-option"], ["no-such-command"], ["verify"]])
def test_a_command_that_is_wrong_would_be_found(call):
    with pytest.raises(typer.TyperException):
        parse(typer.main.get_command(app), call)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_relative_link_leads_somewhere(page):
    for link in LINK.findall(BLOCK.sub("", page.read_text("utf-8"))):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


TARGETS = blocks(ROOT / "docs" / "targets.md", "yaml")


@pytest.mark.parametrize("text", TARGETS, ids=range(len(TARGETS)))
def test_each_target_file_shown_can_be_read(text, tmp_path):
    file = tmp_path / "target.yaml"
    file.write_text(text if "\nendpoint:" in text else f"endpoint: https://fhir.example.org/r4\n{text}")
    assert read_target(file).endpoint == "https://fhir.example.org/r4"


PROFILES = [
    text for page in ("profiles.md", "nhs-profiles.md") for text in blocks(ROOT / "docs" / page, "yaml")
]


@pytest.mark.parametrize("text", PROFILES, ids=range(len(PROFILES)))
def test_each_profile_shown_loads(text, tmp_path):
    file = tmp_path / "shown.yaml"
    file.write_text(text)
    assert load(str(file), ProfileLibrary(), installed()).requirements


def test_the_trust_file_shown_can_be_read(tmp_path):
    file = tmp_path / "trust.toml"
    (tmp_path / "tsa-root.pem").write_text("a certificate")
    (tmp_path / "tsa-root.pem").chmod(0o600)
    file.write_text("\n".join(blocks(ROOT / "docs" / "trust.md", "toml")))
    file.chmod(0o600)
    read = trust.load(file)
    assert [key.name for key in read.keys] == ["Example Laboratory"]
    assert set(read.rules) == {"report", "profile-release"}


def test_the_waivers_shown_can_be_read(tmp_path):
    (text,) = blocks(ROOT / "docs" / "trust.md", "yaml")
    (tmp_path / "waivers.yaml").write_text(text)
    assert waivers(tmp_path / "waivers.yaml").list[0].requirement == "SMART-07"


def test_the_plugin_shown_works():
    (text,) = blocks(ROOT / "docs" / "plugins.md", "python")
    module = {"__name__": "shown"}
    exec(compile(text, "shown", "exec", dont_inherit=True), module)
    (part,) = (value for value in module.values() if hasattr(value, MARK))
    assert getattr(part, MARK).name == "acme-request-id"


def test_the_list_of_known_failures_shown_can_be_read(tmp_path):
    (text,) = [text for text in blocks(ROOT / "docs" / "ci.md", "yaml") if text.startswith("- requirement:")]
    file = tmp_path / "known.yaml"
    file.write_text(text)
    (known,) = known_failures(file)
    profile = load("fhir-r4-base", ProfileLibrary(), installed())
    assert known.requirement in {requirement.id for requirement in profile.requirements}
