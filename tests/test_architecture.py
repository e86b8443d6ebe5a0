"""The shape of the code: imports point down, every part says what it is for, no module is too long to read."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.catalog import built_in

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "conformance").rglob("*.py"))
MOST_LINES = 350


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_point_down():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which(
        "lint-imports"
    )
    if command is None:
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", ["check", "probe", "generator"])
def test_every_built_in_part_has_a_description_and_arguments_that_can_be_checked(kind):
    parts = [part for (known, _), part in built_in().parts.items() if known == kind]
    assert parts
    for part in parts:
        assert part.description.endswith((".", "…")) or "\n" in part.description, part.name
        assert part.arguments.model_fields is not None
        assert part.origin == "conformance"


def test_every_module_is_documented_and_short():
    assert MODULES
    assert [problem for path in MODULES for problem in problems_of(path)] == []


def problems_of(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    if not ast.get_docstring(tree):
        yield f"{named(path)} has no docstring"
    if len(text.splitlines()) > MOST_LINES:
        yield f"{named(path)} has more than {MOST_LINES} lines"
    for holder in (tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))):
        private = isinstance(holder, ast.ClassDef) and holder.name.startswith("_")
        for node in [] if private else holder.body:
            public = isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                yield f"{named(path)}:{node.lineno}: {node.name} has no docstring"


def test_nothing_is_left_to_do():
    words = ("TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error")
    texts = ((path, path.read_text("utf-8")) for path in MODULES)
    assert [f"{named(path)}: {word}" for path, text in texts for word in words if word in text] == []
