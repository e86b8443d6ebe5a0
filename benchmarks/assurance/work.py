"""The file of results so far: one JSON document a line, so that a measurement can break off and go on."""

import json
from pathlib import Path
from typing import Any

Result = dict[str, Any]


class Work:
    """What was measured, by kind and name; the newest of equal ones counts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, kind: str, name: str, result: Result) -> None:
        """Keep a result. One write, so that several processes may share the file."""
        line = json.dumps({"kind": kind, "name": name, **result}, sort_keys=True) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)

    def of(self, kind: str) -> dict[str, Result]:
        """The results of a kind by their names. A line that was cut off is passed over: it is measured again."""
        found: dict[str, Result] = {}
        for line in self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else ():
            try:
                result = json.loads(line)
            except ValueError:
                continue
            if result["kind"] == kind:
                found[result["name"]] = result
        return found
