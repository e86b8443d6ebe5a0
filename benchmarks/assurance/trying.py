"""Trying lies: with the first profile of the family, then, where a lie came through, with the next ones."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.assurance.catalogue import PROFILES
from benchmarks.assurance.lie import Lie
from benchmarks.assurance.outcomes import Attempt, Outcomes, attempt, lost
from benchmarks.assurance.proxy import LyingProxy
from benchmarks.assurance.supplier import Supplier
from benchmarks.assurance.work import Result, Work

PATIENTS = 50
"""With fewer, some requirements find too little data and are untested, and a lie could not be seen by them."""
TOKEN_PROFILE = "smart-backend-services"
TOKEN_SECONDS = 12
"""So that the wait for the end of a token's time, which one profile does, is short."""
HONEST = "honest"
LIE = "lie"
HONEST_RUNS = 2
FINDINGS_KEPT = 6
DOUBTS = ("inconclusive", "untested")


@contextmanager
def supplier(patients: int = PATIENTS) -> Iterator[Supplier]:
    """A supplier to try lies with, and its folder for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="assurance-") as place:
        made = Supplier(Path(place), patients)
        try:
            yield made
        finally:
            made.stop()


def try_lies(lies: Sequence[Lie], work: Work, tell: Any = print) -> None:
    """Try each lie with the first profile of its family, then those that came through with the next, and so on.

    What the work file has already is not tried again.
    """
    with supplier() as here:
        for number_of_profiles in (1, 2, 3):
            left = [one for one in lies if _next_profile(one, work, number_of_profiles)]
            for number, one in enumerate(left, 1):
                profile = _next_profile(one, work, number_of_profiles)
                if not profile:  # another process was quicker
                    continue
                result = try_one(one, profile, here, work)
                tell(f"{number_of_profiles}: {number}/{len(left)} {one.name}: {result['fate']}")


def _next_profile(one: Lie, work: Work, most: int) -> str:
    """The profile with which a lie is still to be tried, or nothing."""
    known = work.of(LIE).get(one.name)
    if known is None:
        return profiles_for(one)[0]
    tried = [one_try["profile"] for one_try in known["attempts"]]
    left = [profile for profile in profiles_for(one)[:most] if profile not in tried]
    return left[0] if left and known["fate"] not in ("killed", "error") else ""


def profiles_for(one: Lie) -> list[str]:
    """The profiles with which a lie is tried, one after the other, until something binding fails."""
    return list(PROFILES[one.family])


def try_one(one: Lie, profile: str, here: Supplier, work: Work) -> Result:
    """Try a lie with a profile, and keep what it comes to together with earlier tries."""
    honest = honest_outcomes(profile, here, work)
    made, proxy = _attempt(profile, one, here)
    before = work.of(LIE).get(one.name, {"attempts": []})["attempts"]
    attempts = [*before, _compared(profile, honest, made, proxy)]
    result = {"fate": fate(one, attempts), "attempts": attempts}
    work.add(LIE, one.name, result)
    return result


def honest_outcomes(profile: str, here: Supplier, work: Work) -> Outcomes:
    """What an honest supplier comes to: passes are those of all its runs, so that luck decides nothing."""
    known = work.of(HONEST).get(profile)
    if known is None:
        runs = [_attempt(profile, None, here)[0].outcomes for _ in range(HONEST_RUNS)]
        kept = {
            name: (binds, outcome if all(run[name][1] == outcome for run in runs) else "differs")
            for name, (binds, outcome) in runs[0].items()
        }
        known = {"outcomes": kept}
        work.add(HONEST, profile, known)
    return {name: (bool(binds), str(outcome)) for name, (binds, outcome) in known["outcomes"].items()}


def _attempt(profile: str, one: Lie | None, here: Supplier) -> tuple[Attempt, LyingProxy]:
    seconds = one.token_seconds if one else 0
    seconds = seconds or (TOKEN_SECONDS if profile == TOKEN_PROFILE else 60)
    with here.behind(one, token_seconds=seconds) as (target, proxy):
        return attempt(target, profile), proxy


def _compared(profile: str, honest: Outcomes, made: Attempt, proxy: LyingProxy) -> Result:
    doubted: dict[str, list[str]] = {"binding": [], "other": []}
    for outcome in DOUBTS:
        for level, names in lost(honest, made.outcomes, outcome).items():
            doubted[level] += names
    return {
        "profile": profile,
        "result": made.result,
        "failed": lost(honest, made.outcomes, "fail"),
        "doubted": {} if made.refused else doubted,
        "why": dict(sorted(made.why.items())[:FINDINGS_KEPT]),
        "refused": made.refused,
        "touched": proxy.touched,
        "crashes": proxy.crashes[:3],
        "seconds": made.seconds,
    }


def fate(one: Lie, attempts: Sequence[Result]) -> str:
    """What became of a lie.

    killed: a requirement failed that binds as much as the lie's clause. warned: only a lesser one did. noticed: nothing
    failed, but something binding no longer passes, or the run was refused. survived: all as if it were honest. idle: it
    never came into play. error: the lie itself crashed.
    """
    if any(one_try["crashes"] for one_try in attempts):
        return "error"
    binding = any(one_try["failed"].get("binding") for one_try in attempts)
    other = any(one_try["failed"].get("other") for one_try in attempts)
    if binding or (other and one.level != "SHALL"):
        return "killed" if not one.allowed or binding else "warned"
    if other:
        return "warned"
    if any(one_try["refused"] or one_try["doubted"].get("binding") for one_try in attempts):
        return "noticed"
    return "survived" if any(one_try["touched"] for one_try in attempts) else "idle"
