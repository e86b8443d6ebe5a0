"""Fit: whether a run was made as a tender pack says, item by item. What is not said to fit does not count."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.model.base import canonical, sha256
from conformance.model.limit_text import in_short
from conformance.model.packages import PackagePin
from conformance.model.predicate import instant
from conformance.model.profile import Profile
from conformance.model.report import RunnerRole, Tool
from conformance.model.suite import Template
from conformance.model.target import TargetCard
from conformance.model.tender import Misfit, Tender, TenderProfile

A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Measured:
    """A run, or one about to begin, in what a pack fixes. `finished` is now where it has not begun."""

    profile: Profile
    templates: Sequence[Template]
    parameters: Mapping[str, Any]
    overrides: Sequence[str]
    only: Sequence[str]
    packages: Sequence[PackagePin]
    as_of: dt.date
    target: TargetCard
    role: RunnerRole
    tool: Tool
    started: str
    finished: str
    waived: Sequence[str] = ()


def fit(pack: Tender, run: Measured) -> tuple[Misfit, ...]:
    """Everything in which the run is not what the pack fixes; empty where it counts."""
    wanted = pack.named(run.profile.profile)
    if wanted is None:
        known = ", ".join(one.label for one in pack.profiles)
        return (Misfit(item="profile", has=run.profile.label, wants=known),)
    return tuple(
        Misfit(item=item, has=has, wants=wants)
        for item, has, wants in (*_asked(wanted, run), *_around(pack, run))
        if has != wants
    )


def drawn(templates: Sequence[Template]) -> str:
    """The SHA-256 over a suite's cases with all that was drawn for them."""
    return sha256(canonical([template.plain() for template in templates]))


def _asked(wanted: TenderProfile, run: Measured) -> Iterator[tuple[str, str, str]]:
    """What was asked of the product, each item with what the run has and the pack wants."""
    yield "profile version", run.profile.version, wanted.version
    yield "profile (SHA-256)", sha256(run.profile.canonical()), wanted.digest
    yield "drawn cases (SHA-256)", drawn(run.templates), wanted.suite
    for name in sorted({*run.parameters, *wanted.parameters}):
        yield f"parameter {name}", in_short(run.parameters, name), in_short(wanted.parameters, name)
    yield "parameters set", ", ".join(sorted(run.overrides)), ", ".join(sorted(wanted.overrides))
    yield "limited to", ", ".join(run.only), ""
    yield "FHIR packages", _packages(run.packages), _packages(wanted.packages)


def _around(pack: Tender, run: Measured) -> Iterator[tuple[str, str, str]]:
    """The circumstances."""
    yield "judged as of", str(run.as_of), str(pack.as_of)
    yield "phase", str(run.target.phase), str(pack.phase)
    yield "tool", f"{run.tool.name} {run.tool.version}", f"{pack.tool.name} {pack.tool.version}"
    yield "tool (SHA-256)", run.tool.digest, pack.tool.digest
    yield "waived", ", ".join(sorted(run.waived)), ""
    if run.role not in pack.roles:
        yield "run by", str(run.role), " or ".join(pack.roles)
    for member in ("supplier", "product", "version"):
        if not getattr(run.target, member).strip():
            yield f"{member} in the target file", "", "a name: a bid is for something"
    if instant(run.started) < instant(pack.made_at) - A_DAY:
        yield "begun", run.started, f"after the pack was made, {pack.made_at}"
    if run.role is RunnerRole.SUPPLIER and instant(run.finished).date() > pack.opens:
        yield (
            "ended",
            run.finished,
            f"a supplier's own test by {pack.opens}, the day on which bids are opened",
        )


def _packages(pins: Sequence[PackagePin]) -> str:
    return ", ".join(sorted(f"{pin.label} {pin.sha256 or 'lacking'}" for pin in pins))
