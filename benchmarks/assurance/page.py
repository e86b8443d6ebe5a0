"""docs/assurance.md and docs/assurance.json, from what was measured."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.assurance.figures import FATES, UNHARMED, figures
from benchmarks.assurance.work import Work

Json = dict[str, Any]
INTRODUCTION = """\
# How much does the harness notice?

Three measurements of the harness itself. `python -m benchmarks.assurance` makes them; all figures are in
[assurance.json](assurance.json), with the requirements by which each was caught.

```sh
python -m benchmarks.assurance lies      # the lying proxy; goes on where it broke off; --shard 1/2 to share the work
python -m benchmarks.assurance faults    # the named faults of the reference supplier
python -m benchmarks.assurance alarms    # honest suppliers
python -m benchmarks.assurance write     # this page
```

`--only NAME` and `--sample N` take a part. Results are kept in `assurance-work.jsonl`: remove it to begin again.

How much of what is changed in our own judging code the tests notice, with the scores of each area and the survivors
that mean something, is told in [mutation.md](mutation.md).
"""
PROXY = """\
## The lying proxy

A proxy stands before the honest reference supplier and changes what passes, in one way at a time. Its lies were
invented from the specifications, by somebody who had read neither the checks nor the profiles nor the named faults, so
that they do not ask what the checks happen to look at. Each is a deterministic function in
[benchmarks/assurance/lies](../benchmarks/assurance/lies) with the clause that it breaks. A lie agrees with itself where
a supplier would see to that: exported files that leave something out are counted, and their digests taken, without it.

A lie is tried with the smallest profile that asks about its family and, while nothing binding fails, with larger ones.
What an honest supplier does not pass in both of two runs is not counted.

| word | meaning |
|---|---|
| killed | a requirement failed that binds as much as the clause that the lie breaks |
| warned | the clause is a SHALL, and only a SHOULD failed |
| noticed | nothing failed, but something binding no longer passes, or the run was refused: nobody gets PASSED by it |
| survived | all as with the honest supplier |
| idle | the lie never came into play: nothing asked for what it would have changed |
"""
PERMITTED = """\
## What the standards permit

The same proxy also deviates in ways that are allowed. Nothing may fail for it.
"""
ALARMS = """\
## Honest suppliers

Each seed draws another population and another suite of `nhs-anti-lock-in`. Whatever fails is a false alarm.
"""


def write(work: Work, docs: Path) -> None:
    """Write both files."""
    found = figures(work)
    (docs / "assurance.json").write_text(
        json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (docs / "assurance.md").write_text(page(found), encoding="utf-8")


def page(found: Json) -> str:
    """The page, in Markdown."""
    return "\n".join(
        [
            INTRODUCTION,
            *_lies(found),
            *_permitted(found),
            *_faults(found["faults"]),
            *_alarms(found["alarms"]),
        ]
    )


def _lies(found: Json) -> Iterator[str]:
    lies = found["lies"]
    yield PROXY
    yield f"{found['invented']['lies']} lies were invented, {len(lies)} of them tried.\n"
    yield _grid("family", found["byFamily"], FATES)
    yield _grid("level of the clause", found["byLevel"], FATES)
    pending = [one for one in lies if not one["wholeTried"]]
    if pending:
        yield f"{len(pending)} that came through were not yet tried with every profile of their family.\n"
    yield from _told("### Lies that nothing binding caught", [one for one in lies if one["fate"] != "killed"])


def _told(title: str, rows: list[Json]) -> Iterator[str]:
    """Each lie with what a person found out about it; those that nobody has looked at say so."""
    if not rows:
        return
    order = {"bug": 0, "": 1, "limit": 2}
    rows = sorted(rows, key=lambda one: order.get(one.get("note", {}).get("kind", ""), 1))
    yield title + "\n"
    for one in rows:
        note = one.get("note", {})
        what = f"**{note['kind']}**: {note['says']}" if note else "not yet looked at."
        caught = ", ".join((one["caughtBy"] or one["doubtedBy"])[:4])
        by = f" ({one['fate']} by {caught})" if caught else f" ({one['fate']})"
        yield f"- `{one['name']}`{by}, {one['level']}, [{_short(one['clause'])}]({one['clause']}). {one['says']}"
        yield f"  {what}{' To mend: ' + note['mend'] if note.get('mend') else ''}"
    yield ""


def _permitted(found: Json) -> Iterator[str]:
    rows = found["permitted"]
    yield PERMITTED
    yield f"{found['invented']['permitted']} were invented, {len(rows)} of them tried.\n"
    yield _grid("family", found["permittedByFamily"], UNHARMED)
    yield from _told(
        "### Permitted, and held against the supplier", [one for one in rows if one["fate"] != "unharmed"]
    )


def _faults(faults: Json) -> Iterator[str]:
    yield "## Named faults\n"
    yield f"{faults['named']} faults have names; {faults['tried']} were tried here, each with its requirement."
    yield "A requirement that the honest supplier of that profile fails too has caught nothing.\n"
    yield _grid("profile", faults["byProfile"], FATES)
    yield _grid("level", faults["byLevel"], FATES)
    if faults["survivors"]:
        yield "Not caught: " + ", ".join(f"`{name}`" for name in faults["survivors"]) + ".\n"


def _alarms(alarms: Json) -> Iterator[str]:
    runs = alarms["runs"]
    yield ALARMS
    yield f"{len(runs)} of {alarms['planned']} runs.\n"
    if not runs:
        return
    yield "| patients | runs | with a binding failure | with another failure | with something binding undecided |"
    yield "|---:|---:|---:|---:|---:|"
    for patients in sorted({run["patients"] for run in runs}):
        some = [run for run in runs if run["patients"] == patients]
        told = (
            sum(bool(run["failed"]["binding"]) for run in some),
            sum(bool(run["failed"]["other"]) for run in some),
        )
        yield f"| {patients} | {len(some)} | {told[0]} | {told[1]} | {sum(bool(run['undecided']) for run in some)} |"
    yield ""
    alarmed: dict[str, list[str]] = {}
    for run in runs:
        for name in [*run["failed"]["binding"], *run["failed"]["other"]]:
            alarmed.setdefault(name, []).append(f"seed {run['seed']} with {run['patients']}")
    for name, where in sorted(alarmed.items()):
        yield f"- `{name}` failed without a reason: {', '.join(where)}"
    yield ""


def _grid(title: str, rows: dict[str, dict[str, int]], fates: Iterable[str]) -> str:
    """A table of fates with a rate of those of the first kind."""
    used = [fate for fate in fates if any(fate in row for row in rows.values())]
    if not used:
        return ""
    lines = [
        f"| {title} | tried | {' | '.join(used)} | rate {used[0]} |",
        "|---|---:|" + "---:|" * (len(used) + 1),
    ]
    total = {fate: sum(row.get(fate, 0) for row in rows.values()) for fate in used}
    for name, row in [*rows.items(), ("**all**", total)]:
        every = sum(row.values())
        cells = " | ".join(str(row.get(fate, 0)) for fate in used)
        lines.append(f"| {name} | {every} | {cells} | {row.get(used[0], 0) / every:.0%} |")
    return "\n".join(lines) + "\n"


def _short(clause: str) -> str:
    return clause.partition("://")[2].partition("/")[2]
