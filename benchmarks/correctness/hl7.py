"""The HL7 validator's own test cases: our judgement against the one that the Java reference validator recorded.

A case has a base step and may have a profile step, in which a structure is applied besides. Its `profiles` and
`supporting` files are loaded as further definitions. The record was made with the switches that the suite's manifest
names, so each case is judged with these; what comes of it without them is a figure of its own.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.correctness.data import EXAMPLES, Data, listed
from benchmarks.correctness.faults import faults
from benchmarks.correctness.figures import Deviation, Figure, Measured, kinds
from benchmarks.correctness.locations import location
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.packages.package import Package
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Issue, Outcome
from conformance.fhir.validation.leeway import AS_FHIR_SAYS, Allowed, Leeway, Refused
from conformance.fhir.validation.validator import Validator

SUITE = "hl7"
SHOWN = 160
SWITCHES: Mapping[str, Leeway] = {
    "pat-example-extensions": AS_FHIR_SAYS,
    "json-comments-1-yes": replace(EXAMPLES, allowed=EXAMPLES.allowed | {Allowed.JSON_COMMENTS}),
    "bad-markdown-no-html": replace(EXAMPLES, refused=frozenset({Refused.HTML_IN_MARKDOWN})),
}
"""The cases that the suite's manifest runs with a switch that we have too (`examples: false`, `allow-comments`,
`noHtmlInMarkdown`); all others are run with urls below example.org accepted. It has one that we do not have: contained
resources left unjudged (`validateContains: IGNORE`, contained-resource-bad-id-ignore)."""

AS_THEIRS = frozenset({Refused.WRONG_DISPLAYS})
"""What FHIR's text does not refuse, and the reference validator does unless it is told otherwise. It refuses unknown
extensions too, yet brings newer packs of extensions with it, so that this cannot be compared case by case."""


@dataclass(frozen=True)
class Step:
    """One judgement to make: a case's file by extra definitions, and the errors the reference validator found."""

    case: str
    name: str
    strict: bool
    file: str
    extra: tuple[str, ...]
    structure: str
    expected: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """What explanations call it."""
        return f"{self.case}/{self.name}"


@dataclass(frozen=True)
class Judged:
    """A step and what we said."""

    step: Step
    outcome: Outcome

    @property
    def errors(self) -> tuple[Issue, ...]:
        """Our errors."""
        return tuple(issue for issue in self.outcome.issues if issue.is_error)

    @property
    def agrees(self) -> bool:
        """Whether both find an error, or neither."""
        return bool(self.errors) == bool(self.step.expected)

    @property
    def both(self) -> bool:
        """Whether both find errors."""
        return bool(self.errors) and bool(self.step.expected)

    @property
    def same_count(self) -> bool:
        """Whether both find the same number of errors."""
        return len(self.errors) == len(self.step.expected)

    @property
    def same_faults(self) -> bool:
        """Whether both find the same number of distinct faults at the same places."""
        return Counter(place for place, _ in self.own_faults) == Counter(
            place for place, _ in faults(self.step.expected)
        )

    @property
    def own_faults(self) -> tuple[tuple[str, str], ...]:
        """Our errors by place.

        An extension in the wrong context is told of at the element that it stands on, where the reference has it.
        """
        return tuple(
            (_place(issue, on_host=issue.message_id.startswith("extension-context")), _told(issue))
            for issue in self.errors
        )

    @property
    def same_places(self) -> bool:
        """Whether both find errors at the same set of locations."""
        return {_place(issue) for issue in self.errors} == {place for place, _ in self.step.expected}

    def deviation(self) -> Deviation:
        """What each side says at places where the other says nothing, or says it more often."""
        ours = list(self.own_faults)
        theirs = list(faults(self.step.expected))
        only = Counter(place for place, _ in ours), Counter(place for place, _ in theirs)
        return Deviation(
            self.step.key,
            tuple(_said(one) for one in ours if only[0][one[0]] != only[1][one[0]]),
            tuple(_said(one) for one in theirs if only[0][one[0]] != only[1][one[0]]),
        )


def measure(data: Data, day: str) -> Measured:
    """Every figure over the cases."""
    every = list(steps(data))
    judged = [judge(data, step, leeway(step)) for step in every]
    bases = [step for step in every if step.strict and step.name == "base"]
    plain = [judge(data, step, EXAMPLES) for step in bases]
    theirs = [
        judge(data, step, replace(leeway(step), refused=leeway(step).refused | AS_THEIRS)) for step in bases
    ]
    strict = [one for one in judged if one.step.strict]
    base, profile = _named(strict, "base"), _named(strict, "profile")
    both = [one for one in strict if one.both]
    figures = (
        _verdicts("hl7-base-json", [one for one in base if not one.step.file.endswith(".xml")]),
        _verdicts("hl7-base-xml", [one for one in base if one.step.file.endswith(".xml")]),
        _verdicts("hl7-base", base),
        _verdicts("hl7-base-plain", plain),
        _verdicts("hl7-base-theirs", theirs),
        _verdicts("hl7-profile", profile),
        _figure("hl7-faults", both, [one for one in both if not one.same_faults]),
        _share("hl7-count", [one.same_count for one in both]),
        _share("hl7-places", [one.same_places for one in both]),
        _share("hl7-both", [one.same_count and one.same_places for one in both]),
        _share("hl7-all-base", [one.agrees for one in _named(judged, "base")]),
        _share("hl7-all-profile", [one.agrees for one in _named(judged, "profile")]),
    )
    unjudged: Counter[str] = sum((kinds(one.outcome.not_evaluated) for one in judged), Counter())
    excluded = sorted({one.step.case for one in judged if not one.step.strict})
    return Measured(SUITE, day, figures, dict(unjudged), {"excluded": tuple(excluded)})


def steps(data: Data) -> Iterator[Step]:
    """The steps of every case, in the order of the suite."""
    for case in listed(data.cases / "cases.json"):
        extra = [*case["profiles"], *case["supporting"]]
        yield _step(case, "base", extra, "", case["base"])
        profile = case.get("profile")
        if profile:
            more = [*extra, *profile["supporting"], profile["source"]]
            yield _step(case, "profile", more, profile["source"], profile["expected"] or [])


def leeway(step: Step) -> Leeway:
    """The switches with which the suite runs a case."""
    return SWITCHES.get(step.case, EXAMPLES)


def judge(data: Data, step: Step, switches: Leeway) -> Judged:
    """What our validator says of one step."""
    place = data.cases / "files"
    definitions = data.core
    if step.extra:
        files = [(name, (place / name).read_bytes()) for name in step.extra]
        definitions = Definitions((Package.of_files(files, name=step.case), *data.core.layers))
    structures = (_canonical(data, place / step.structure),) if step.structure else ()
    validator = Validator(
        definitions,
        Terminology(definitions),
        structures=structures,
        leeway=switches,
    )
    return Judged(step, validator.explain(data.read(place / step.file)))


def _step(
    case: dict[str, Any], name: str, extra: list[str], source: str, issues: list[dict[str, Any]]
) -> Step:
    expected = tuple(
        (location((issue.get("expression") or [""])[0]), issue["text"])
        for issue in issues
        if issue["severity"] in {"error", "fatal"}
    )
    names = tuple(dict.fromkeys(name for name in extra if name))
    return Step(case["name"], name, case["strict"], case["file"], names, source, expected)


def _canonical(data: Data, path: Path) -> str:
    value = data.read(path).value
    url = value.get("url") if isinstance(value, dict) else None
    return url if isinstance(url, str) else ""


def _named(judged: list[Judged], name: str) -> list[Judged]:
    return [one for one in judged if one.step.name == name]


def _verdicts(row: str, judged: list[Judged]) -> Figure:
    return _figure(row, judged, [one for one in judged if not one.agrees])


def _figure(row: str, judged: list[Judged], wrong: list[Judged]) -> Figure:
    deviations = tuple(one.deviation() for one in wrong)
    return Figure(row, len(judged) - len(wrong), len(judged), deviations)


def _share(row: str, right: list[bool]) -> Figure:
    """A figure for information: its deviations are those of another row, or need a terminology server."""
    return Figure(row, sum(right), len(right))


def _place(issue: Issue, *, on_host: bool = False) -> str:
    place = location(issue.expression)
    return place.rsplit(".", 1)[0] if on_host else place


def _told(issue: Issue) -> str:
    return f"{issue.message_id}: {issue.text}"


def _said(one: tuple[str, str]) -> str:
    place, text = one
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return f"{place or '(document)'}: {short}"
