"""The small profile that hostile servers are held to, what a run of it told, and what docs/hostile.md says of it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hostile.md"
QUICK = {"connectTimeout": 1, "readTimeout": 3, "retries": 0, "maxBody": 3_000_000}

PROFILE = """\
profile: hostile
version: 0.1.0
title: What a small server must do
requirements:
  - id: H-META
    level: SHALL
    text: There is a capability statement.
    source: https://example.org/#meta
    tests:
      - probe: {request: {path: /metadata}}
        expect: [{status: {code: 200}}, {capability-statement: {}}]
  - id: H-READ
    level: SHALL
    text: A read gives the resource that it asks for.
    source: https://example.org/#read
    tests:
      - probe: {request: {path: "/Patient/{p.id}"}}
        slots: {p: Patient.id}
        examples: 2
        expect: [{status: {code: 200}}, {resource: {type: Patient, id: "{p.id}"}}, {fhir-json: {}}]
  - id: H-SEARCH
    level: SHALL
    text: A search gives all that there is, page after page.
    source: https://example.org/#search
    tests:
      - probe: {paging: {path: /Patient, count: 2, max_pages: 40}}
        expect: [{searchset: {}}, {pages-complete: {}}]
  - id: H-VALID
    level: SHALL
    text: What is given is valid.
    source: https://example.org/#valid
    tests:
      - probe: {sample: {resource: Patient, count: 10}}
        expect: [{valid-resources: {aspect: [content, values, invariants]}}]
"""
WRITING = (
    PROFILE
    + """\
  - id: H-WRITE
    level: SHALL
    text: What is created can be read.
    source: https://example.org/#create
    tests:
      - probe: {create: {family: "{family}", birth_date: "1970-01-01"}}
        draw: {family: family-name}
        examples: 1
        expect: [{status: {code: 201, label: create}}, {created: {}}, {keeps-content: {}}]
"""
)


@dataclass(frozen=True)
class Row:
    """What the page says of one behaviour: which outcomes the requirements have, and what is said of them."""

    name: str
    said: tuple[str, ...]
    outcomes: dict[str, str]
    code: str
    tests: tuple[str, ...]


def rows() -> list[Row]:
    """The rows of the page, in order. Words in backticks are a run's own; so many as are in it, a run must say."""
    text = PAGE.read_text("utf-8")
    table = re.findall(r"^\| `([a-z0-9-]+)` \| .* \| (.*) \| (.*) \| (\d|-) \| (.*) \|$", text, re.MULTILINE)
    return [
        Row(name, quoted(said), outcomes_in(stated), code, quoted(tests))
        for name, said, stated, code, tests in table
    ]


def quoted(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def outcomes_in(cell: str) -> dict[str, str]:
    """From the id of a requirement to its outcome; empty where there is no report, or nothing of it is said."""
    if cell in {"no report", "-"}:
        return {}
    stated = (one.split(" ") for one in cell.split(", "))
    return {f"H-{name.upper()}": outcome for name, outcome in stated}


@dataclass(frozen=True)
class Told:
    """What a run told: its exit code, all that was printed, and the report if it came to one."""

    code: int
    shown: str
    folder: Path
    requirements: dict[str, dict[str, Any]]

    @property
    def words(self) -> str:
        """All reasons and findings of the report, and what was printed."""
        return self.shown + json.dumps(self.requirements, ensure_ascii=False)

    def outcome(self, requirement: str) -> str:
        return str(self.requirements[requirement]["outcome"])
