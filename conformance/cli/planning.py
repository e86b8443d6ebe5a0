"""Drawing suites, and keeping the shipped ones true."""

from pathlib import Path

from conformance.catalog import built_in, installed
from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.outside.places import ProfileLibrary, shipped
from conformance.outside.whole_files import write_whole
from conformance.session.suites import DEFAULT_SEED, drawn, profile_named, true_to


def draw(name: str, seed: int | None, out: Path | None, show: Show) -> int:
    """Draw a profile's suite; write it to a file or show what it holds."""
    if not name:
        raise UsageError("which profile? `conformance plan PROFILE`")
    suite = drawn(profile_named(name, installed()), DEFAULT_SEED if seed is None else seed, installed())
    if out is not None:
        _write(out, suite.canonical())
    show.data(suite, f"{suite.profile.label}: {len(suite.templates)} cases, seed {suite.seed}")
    if out is not None:
        show.say(f"Written to {out}")
    return 0


def shipped_suites(name: str, show: Show, *, write: bool) -> int:
    """Check that each shipped suite is what its profile comes to, or write it so. 1 where one is not."""
    stale = []
    for profile in [name] if name else sorted(ProfileLibrary().names()):
        path = shipped("suites") / f"{profile}.json"
        suite = drawn(profile_named(profile, built_in()), DEFAULT_SEED, built_in())
        if write:
            _write(path, suite.canonical())
        elif not path.is_file() or not true_to(path.read_bytes(), suite):
            stale.append(profile)
    said = [f"suites/{profile}.json is not what the profile comes to" for profile in stale]
    show.data({"stale": stale}, *said or ["The shipped suites are what their profiles come to."])
    if stale:
        show.say("Mend it: conformance plan --write")
    return 1 if stale else 0


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}",
            hint="Name a file in a folder that you may write to.",
        ) from error
