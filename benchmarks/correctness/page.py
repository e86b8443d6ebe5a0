"""The page that shows what was measured: docs/correctness.md."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from benchmarks.correctness.explained import Explanation, Explanations
from benchmarks.correctness.figures import Deviation, Figure, Measured
from benchmarks.correctness.rows import ACCEPTING, LISTED, ROWS, Row

HARDEST = 10
MOST_REASONS = 40
SAMPLES = 3
HEAD = """# Correctness of the validator

How far the validator (`conformance validate`) agrees with data and judgements that nobody here made. Every figure is
measured by one command, and every judgement that deviates is explained below: who is right, by which text. The
command ends with 1 where a deviation is not explained.

```
python -m benchmarks.correctness --data FOLDER [--java FOLDER] [--only SUITE]
```

`FOLDER` holds the suites (what each is: see [Suites](#suites)); `--java` names a folder with the package
`hl7.fhir.r4.core.tgz`, which the reference validator reads; it needs Java 17 and Maven. Without it the rows that
compare with it keep their last figures. No terminology server is asked anywhere.
"""
BEYOND = """## Other releases

STU3 (3.0.2), R4B (4.3.0) and R5 (5.0.0) were tried with their real definitions, as HAPI FHIR 8.8.0 publishes them on
Maven Central (`python -m benchmarks.core_packages FOLDER` makes packages of the jars): 581, 644 and 307 structures
load without a problem. Tests of the nightly run judge realistic resources of each release (patients, appointments,
observations, encounters, medication), good ones and the same ones spoilt, by both paths; ten Synthea resources of
each type are as right by R4B as by R4, and 82 examples of R4B in the HL7 test suite are accepted but for 7, whose
faults are real (items without linkId, upper-case UUIDs, references to other types).

`python -m benchmarks.other_releases SUITE PACKAGES` holds them against the HL7 validator's own cases for them, where
no terminology server is involved: 22 of 34 (STU3), 6 of 6 (R4B), 161 of 189 (R5), measured 2026-11-25. Of the 40
that differ, most are what stands above for R4 as well: displays, extensions and profiles that are not loaded,
targets that are fetched, `slice()` in an invariant, the reference validator's rules for who publishes with HL7. Left
open, where the reference is right: extensions that say for which releases they are, the type of `maxValueSet`'s
value in STU3, two slices told apart by value sets of which one holds the other, keys of constraints that a base has
with another expression, an Observation with text alone under a widest value set.

## FHIRPath beside fhirpath.js

`python -m benchmarks.fhirpath_differential DATA --npm FOLDER --count 15000` draws expressions over Synthea resources
and has both engines evaluate them (fhirpath.js 5.2.2, measured 2026-11-25): 14,386 of 15,000 agree (3,972 of them in
refusing), in 285 only ours refuses (comparing Booleans or complex values, rounding quantities, reckoning with texts:
N1 defines none of these), in 246 only fhirpath.js (precision(), boundaries of quantities, `&` with numbers), and 83
give other results. All of those were read, and those of two earlier draws in part. Three things were ours to mend
and are mended: `hasValue()` of a quantity, a number added to a quantity, a calendar duration times a number. The
rest is JavaScript's binary numbers (0.03 / 0.03 is no Integer), `Quantity` as the name of FHIR's type before
System's, code not being string for `as`, as the official suite has it, calendar durations multiplied by each other,
comparing a number with a date (false in N1, empty there), and quantities that cannot be compared (empty in N1, false
there).
"""
SUITES = """## Suites

- **HL7 validator test cases**: github.com/FHIR/fhir-test-cases, commit 2dee8a0, 221 cases for R4 with the issues that
  the Java reference validator reports, for the file alone (base step) and by a structure (profile step). *Strict*
  cases are those in which no terminology server is involved. The structures and value sets that a case names are
  loaded as a package over R4. The record is the verdict of the reference validator as the suite's manifest sets it, so
  each case is judged as the manifest says, by the options of `conformance validate`: URLs below example.org allowed
  (`--allow example-urls`) but for `pat-example-extensions`, comments in JSON allowed in `json-comments-1-yes`
  (`--allow json-comments`), HTML in markdown refused in `bad-markdown-no-html` (`--refuse html-in-markdown`). One
  switch we do not have: `contained-resource-bad-id-ignore` leaves contained resources unjudged. One row shows the
  cases with the first of these options alone, another with `--refuse wrong-displays` besides, since the reference
  validator refuses these unless it is told otherwise.
  *Repetitions aside* means, for every case alike: a code outside a required value set, which the reference validator
  reports in two errors, is one fault; so is an element that is missing by a profile and by its base, a local reference
  that leads nowhere (ref-1), an extension without url; what each of several tried profiles said is no fault besides
  that none was met; its messages about reachability in documents, which count entries from 1, are read from 0; and an
  extension in a wrong context counts at the element on which it stands.
- **UK Core**: github.com/NHSDigital/FHIR-R4-UKCORE-STAGING-MAIN, commit 3d2827e, differentials only.
- **US Core 6.1.0**: the published package.
- **Constraint mutation**: for each min, max, fixed value, pattern, required binding, slice, closed slicing and
  invariant of every structure, an instance that is valid but for this one rule. It counts as refused only when the
  error names that rule and place.
- **Changed resources**: Synthea resources and UK Core examples with one random change (a value removed, renamed,
  doubled, emptied, of another type, out of range, a second choice, a foreign property), the same ones in every run;
  judged by us and by the reference validator (org.hl7.fhir.validation, from Maven) without a terminology server. Only
  originals that both accept are changed; the rows *as they are* show the originals themselves. A literal reference is
  changed only to an empty or padded text or a fragment that leads nowhere: beyond this the reference validator, set as
  its own suite sets it, does not judge references. *Set as the reference is set* means `--allow example-urls --refuse
  wrong-displays --refuse unknown-extensions`: it refuses both unless it is told otherwise.
- **Synthea**: 100 synthetic patients of Synthea 2.5.0 as the SMART bulk data server holds them, judged by R4 alone.
  Each resource is also put to the models of `fhir.resources` (R4B); one that they refuse and we accept would be a
  deviation.

The figures of peers are published or were measured on the same cases with their releases of 2026.
"""
_RIGHT = {
    "ours": "Ours is right",
    "theirs": "The reference is right",
    "neither": "Neither is right",
    "either": "The text allows both",
    "data": "The finding is right, the data is at fault",
}


def page(measured: Mapping[str, Measured], explanations: Explanations) -> str:
    """The whole page, as Markdown."""
    figures = {figure.row: (suite, figure) for suite in measured.values() for figure in suite.figures}
    parts = [HEAD, "## Figures\n", _table(figures, explanations), _legend(figures)]
    parts += [
        "## The ten hardest disagreements with the reference validator\n",
        *_hardest(figures, explanations),
    ]
    parts += ["## Every deviation\n", *_deviations(figures, explanations)]
    parts += ["## Rules that were not refused, and rules that could not be broken\n", *_mutations(measured)]
    parts += ["## What is not evaluated\n", *_not_evaluated(measured), *_excluded(measured), BEYOND, SUITES]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def counted(figure: Figure, explanations: Explanations) -> tuple[int, int]:
    """How many are right, and how many of those only by an explanation: refused data that really is wrong."""
    if figure.row not in ACCEPTING:
        return figure.good, 0
    by_explanation = 0
    for deviation in figure.deviations:
        found = explanations.of(figure.row, deviation)
        by_explanation += found is not None and found.right in {"data", "ours"}
    if figure.row == "synthea-small":
        return figure.good, 0
    return figure.good + by_explanation, by_explanation


def _table(figures: Mapping[str, tuple[Measured, Figure]], explanations: Explanations) -> str:
    lines = ["| suite | measure | best peer | wanted | ours |", "|---|---|---|---|---|"]
    for row in ROWS:
        wanted = "" if row.wanted is None else f"≥ {row.wanted:g} %" if row.wanted < 100 else "all"
        known = figures.get(row.key)
        ours = "not measured" if known is None else _ours(row, known[1], explanations)
        lines.append(f"| {row.suite} | {row.measure} | {row.best} | {wanted} | {ours} |")
    return "\n".join(lines)


def _ours(row: Row, figure: Figure, explanations: Explanations) -> str:
    good, by_explanation = counted(figure, explanations)
    share = 100 * good / figure.total if figure.total else 0.0
    text = f"**{share:.1f} %** ({good:,} of {figure.total:,})"
    if by_explanation:
        text += f"; {figure.good:,} accepted, {by_explanation:,} rightly refused"
    unexplained = 0
    if row.key not in LISTED:
        unexplained = sum(explanations.of(row.key, one) is None for one in figure.deviations)
    if figure.note:
        text += f"; {figure.note}"
    return text + (f"; {unexplained} unexplained" if unexplained else "")


def _legend(figures: Mapping[str, tuple[Measured, Figure]]) -> str:
    days: dict[str, set[str]] = {}
    for suite, _ in figures.values():
        days.setdefault(suite.day, set()).add(suite.suite)
    return (
        "\n"
        + " ".join(f"Measured {day}: {', '.join(sorted(names))}." for day, names in sorted(days.items()))
        + "\n"
    )


def _hardest(figures: Mapping[str, tuple[Measured, Figure]], explanations: Explanations) -> Iterator[str]:
    found: dict[str, tuple[Explanation, Deviation]] = {}
    for _, figure in figures.values():
        for deviation in figure.deviations:
            entry = explanations.of(figure.row, deviation)
            if entry is not None and entry.rank:
                found.setdefault(entry.case, (entry, deviation))
    ranked = sorted(found.values(), key=lambda pair: pair[0].rank)[:HARDEST]
    for number, (entry, deviation) in enumerate(ranked, start=1):
        yield f"{number}. **{_code(deviation.key)}** · {_RIGHT[entry.right]}. {entry.why}{_clause(entry)}"
        yield from _said(deviation, "    ")
    yield ""


def _deviations(figures: Mapping[str, tuple[Measured, Figure]], explanations: Explanations) -> Iterator[str]:
    shown: set[tuple[str, str]] = set()
    for row in ROWS:
        if row.key not in figures or row.key in LISTED:
            continue
        suite, figure = figures[row.key]
        about = suite.suite if row.key.startswith("hl7") else row.key
        fresh = [one for one in figure.deviations if (about, one.key) not in shown]
        shown.update((about, one.key) for one in fresh)
        if fresh:
            yield f"### {row.suite}: {row.measure}\n"
            yield from _grouped(row, fresh, explanations)
            yield ""


def _grouped(row: Row, deviations: list[Deviation], explanations: Explanations) -> Iterator[str]:
    """One entry for each explanation, with everything that it explains."""
    groups: dict[str, list[Deviation]] = {}
    for deviation in deviations:
        entry = explanations.of(row.key, deviation)
        words = "**unexplained**" if entry is None else f"{_RIGHT[entry.right]}. {entry.why}{_clause(entry)}"
        groups.setdefault(words, []).append(deviation)
    for words, found in groups.items():
        yield f"- {', '.join(map(_named, found))} · {words}"
        for deviation in found[:SAMPLES]:
            yield from _said(deviation, "  ")
        if len(found) > SAMPLES:
            yield f"  - and {len(found) - SAMPLES} more of the same kind"


def _named(deviation: Deviation) -> str:
    times = f" ({deviation.count:,} times)" if deviation.count > 1 else ""
    return _code(deviation.key) + times


def _said(deviation: Deviation, indent: str) -> Iterator[str]:
    for name, said in (("ours", deviation.ours), ("reference", deviation.theirs)):
        for line in said[:3]:
            place, _, words = line.partition(": ")
            yield f"{indent}- {name}: {_code(place)}: {_plain(words)}"
        if len(said) > 3:
            yield f"{indent}- {name}: and {len(said) - 3} more"


def _mutations(measured: Mapping[str, Measured]) -> Iterator[str]:
    for key in ("uk-core-mutation", "us-core-mutation"):
        if key not in measured:
            continue
        suite = measured[key]
        yield f"### {'UK Core' if key.startswith('uk') else 'US Core 6.1.0'}\n"
        for heading, lines in suite.lists.items():
            yield f"{heading[:1].upper()}{heading[1:]}:\n"
            yield from (f"- {_plain(line)}" for line in lines[:MOST_REASONS])
            if len(lines) > MOST_REASONS:
                yield f"- and {len(lines) - MOST_REASONS:,} reasons that are rarer"
            yield ""
        missed = [one for figure in suite.figures for one in figure.deviations]
        yield f"Missed ({len(missed)}):\n"
        yield from (f"- {_code(one.key)}: {_plain('; '.join(one.ours))}" for one in missed)
        yield ""


def _not_evaluated(measured: Mapping[str, Measured]) -> Iterator[str]:
    kinds = sorted({kind for suite in measured.values() for kind in suite.not_evaluated})
    suites = [suite for suite in measured.values() if suite.not_evaluated]
    yield "Rules that could not be judged are counted, never passed in silence; how often, by kind:\n"
    yield f"| suite | {' | '.join(kinds)} |"
    yield f"|---|{'---|' * len(kinds)}"
    for suite in suites:
        counts = Counter(suite.not_evaluated)
        yield f"| {suite.suite} | {' | '.join(f'{counts[kind]:,}' for kind in kinds)} |"
    yield ""
    for suite in measured.values():
        lines = suite.lists.get("not evaluated", ())
        if lines:
            yield f"Most frequent in {suite.suite}:\n"
            yield from (f"- {_plain(line)}" for line in lines[:12])
            yield ""


def _excluded(measured: Mapping[str, Measured]) -> Iterable[str]:
    names = measured["hl7"].lists.get("excluded", ()) if "hl7" in measured else ()
    if not names:
        return ()
    listed = ", ".join(_code(name) for name in names)
    words = "In these cases a terminology server has a part; they count only in the rows over all cases"
    return (f"## Cases left out of the strict rows ({len(names)})\n", f"{words}: {listed}.\n")


def _clause(entry: Explanation) -> str:
    return f" ({entry.clause})" if entry.clause else ""


def _code(text: str) -> str:
    return f"`{text}`"


def _plain(text: str) -> str:
    """Text of others as Markdown shows it literally, on one line."""
    return re.sub(r"([<>|*_`\[\]])", r"\\\1", " ".join(text.split()))
