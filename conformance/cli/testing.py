"""Running and replaying: from a command's options to a run, and from a run to what is shown of it."""

import datetime as dt
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from conformance.catalog import built_in, installed
from conformance.cli.choosing import cases_to_try, refuse_parts
from conformance.cli.gating import FailFast, baseline, fail_on, in_words
from conformance.cli.passwords import asked, from_file
from conformance.cli.show import Show
from conformance.errors import UnknownName, UsageError
from conformance.model.baseline import Gated
from conformance.model.dsse import NotAnEnvelope, read_envelope
from conformance.model.report import Report, Result, Runner, RunnerRole
from conformance.model.target import Target
from conformance.outside import keys
from conformance.outside.folders import ENVELOPE, REPORT, VIEWS
from conformance.outside.stored_run import StoredRun, opened
from conformance.outside.target_file import read_target, target_at
from conformance.outside.waivers import waivers
from conformance.session.conduct import Finished, Order, conduct, resume
from conformance.session.order import Terms
from conformance.session.publishing import Signing
from conformance.session.replay import replay
from conformance.session.suites import DEFAULT_SEED
from conformance.session.tenders.reading import Pack
from conformance.stages.gate import gate
from conformance.views import minimised, terminal
from conformance.views.kinds import KINDS, chosen
from conformance.views.signature import UNSIGNED, SignatureNote

EXIT = {Result.PASSED: 0, Result.FAILED: 1, Result.INCONCLUSIVE: 4, Result.NOT_TESTED: 5}


@dataclass(frozen=True)
class Wish:
    """The options of `conformance run` as they were given."""

    profile: str
    target: Path | None
    url: str
    out: Path | None
    resume: Path | None
    key: str
    password_file: Path | None
    allow_unencrypted_key: bool
    role: str
    name: str
    organisation: str
    presets: tuple[str, ...]
    settings: tuple[str, ...]
    only: tuple[str, ...]
    packages: tuple[str, ...]
    seed: int | None
    as_of: str
    minimise: bool
    views: str
    fail_on: str = "inconclusive"
    baseline: Path | None = None
    fail_fast: bool = False
    earlier: Path | None = None
    shard: str = ""
    changed_since: str = ""
    terms: Terms = field(default_factory=Terms)
    waivers: Path | None = None
    tender: Pack | None = None


def test(wish: Wish, show: Show) -> int:
    """Test a product, show the verdict, and return the exit code."""
    if not wish.profile and wish.resume is None:
        raise UsageError(
            "which profile? `conformance run PROFILE --target target.yaml`",
            hint="`conformance profiles list` shows the profiles that come with the harness.",
        )
    if wish.profile and wish.resume is not None:
        raise UsageError("--resume goes on with the profile of the broken run: name no other one")
    views = chosen(wish.views)
    choosing = wish.only or wish.shard or wish.changed_since or wish.baseline or wish.fail_fast
    if choosing and wish.resume is not None:
        raise UsageError(
            "--resume goes on with all that the broken run was to try: leave out what chooses or gates"
        )
    target, folder = chosen_target(wish.target, wish.url)
    refuse_parts(wish.shard, target)
    catalog = installed()
    what, known = fail_on(wish.fail_on), baseline(wish.baseline, wish.profile, catalog)
    runner = Runner(role=role_named(wish.role), name=wish.name, organisation=wish.organisation)
    order = Order(
        profile=wish.profile,
        target=target,
        folder=folder,
        out=wish.resume or wish.out or default_folder(wish.profile),
        as_of=day(wish.as_of),
        seed=DEFAULT_SEED if wish.seed is None else wish.seed,
        overrides=dict(_setting(text) for text in wish.settings),
        presets=wish.presets,
        only=cases_to_try(
            wish.profile, wish.only, wish.earlier, wish.shard, wish.changed_since, wish.seed, catalog
        ),
        packages=wish.packages,
        runner=runner,
        terms=wish.terms,
        waivers=None if wish.waivers is None else waivers(wish.waivers),
        signing=_signing(wish, runner.role),
        views=views,
        tender=wish.tender,
    )
    go = resume if wish.resume else conduct
    with closing(show.progress()) as progress:
        watched = FailFast(order, catalog, progress) if wish.fail_fast else progress
        finished = go(order, catalog, watched)
    gated = gate(finished.report, known, what)
    closed(finished, order, show, gated)
    if said := in_words(gated, known):
        show.say(said)
    if wish.minimise:
        place = finished.folder.path
        look_for_smaller(finished.folder, finished.report, (target, folder), beside(place), show)
    return gated.code


def beside(run: Path) -> Path:
    """Where the smaller cases that fail go: a folder of their own, since they are no part of the run."""
    return run.with_name(f"{run.resolve().name}-minimised")


def look_for_smaller(
    run: StoredRun, report: Report, target: tuple[Target, Path], out: Path, show: Show
) -> None:
    """Look for smaller cases that fail alike, and show them."""
    from conformance.session.minimise import Wanted, minimise

    verdicts = tuple(verdict for result in report.requirements for verdict in result.verdicts)
    wanted = Wanted(run.suite(), verdicts, *target, out)
    with closing(show.progress()) as progress:
        appendix = minimise(wanted, installed(), progress)
    show.also(minimised.minimised(appendix, str(out)))


def closed(finished: Finished, order: Order, show: Show, gated: Gated | None = None) -> int:
    """Show what a run came to, where its report is, and, as data, what it means for a build."""
    show.data(
        {
            "folder": str(finished.folder.path),
            "bundle": str(finished.bundle),
            "signed": order.signing is not None,
            "report": finished.report,
            "record": finished.record,
            **({"gate": gated} if gated else {}),
        },
        terminal.whole(finished.report, finished.record, note(order.signing), str(finished.folder.path)),
    )
    main = f"{VIEWS}/{KINDS['html'].file}" if "html" in order.views else REPORT
    show.say(f"\nReport: {finished.folder.path / main}\nAll in one file: {finished.bundle}")
    if finished.record.left_behind:
        stays = ", ".join(finished.record.left_behind)
        show.say(f"Left on the target, because it would not be deleted: {stays}")
    return exit_code(finished.report)


def judge_anew(
    path: Path,
    only: tuple[str, ...],
    packages: tuple[str, ...],
    show: Show,
    smaller: tuple[Path | None, Path | None] | None,
) -> int:
    """Judge a finished run anew, show the verdict, and say whether it is the one that was recorded.

    `smaller` asks for smaller cases that fail alike: the target file, and the folder for them.
    """
    with opened(path) as folder:
        catalog = built_in() if not folder.suite().plugins else installed()
        again = replay(folder, catalog, only, packages)
        record, signature = folder.record(), claimed_signature(folder)
        same = only or again.report == folder.report()
        if smaller is not None:
            file, out = smaller
            look_for_smaller(folder, again.report, chosen_target(file, ""), out or beside(path), show)
    show.data(
        {
            "report": again.report,
            "judged": again.judged,
            "onWord": list(again.on_word),
            "onPackages": list(again.by_packages),
            "asRecorded": bool(same),
        },
        terminal.whole(again.report, record, signature, str(path)),
    )
    if not same:
        show.say("This is not what the run's report.json says.")
    if again.on_word:
        show.say(f"{len(again.on_word)} verdicts rest on the tester's word: their evidence was not kept.")
    if again.by_packages:
        show.say(
            f"{len(again.by_packages)} verdicts could not be judged anew: they rest on FHIR packages that are not"
            f" here as the suite pins them ({', '.join(again.missing)}). Give them with --package."
        )
    return exit_code(again.report)


def claimed_signature(folder: StoredRun) -> SignatureNote:
    """What the run's envelope says of who signed it. Only `verify` finds out whether that is so."""
    if not folder.has(ENVELOPE):
        return UNSIGNED
    try:
        signatures = read_envelope(folder.read(ENVELOPE)).signatures
    except NotAnEnvelope:
        return UNSIGNED
    return SignatureNote(signed=True, key_id=signatures[0].keyid, role=folder.record().runner.role)


def exit_code(report: Report) -> int:
    """0 passed, 1 failed, 4 inconclusive, 5 nothing was tested."""
    return EXIT[report.result]


def note(signing: Signing | None) -> SignatureNote:
    """What the views say about the signature."""
    if signing is None:
        return UNSIGNED
    return SignatureNote(signed=True, key_id=signing.signer.keyid, role=signing.role)


def chosen_target(path: Path | None, url: str) -> tuple[Target, Path]:
    """The target that was named by file or URL, and the folder that its relative paths start from."""
    if (path is None) == (not url):
        raise UsageError(
            "name the target either with --target target.yaml or with --url URL",
            hint="`conformance demo` needs neither: it tests the embedded reference supplier.",
        )
    if path is not None:
        return read_target(path), path.resolve().parent
    return target_at(url), Path.cwd()


def default_folder(profile: str) -> Path:
    """Where a report goes unless told otherwise."""
    return Path("reports") / f"{Path(profile).stem}-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}"


def _signing(wish: Wish, role: RunnerRole) -> Signing | None:
    if not wish.key:
        return None
    password = from_file(wish.password_file, asked)
    return Signing(keys.load(wish.key, password, allow_unencrypted=wish.allow_unencrypted_key), role)


def role_named(name: str) -> RunnerRole:
    """The role of this name. Raises UnknownName."""
    try:
        return RunnerRole(name)
    except ValueError:
        raise UnknownName("role", name, [role.value for role in RunnerRole]) from None


def day(text: str) -> dt.date:
    """The day that dates are judged at: today, where none is given. Raises UsageError."""
    if not text:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of is to be a day, as in 2026-11-22, not {text!r}") from None


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"--set is to be NAME=VALUE, not {text!r}")
    return name, value
