"""The figures of a measurement, as plain data: what docs/assurance.json holds and the page shows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.assurance.alarms import ALARM
from benchmarks.assurance.alarms import every as every_pair
from benchmarks.assurance.catalogue import LIES
from benchmarks.assurance.named import FAULT
from benchmarks.assurance.named import every as every_fault
from benchmarks.assurance.trying import LIE, profiles_for
from benchmarks.assurance.work import Result, Work

FATES = ("killed", "warned", "noticed", "survived", "idle", "error")
UNHARMED = ("unharmed", "doubted", "warned", "failed", "error")
NOTES = Path(__file__).parent / "survivors.yaml"
Json = dict[str, Any]


def figures(work: Work) -> Json:
    """All that was measured, with what it comes to by family and level."""
    tried = work.of(LIE)
    lies = [_lie(name, tried[name], notes()) for name in LIES if name in tried and not LIES[name].allowed]
    allowed = [
        _permitted(name, tried[name], notes()) for name in LIES if name in tried and LIES[name].allowed
    ]
    faults = list(work.of(FAULT).values())
    alarms = list(work.of(ALARM).values())
    return {
        "invented": {
            "lies": sum(not one.allowed for one in LIES.values()),
            "permitted": sum(one.allowed for one in LIES.values()),
        },
        "lies": lies,
        "byFamily": _table(lies, "family", FATES),
        "byLevel": _table(lies, "level", FATES),
        "permitted": allowed,
        "permittedByFamily": _table(allowed, "family", UNHARMED),
        "faults": {
            "named": len(every_fault()),
            "tried": len(faults),
            "byProfile": _table(faults, "profile", FATES),
            "byLevel": _table(faults, "level", FATES),
            "caught": {
                one["name"]: one["caughtBy"] for one in sorted(faults, key=lambda one: str(one["name"]))
            },
            "survivors": sorted(one["name"] for one in faults if one["fate"] != "killed"),
        },
        "alarms": {
            "planned": len(every_pair()),
            "runs": [_alarm(one) for one in sorted(alarms, key=lambda one: (one["patients"], one["seed"]))],
        },
    }


def notes() -> Mapping[str, Json]:
    """What a person found out about each lie that was not killed: `kind` (bug or limit), `says`, `mend`."""
    kept = yaml.safe_load(NOTES.read_text(encoding="utf-8")) if NOTES.exists() else None
    return kept or {}


def _lie(name: str, result: Result, known: Mapping[str, Json]) -> Json:
    one = LIES[name]
    tries = result["attempts"]
    told: Json = {
        "name": name,
        "family": one.family,
        "level": one.level,
        "clause": one.clause,
        "says": one.says,
        "fate": result["fate"],
        "tried": [{"profile": t["profile"], "result": t["result"]} for t in tries],
        "caughtBy": sorted(
            {r for t in tries for level in ("binding", "other") for r in t["failed"].get(level, [])}
        ),
        "doubtedBy": sorted({r for t in tries for r in t["doubted"].get("binding", [])}),
        "wholeTried": len(tries) == len(profiles_for(one)) or result["fate"] == "killed",
    }
    noted = name in known and (one.allowed or result["fate"] != "killed")
    return {**told, **({"note": known[name]} if noted else {})}


def _permitted(name: str, result: Result, known: Mapping[str, Json]) -> Json:
    told = _lie(name, result, known)
    words = {
        "killed": "failed",
        "warned": "warned",
        "noticed": "doubted",
        "survived": "unharmed",
        "idle": "unharmed",
    }
    return {**told, "fate": words.get(told["fate"], told["fate"])}


def _alarm(result: Result) -> Json:
    return {
        name: result[name]
        for name in ("seed", "patients", "result", "failed", "why", "undecided", "counts", "refused")
    }


def _table(rows: Iterable[Json], by: str, fates: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """How many there are of each fate, by another member; in the order in which they come."""
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        counted.setdefault(str(row[by]), Counter())[row["fate"]] += 1
    return {name: {fate: count[fate] for fate in fates if count[fate]} for name, count in counted.items()}
