"""Many outcomes told in few lines: equal findings are one group, with how often and where first.

What is kept does not grow with the data: a group holds a number and its first places, and there are only as many
groups as there are kinds of mistake.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from conformance.fhir.validation.issues import Issue, NotEvaluated, Severity

__all__ = ["Group", "Place", "Summary", "Unjudged"]

FIRST_PLACES = 100
MOST_PLACES = 50_000
"""So many places are kept over all groups; a group that comes later keeps its first one alone."""
MOST_GROUPS = 10_000
MOST_WORDINGS = 5
"""So many findings of one kind that differ in more than the values they name stand apart."""
LONGEST = 1_000
"""So many characters of a name or path are kept: a document may hold one of megabytes."""

_INDEX = re.compile(r"\[\d+\]")
_VALUE = re.compile(r"""'[^']*'|"[^"]*"|\d+""")
_POSITION = re.compile(r"/\d+(?=/|$)")
_ORDER = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stands: `file` as the user named it, `line` and `column` in that file (0 where unknown)."""

    file: str
    line: int = 0
    column: int = 0
    resource: str = ""
    expression: str = ""
    pointer: str = ""


@dataclass(slots=True)
class Group:
    """Findings of one kind at one element: the first one's words, their number and their first places.

    `varies` says that the words of some later one are others, so that `issue.text` is an example.
    """

    issue: Issue
    expression: str
    count: int = 0
    varies: bool = False
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A rule that was not evaluated, and how often it would have applied."""

    kind: str
    subject: str
    reason: str
    count: int


class Summary:
    """Counts and groups over all that was judged; `add` one outcome after another."""

    def __init__(self) -> None:
        self.resources = 0
        self.invalid = 0
        self.by_severity: dict[Severity, int] = dict.fromkeys(Severity, 0)
        self.not_grouped = 0
        self._places = 0
        self._wordings: dict[tuple[str, ...], frozenset[str]] = {}
        self._groups: dict[tuple[str, ...], Group] = {}
        self._unjudged: dict[tuple[str, str], tuple[str, int]] = {}

    def add(
        self, file: str, line: int, resource: str, issues: Iterable[Issue], *, counts_as_resource: bool = True
    ) -> None:
        """Count one judged resource: `line` is that of the resource in an NDJSON file, else 0."""
        self.resources += counts_as_resource
        wrong = False
        for issue in issues:
            wrong = wrong or issue.is_error
            self.by_severity[issue.severity] += 1
            place = Place(
                file,
                line or issue.line,
                issue.column,
                resource[:LONGEST],
                issue.expression[:LONGEST],
                issue.pointer[:LONGEST],
            )
            self._group(issue, place)
        self.invalid += wrong

    def accepted(self, number: int = 1) -> None:
        """Count resources in which nothing is wrong."""
        self.resources += number

    def not_evaluated(self, rules: Iterable[NotEvaluated]) -> None:
        """Count rules that could not be judged in one resource."""
        for rule in rules:
            self.unjudged(rule.kind, rule.subject, rule.reason)

    def unjudged(self, kind: str, subject: str, reason: str, count: int = 1) -> None:
        """Count one rule that could not be judged so many times."""
        known, before = self._unjudged.get((kind, subject), (reason, 0))
        self._unjudged[kind, subject] = (known, before + count)

    @property
    def valid(self) -> bool:
        """Whether something was judged and nothing was found to be an error."""
        return self.resources > 0 and self.invalid == 0

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return self.by_severity[Severity.FATAL] + self.by_severity[Severity.ERROR]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every group, the worst severity first, then the most frequent."""
        return tuple(
            sorted(
                self._groups.values(),
                key=lambda g: (
                    _ORDER[g.issue.severity],
                    -g.count,
                    g.expression,
                    g.issue.message_id,
                    g.issue.text,
                ),
            )
        )

    @property
    def not_judged(self) -> tuple[Unjudged, ...]:
        """Every rule that was not evaluated, by kind and subject."""
        return tuple(
            Unjudged(kind, subject, reason, count)
            for (kind, subject), (reason, count) in sorted(self._unjudged.items())
        )

    def _group(self, issue: Issue, place: Place) -> None:
        expression = _INDEX.sub("", place.expression)
        pointer = _POSITION.sub("", place.pointer)
        kind = (issue.severity, issue.message_id, expression, pointer, issue.structure, issue.rule)
        key = (*kind, self._wording(kind, issue.text))
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MOST_GROUPS:
                self.not_grouped += 1
                return
            first = replace(issue, expression=place.expression, pointer=place.pointer)
            group = self._groups[key] = Group(first, expression)
        group.count += 1
        group.varies = group.varies or issue.text != group.issue.text
        if not group.places or (len(group.places) < FIRST_PLACES and self._places < MOST_PLACES):
            group.places.append(place)
            self._places += 1

    def _wording(self, kind: tuple[str, ...], text: str) -> str:
        """The words without the values in them; from some number of wordings on, all others are one."""
        words = _VALUE.sub("", text)
        known = self._wordings.get(kind, frozenset())
        if words not in known:
            if len(known) >= MOST_WORDINGS:
                return ""
            if len(self._groups) < MOST_GROUPS:
                self._wordings[kind] = known | {words}
        return words
