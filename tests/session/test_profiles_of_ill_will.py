"""Profiles that are made to do harm, or broken: a clear message at a place, in bounded time and memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from whole_runs import command

HEAD = "profile: big\nversion: 0.1.0\ntitle: T\n"
ONE = "- {{id: R{0}, level: MAY, text: t{0}, source: s {0}, untested: not yet}}\n"


def requirements(count):
    return HEAD + "requirements:\n" + "".join(ONE.format(number) for number in range(count))


def bomb():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(20)]
    return "\n".join(lines)


CASES = {
    "bomb": (bomb(), "2:8: error: the alias *a is not accepted: write the value out"),
    "merge": ("a: &a {x: 1}\nprofile: p\n<<: *a\n", "3:5: error: the alias *a is not accepted"),
    "many": (requirements(100_000), "error: holds more than 300,000 values: divide it into several files"),
    "more": (
        requirements(10_001),
        "4:1: error: states more than 10,000 requirements: divide it into profiles",
    ),
    "large": (HEAD + "#" * 9_000_000, "error: is larger than 8 MB"),
    "deep": ("profile: " + "[" * 1_000_000, "error: is no YAML: exceeded maximum nesting depth"),
    "deep-map": ("profile: " + "{a: " * 300_000, "error: is no YAML: exceeded maximum nesting depth"),
    "nested": ("profile: " + "[" * 100 + "]" * 100, "is nested too deeply"),
    "number": (f"profile: {'9' * 1_000_000}\n", "1:10: error: cannot be read"),
    "key-twice": (HEAD + "title: U\n", "4:1: error: the key 'title' stands twice"),
    "list-as-key": ("? [a, b]\n: c\n", "1:3: error: a key must be text"),
    "tag": (
        "profile: !!python/object/apply:os.system [true]\n",
        "error: the tag tag:yaml.org,2002:python/object/",
    ),
    "null-character": ("profile: a\x00b\n", "error: is no YAML"),
    "two-documents": (HEAD + "---\n" + HEAD, "4:1: error: is no YAML: but found another document"),
    "terminal": ('profile: "\\e[31mred\\e]0;x\\a"\n', "error: profile: "),
    "nothing": ("", "error: holds no profile"),
}


@pytest.mark.parametrize("case", CASES)
def test_ill_will_and_accidents_end_with_a_clear_message(tmp_path, capsys, case):
    text, said = CASES[case]
    (tmp_path / "x.yaml").write_text(text)
    began = time.process_time()
    assert command("profiles", "lint", tmp_path / "x.yaml") == 1
    took = time.process_time() - began
    told = capsys.readouterr()
    assert said in told.out
    assert "\x1b" not in told.out
    assert told.err == ""
    assert took < 10
    if case not in {"more", "terminal"}:
        assert command("profiles", "fmt", tmp_path / "x.yaml", "--check") == 2


def test_anchors_without_an_alias_are_let_pass(tmp_path):
    (tmp_path / "x.yaml").write_text(HEAD.replace("title: T", "title: &t T"))
    assert command("profiles", "lint", tmp_path / "x.yaml") == 0


def test_text_that_is_not_utf_8_is_told(tmp_path, capsys):
    (tmp_path / "x.yaml").write_bytes(HEAD.encode("utf-16"))
    assert command("profiles", "lint", tmp_path / "x.yaml") == 2
    assert "'utf-8' codec can't decode byte 0xff in position 0" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_a_hundred_thousand_requirements_take_bounded_memory(tmp_path):
    (tmp_path / "x.yaml").write_text(requirements(100_000))
    program = (
        "import re; from conformance.cli.main import run; code = run(['profiles', 'lint', 'x.yaml']);"
        "print(code, re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    code, kilobytes = done.stdout.split()[-2:]
    assert code == "1"
    assert int(kilobytes) < 100 * 1024
