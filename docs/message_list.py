"""The page of all message ids of `conformance validate`, read from the table of messages and from the rules' source."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.fhir.validation.messages import MESSAGES

__all__ = ["messages_page"]

FHIR = Path(__file__).resolve().parent.parent / "conformance" / "fhir"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
TELLING = frozenset({"issue", "error", "fatal", "_error", "_fatal", "_tell", "LexicalProblem", "TextProblem"})
"""What rules and readers call to say something: the message id, then the words, stand among the arguments."""

PARTS: tuple[tuple[str, str], ...] = (
    ("documents", "Reading JSON and XML"),
    ("validation/primitives.py", "Values of primitive types"),
    ("validation/xhtml.py", "Narrative"),
    ("validation/rules", "Rules of FHIR that are no row of a definition"),
)
ISSUE_TYPES = frozenset(
    {"not-found", "not-supported", "code-invalid", "too-long", "too-costly", "business-rule"}
)
HEAD = """# Message ids of `conformance validate`

Written by `python docs/generate.py` from the code. How to use them: [validation.md](validation.md).

An id keeps its meaning from release to release; the words may become better. `{…}` stands for what a resource or a
definition gives. A finding's severity and its code (OperationOutcome's issue type) stand in the finding itself.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One message id with what it says."""

    name: str
    words: str
    source: str = ""


def messages_page() -> str:
    """All ids in Markdown: those of the element table first, with their clauses, then the others by what tells them."""
    own = [Row(name, message.words, message.source) for name, message in MESSAGES.items()]
    own.append(
        Row("primitive-…", "A value does not have the form of its type: `primitive-date`, `primitive-id`, …")
    )
    own.append(Row("unreadable", "The file cannot be read, or is larger than --max-size allows."))
    page = [HEAD, "## What a definition allows", "", *_table(own, clauses=True)]
    for place, title in PARTS:
        page += ["", f"## {title}", "", *_table(_rows(FHIR / place), clauses=False)]
    return "\n".join(page) + "\n"


def _table(rows: list[Row], *, clauses: bool) -> Iterator[str]:
    yield "| id | says | clause |" if clauses else "| id | says |"
    yield "|---|---|---|" if clauses else "|---|---|"
    for row in sorted(rows, key=lambda row: row.name):
        words = row.words.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
        clause = f"[{row.source.rpartition('/')[2]}]({row.source})" if row.source else ""
        yield f"| `{row.name}` | {words} | {clause} |" if clauses else f"| `{row.name}` | {words} |"


def _rows(place: Path) -> list[Row]:
    found: dict[str, Row] = {}
    for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
        tree = ast.parse(file.read_text("utf-8"))
        named = _named_texts(tree)
        for node in ast.walk(tree):
            row = _told(node, named)
            if row is not None and len(row.words) > len(found.get(row.name, Row("", "")).words):
                found[row.name] = row
    return list(found.values())


def _told(node: ast.AST, named: dict[str, list[tuple[int, str]]]) -> Row | None:
    """What a call says; None where it is no such call, or is told elsewhere in words of its own."""
    if not isinstance(node, ast.Call):
        return None
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called not in TELLING:
        return None
    for place, argument in enumerate(node.args):
        name = _text(argument)
        if ID.fullmatch(name) and name not in ISSUE_TYPES:
            after = (*node.args[place + 1 :], *(keyword.value for keyword in node.keywords))
            texts = [_text(argument) or _before(argument, named) for argument in after]
            return Row(name, max((text for text in texts if " " in text), key=len, default="…"))
    return None


def _named_texts(tree: ast.AST) -> dict[str, list[tuple[int, str]]]:
    """The texts that variables are given, by name, each with its line."""
    found: dict[str, list[tuple[int, str]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append((node.lineno, _text(node.value)))
    return found


def _before(node: ast.expr, named: dict[str, list[tuple[int, str]]]) -> str:
    """The text that a variable was given last before this line."""
    if not isinstance(node, ast.Name):
        return ""
    return max(
        ((line, text) for line, text in named.get(node.id, ()) if line < node.lineno), default=(0, "")
    )[1]


def _text(node: ast.expr) -> str:
    """The text of a literal; what is filled in is `{…}`."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    if isinstance(node, ast.IfExp):
        return _text(node.body) or _text(node.orelse)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return ""
