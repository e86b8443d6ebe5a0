"""Showing profiles and faults."""

from typing import TYPE_CHECKING

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.errors import UnknownName
from conformance.outside.places import shipped_profiles
from conformance.reference.faults.fault import Fault
from conformance.reference.faults.table import FAULT_NAMED, FAULTS
from conformance.reference.worlds.table import world_of
from conformance.session.gallery import gallery
from conformance.session.suites import profile_named
from conformance.views import terminal

if TYPE_CHECKING:
    from conformance.model.profile import Profile


def show_profiles(show: Show) -> int:
    """List the shipped profiles by who needs them."""
    shown = gallery()
    found = [profile_named(str(path), installed()) for path in shipped_profiles()]
    groups: dict[str, list[Profile]] = {audience.title: [] for audience in shown.audiences}
    for profile in found:
        audience = shown.audience_of(profile.profile)
        groups.setdefault(audience.title if audience else "Others", []).append(profile)
    rows = [
        {
            "profile": p.profile,
            "version": p.version,
            "title": p.title,
            "status": p.status,
            "extends": [reference.profile for reference in p.extends],
            "requirements": len(p.requirements),
            "neededBy": title,
        }
        for title, several in groups.items()
        for p in several
    ]
    show.data(rows, terminal.profiles(groups))
    show.say("\nWhich of them belong into a tender: conformance advise")
    return 0


def show_profile(name: str, show: Show) -> int:
    """Show one profile, resolved."""
    profile = profile_named(name, installed())
    show.data(profile, terminal.requirements(profile))
    return 0


def show_faults(profile: str, show: Show) -> int:
    """List the named faults of the reference supplier."""
    known = {fault.profile for fault in FAULTS}
    if profile and profile not in known:
        raise UnknownName("profile with named faults", profile, known)
    found = [fault for fault in FAULTS if profile in {"", fault.profile}]
    rows = [
        {name: getattr(f, name) for name in ("name", "profile", "requirement", "level", "summary")}
        | {"world": world_of(f.profile).name}
        for f in found
    ]
    show.data(rows, terminal.faults((f.name, f"{f.requirement} ({f.level}): {f.summary}") for f in found))
    return 0


def fault_named(name: str) -> Fault:
    """The fault of that name. Raises UnknownName with the closest known one."""
    if name not in FAULT_NAMED:
        raise UnknownName("fault", name, FAULT_NAMED)
    return FAULT_NAMED[name]
