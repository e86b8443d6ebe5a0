"""Each tutorial, followed word by word: every command of its shell blocks is carried out, in the order of the page.

A command ends with 0, or with what the comment behind it says (`# ends with 1`). The files that a page shows, each
below a line that names it in bold, are written where the commands look for them; the reader's own product is the
reference supplier.
"""

import datetime as dt
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from whole_runs import command

from conformance.reference.process import Options, start

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs" / "tutorials").glob("*.md"))
BLOCK = re.compile(
    r"(?:^\*\*`(?P<file>[\w./-]+)`\*\*[^\n]*\n+)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
ENDS = re.compile(r"\s+# ends with (\d+)$")
PREPARATION = ("python3 -m venv", "cd ")
OTHERS = frozenset({"sed"})
DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")


def in_some_months(_):
    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=100)).isoformat()


def steps(page):
    """What a page has done: the files that it shows and its commands, in their order."""
    for block in BLOCK.finditer(page.read_text("utf-8")):
        if block["file"]:
            yield "file", block["file"], block["text"]
        elif block["kind"] == "sh":
            for line in block["text"].replace("\\\n", " ").splitlines():
                if line.strip() and not line.startswith(PREPARATION):
                    yield "command", line, ""


@pytest.mark.nightly
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_works_word_by_word(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_KEY_PASSWORD", "a password for tutorials")
    with start(Options()) as supplier:
        own_product = supplier.target_file.name
        shutil.copytree(supplier.target_file.parent, tmp_path, dirs_exist_ok=True)
        for kind, said, text in steps(page):
            if kind == "file":
                if said != own_product:
                    Path(said).write_text(text, "utf-8")
                continue
            said = DAY.sub(in_some_months, said)  # noqa: PLW2901 - as a reader of today would choose it
            ends = ENDS.search(said)
            program, *words = shlex.split(said, comments=True)
            if program in OTHERS:
                subprocess.run(said, shell=True, check=True)
                continue
            assert program == "conformance", said
            found = [match for word in words for match in (sorted(map(str, Path().glob(word))) or [word])]
            code = command(*found)
            assert code == int(ends[1] if ends else 0), f"{said}\n{capsys.readouterr()}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_has_commands_to_follow(page):
    assert len([said for kind, said, _ in steps(page) if kind == "command"]) > 5
