"""Where in an exit plan's file a finding is about: findings name members by their paths, as in `costs[2].amount`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.model.marked_yaml import read_yaml
from conformance.model.plan_review import Mark

_PATH = re.compile(r"\b[a-z][A-Za-z]*(?:\[\d+\])?(?:\.[A-Za-z]\w*(?:\[\d+\])?)+")
_PART = re.compile(r"[A-Za-z]\w*|\d+")
Path = tuple[str | int, ...]


def paths_in(text: str) -> list[str]:
    """The paths that a finding names, in its order."""
    return _PATH.findall(text)


@dataclass(frozen=True)
class PlanPlaces:
    """Line and column of each member of a plan, YAML or JSON; none where it cannot be read as either."""

    places: Mapping[Path, tuple[int, int]]

    @classmethod
    def of(cls, data: bytes) -> "PlanPlaces":
        """The places of the plan in these bytes. JSON is read as YAML, of which it is a part."""
        try:
            marked = read_yaml(data.decode("utf-8"), "", core=True)
        except UnicodeDecodeError:
            return cls({})
        return cls({} if marked.problems else marked.places)

    def mark(self, finding: str) -> Mark:
        """The place of the first path that the finding names, or of the nearest member above it that is there."""
        for path in paths_in(finding):
            parts: Path = tuple(int(part) if part.isdecimal() else part for part in _PART.findall(path))
            above = (parts[:length] for length in range(len(parts), 0, -1))
            if known := next((each for each in above if each in self.places), None):
                line, column = self.places[known]
                return Mark(path=path, line=line, column=column)
        return Mark()
