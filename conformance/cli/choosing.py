"""Which cases a run tries: those named, those that failed before, one part of several, those that changed."""

from pathlib import Path

from conformance.catalog import Catalog
from conformance.errors import NothingToTest, UsageError
from conformance.model.target import DataClass, Target
from conformance.model.verdict import Outcome
from conformance.outside.stored_run import opened
from conformance.session.changes import changed_since, older_suite
from conformance.session.sharding import shard
from conformance.session.suites import DEFAULT_SEED, profile_named, suite_of

FAILED = "failed"


def cases_to_try(
    profile: str,
    only: tuple[str, ...],
    earlier: Path | None,
    part: str,
    since: str,
    seed: int | None,
    catalog: Catalog,
) -> tuple[str, ...]:
    """The requirements and cases to try, by id; all where it is empty. Raises UsageError, NothingToTest."""
    if len([given for given in (only, part, since) if given]) > 1:
        raise UsageError("--only, --shard and --changed-since each choose what is tested: give one of them")
    if (FAILED in only) != (earlier is not None):
        raise UsageError(
            "--only failed goes with --earlier RUN, which names the run whose failures are tried again"
        )
    if earlier is not None:
        return _failed_in(earlier, profile, catalog)
    if not part and not since:
        return only
    suite = suite_of(profile_named(profile, catalog), DEFAULT_SEED if seed is None else seed, catalog)
    if part:
        number, _, of = part.partition("/")
        given = (int(number), int(of)) if number.isdecimal() and of.isdecimal() else (0, 0)
        ids = shard(suite, *given)
        if not ids:
            raise NothingToTest(f"part {part} of {profile} is empty: it has fewer cases than that")
        return ids
    tried = {template.requirement for template in suite.templates}
    changed = tuple(name for name in changed_since(older_suite(since, catalog), suite) if name in tried)
    if not changed:
        raise NothingToTest(
            f"nothing that is tested changed in {profile} since {since}: there is nothing to test"
        )
    return changed


def refuse_parts(part: str, target: Target) -> None:
    """Raise UsageError where a run in parts could not be brought together again."""
    if part and target.data_class is not DataClass.SYNTHETIC:
        raise UsageError(
            "--shard is for synthetic data: of data about people no evidence is kept, so parts cannot be merged",
            hint="If no real person's data is there, say so in the target file: dataClass: synthetic.",
        )


def _failed_in(run: Path, profile: str, catalog: Catalog) -> tuple[str, ...]:
    with opened(run) as stored:
        report = stored.report()
    name = profile_named(profile, catalog).profile
    if report.profile.profile != name:
        raise UsageError(f"the run in {run} is of the profile {report.profile.profile}, not of {name}")
    failed = tuple(r.id for r in report.at(Outcome.FAIL) if r.verdicts)
    if not failed:
        raise NothingToTest(f"nothing failed in {run}: there is nothing to try again")
    return failed
