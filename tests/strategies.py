"""Hypothesis strategies for the nouns of a report: all that the model allows, hostile strings included."""

import datetime as dt

from hypothesis import strategies as st

from conformance.model.measurement import MeasuredPart, Measurement
from conformance.model.profile import Level, Method, Phase
from conformance.model.report import (
    MethodVerdict,
    ProfileRef,
    Report,
    RequirementResult,
    Result,
    Runner,
    RunnerRole,
    RunRecord,
    SubResult,
    Tool,
    Waiver,
)
from conformance.model.target import DataClass, Environment, TargetCard
from conformance.model.verdict import EvidenceRef, Outcome, Verdict

HOSTILE = (
    "<script>alert(1)</script>",
    "\"' onload=alert(1) x='",
    "<img src=x onerror=alert(1)>",
    "</style><svg onload=alert(1)>",
    "</pre></details><!-- ",
    "{{ 7 * 7 }}{% raw %}",
    "[bold red]not markup[/bold red]",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\x9b2J\x00\x08\x7f\r",
    "\u202egnp.exe\u2066 \u200f",
    "javascript:alert(1)",
    "שלום עולם",
    "a" * 300,
)
"""Strings that a server may send, and that no view may take for anything but text."""


def made(noun, **members):
    """The noun over these strategies, its members by the names that they have in Python."""
    return st.fixed_dictionaries(members).map(lambda drawn: noun(**drawn))


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(HOSTILE)
said = words.filter(lambda text: bool(text.strip()))
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
ids = st.from_regex(r"[A-Z]{1,4}-[A-Z]{1,6}-[0-9]{1,3}", fullmatch=True)
dates = st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))
totals = st.dictionaries(st.sampled_from(Outcome), st.integers(1, 5000))


@st.composite
def verdicts(draw, requirement=""):
    """A verdict that holds what its outcome needs: findings for a failure, a reason for what is not known."""
    outcome = draw(st.sampled_from(Outcome))
    name = requirement or draw(ids)
    failed = outcome is Outcome.FAIL
    return Verdict(
        case=f"{name}/{draw(st.integers(1, 99))}",
        requirement=name,
        outcome=outcome,
        findings=tuple(draw(st.lists(said, min_size=1, max_size=3))) if failed else (),
        because="" if outcome is Outcome.PASS else draw(said if not failed else words),
        expected=draw(words),
        curl=draw(words) if failed else "",
        evidence=tuple(
            draw(st.lists(made(EvidenceRef, id=said, sha256=digests), max_size=2)),
        ),
    )


waivers = made(Waiver, requirement=ids, reason=said, who=said, until=dates)


@st.composite
def requirement_results(draw):
    """The result of one requirement, its outcome among those of its cases."""
    name = draw(ids)
    level = draw(st.sampled_from(Level))
    cases = tuple(draw(st.lists(verdicts(name), max_size=3)))
    outcome = draw(st.sampled_from([case.outcome for case in cases] or list(Outcome)))
    return RequirementResult(
        id=name,
        origin=draw(st.sampled_from(["", "exit-core", "bulk-data"])),
        level=level,
        method=draw(st.sampled_from(Method)),
        phase=draw(st.sampled_from(Phase)),
        text=draw(said),
        source=draw(said | st.just("https://hl7.org/fhir/R4/http.html#read")),
        outcome=outcome,
        warning=outcome is Outcome.FAIL and not level.binding,
        because="" if outcome is Outcome.PASS else draw(words),
        verdicts=cases,
        waiver=draw(st.none() | waivers),
    )


method_verdicts = st.sampled_from(Method).flatmap(
    lambda method: made(
        MethodVerdict,
        method=st.just(method),
        gates=st.booleans(),
        result=st.sampled_from(Result),
        totals=totals,
    )
)
sub_results = made(
    SubResult,
    id=ids,
    title=said,
    rests_on=st.lists(st.sampled_from(Method), max_size=3, unique=True).map(tuple),
    result=st.sampled_from(Result),
    totals=totals,
)
target_cards = made(
    TargetCard,
    supplier=words,
    product=words,
    version=words,
    environment=st.sampled_from(Environment),
    data_class=st.sampled_from(DataClass),
    phase=st.sampled_from(Phase),
    endpoint=st.just("https://fhir.example.org/r4") | said,
    embedded=st.booleans(),
    may_write=st.booleans(),
    production_override=words,
)
profile_refs = made(
    ProfileRef,
    profile=st.just("exit-core"),
    version=st.just("0.1.0"),
    title=said,
    digest=digests,
    publisher=words,
)
measurements = made(
    Measurement,
    id=ids,
    title=said,
    group=said,
    value=words | st.decimals(0, 10**6, places=1).map(str),
    unit=words | st.just("%"),
    definition=said,
    picture=st.sampled_from(["", "share", "columns"]),
    indicative=st.booleans(),
    note=words,
    parts=st.lists(
        made(MeasuredPart, label=said, value=words | st.integers(0, 999).map(str), note=words), max_size=3
    ).map(tuple),
)
reports = made(
    Report,
    measurements=st.lists(measurements, max_size=2, unique_by=lambda each: each.id).map(tuple),
    run_id=st.just("run-20261122-1") | said,
    profile=profile_refs,
    target=target_cards,
    as_of=dates,
    suite_digest=digests,
    parameters=st.dictionaries(
        said, words | st.integers(-(2**53) + 1, 2**53 - 1) | st.lists(words, max_size=2), max_size=2
    ),
    overrides=st.lists(said, max_size=2).map(tuple),
    result=st.sampled_from(Result),
    methods=st.lists(method_verdicts, max_size=4, unique_by=lambda m: m.method).map(tuple),
    sub_results=st.lists(sub_results, max_size=2).map(tuple),
    requirements=st.lists(requirement_results(), max_size=6).map(tuple),
)
run_records = made(
    RunRecord,
    run_id=st.just("run-20261122-1"),
    started_at=st.just("2026-11-22T17:05:00Z") | words,
    finished_at=st.just("2026-11-22T17:09:30Z") | words,
    runner=made(Runner, role=st.sampled_from(RunnerRole), name=words, organisation=words),
    tool=made(Tool, name=st.just("conformance"), version=st.just("0.1.0"), digest=digests),
    requests=st.integers(0, 10**6),
    bytes_received=st.integers(0, 10**12),
    seconds=st.floats(0, 10**6),
    left_behind=st.lists(said, max_size=2).map(tuple),
)
