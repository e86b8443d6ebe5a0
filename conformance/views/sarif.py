"""What is common to all that is told as SARIF 2.1.0, for code scanning in CI: files that were judged.

Source: OASIS SARIF 2.1.0, sections 3.14 (run), 3.20 (invocation), 3.27 (result), 3.58 (notification).
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.views.validation_words import sentence

Found = dict[str, Any]


def log(
    tool: str,
    version: str,
    rules: list[Found],
    results: list[Found],
    notes: list[Found],
    *,
    complete: bool = True,
) -> Found:
    """One log with one run; `complete` is False where the tool was interrupted."""
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": tool, "version": version, "rules": rules}},
                "invocations": [{"executionSuccessful": complete, "toolExecutionNotifications": notes}],
                "results": results,
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def note(text: str, level: str) -> Found:
    """Something about the judging itself: no finding in a file."""
    return {"level": level, "message": {"text": sentence(text)}}


def location(file: str, line: int, column: int, named: str) -> Found:
    """A place in a file; `line` and `column` count from 1, 0 where they are not known."""
    physical: Found = {"artifactLocation": {"uri": file_uri(file)}}
    if line:
        region = {"startLine": line}
        if column:
            region["startColumn"] = column
        physical["region"] = region
    logical = [{"fullyQualifiedName": named, "kind": "element"}] if named else []
    return {"physicalLocation": physical, "logicalLocations": logical}


def file_uri(file: str) -> str:
    """A file as a reference that SARIF's readers resolve against the folder where the tool was started."""
    escaped = quote(os.fsencode(file).replace(os.sep.encode(), b"/"))
    return f"file://{escaped}" if Path(file).is_absolute() else escaped
