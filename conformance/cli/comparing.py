"""`conformance compare` and `conformance diff`: verify every report first, then set them side by side."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.model.attestation import EXIT_DEMANDS_NOT_MET
from conformance.model.comparison import Comparison, Decision, TenderNote, Weights
from conformance.model.trust import Trust
from conformance.outside import decisions, private_files, trust
from conformance.session.relying import NotAsAsked, relied_on
from conformance.session.tenders.deciding import read_decisions
from conformance.session.tenders.reading import Pack, trusted_pack
from conformance.session.verifying import reader
from conformance.stages.compare import changes, compare
from conformance.views import kinds
from conformance.views.comparison_page import comparison_page
from conformance.views.comparison_pdf import comparison_pdf
from conformance.views.comparison_sheet import comparison_sheet
from conformance.views.comparison_table import changes_table, comparison_table
from conformance.views.json_report import as_json

_READABLE = 0o644
WRITERS: dict[str, Callable[[Comparison], bytes]] = {
    ".html": lambda found: comparison_page(found).encode(),
    ".json": lambda found: as_json(found).encode(),
    ".xlsx": comparison_sheet,
    ".pdf": comparison_pdf,
}


@dataclass(frozen=True)
class Counting:
    """What counts in a comparison, as it was given: a signed pack and signed decisions, or plain files."""

    weights: Path | None
    equivalences: Path | None
    tender: Path | None
    decisions: tuple[Path, ...]


def compare_bids(
    paths: Sequence[Path],
    counting: Counting,
    out: Sequence[Path],
    trust_file: Path | None,
    packages: Sequence[str],
    show: Show,
) -> int:
    """Compare bids; 0 if they are comparable, 3 if not. Raises NotAuthentic, NotAsAsked and UsageError."""
    for path in out:
        if path.suffix.lower() not in WRITERS:
            raise UsageError(f"{path}: --out writes {', '.join(WRITERS)}", hint="Give a name that ends so.")
        if path.suffix.lower() == ".pdf":
            kinds.chosen("pdf")
    by, now = reader(trust_file or trust.default_path()), dt.datetime.now(dt.UTC)
    pack, weights, accepted = _counting(counting, by.trust, now)
    found = [relied_on(path, "compared", by, now, packages, pack) for path in paths]
    against = [f"  {path}: {why}" for path, (_, told) in zip(paths, found, strict=True) for why in told]
    if against:
        raise NotAsAsked(
            "not compared, since not every report counts:\n" + "\n".join(against),
            hint="`conformance verify RUN` shows each alone; `conformance tender show` what a pack asks.",
        )
    reports = [verified for verified, _ in found]
    made = compare(reports, weights, accepted, None if pack is None else _note(pack))
    for path in out:
        try:
            private_files.replace(path, WRITERS[path.suffix.lower()](made), mode=_READABLE)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    show.data(made, comparison_table(made))
    for path in out:
        show.say(f"\nWritten: {path}")
    return 0 if made.comparable else EXIT_DEMANDS_NOT_MET


def compare_tests(old: Path, new: Path, trust_file: Path | None, packages: Sequence[str], show: Show) -> int:
    """Show what changed between two reports, though one has expired or was superseded. Raises NotAuthentic."""
    by, now = reader(trust_file or trust.default_path()), dt.datetime.now(dt.UTC)
    earlier, later = (relied_on(path, "compared", by, now, packages, None) for path in (old, new))
    found = changes(earlier[0], later[0])
    for path, (_, told) in ((old, earlier), (new, later)):
        for why in told:
            show.say(f"note: {path}: {why}")
    show.data(found, changes_table(found))
    return 0


def _counting(
    counting: Counting, trusted: Trust, now: dt.datetime
) -> tuple[Pack | None, Weights | None, tuple[Decision, ...]]:
    """The pack, the weights and the decisions that count: with a pack, nothing that it did not settle."""
    if counting.tender is None:
        if counting.decisions:
            raise UsageError(
                "a signed decision belongs to a tender pack: give that with --tender",
                hint="Decisions in a plain YAML file go with --equivalences.",
            )
        plain = decisions.equivalences(counting.equivalences) if counting.equivalences else ()
        weights = decisions.weights(counting.weights) if counting.weights else None
        return None, weights, tuple(Decision(what=what) for what in plain)
    if counting.weights or counting.equivalences:
        option = "--weights" if counting.weights else "--equivalences"
        raise UsageError(
            f"the tender pack settles what counts: leave out {option}",
            hint="Points stand in the pack; decisions are signed with `conformance tender decide`.",
        )
    pack = trusted_pack(counting.tender, trusted, now)
    return pack, pack.tender.weights, read_decisions(counting.decisions, pack, trusted, now)


def _note(pack: Pack) -> TenderNote:
    return TenderNote(
        title=pack.tender.title,
        buyer=pack.tender.buyer,
        reference=pack.tender.reference,
        opens=pack.tender.opens,
        digest=pack.digest,
        signers=pack.signers.names,
    )
