"""Register: what verified reports, and what was said of them, come to for each product at one moment.

A pass counts only while it stands: not expired, not superseded, not measured again by the same tester since, not
disputed, of a profile that is known to be its publisher's, with the profile's own limits, and judged anew here.
A failure that stands next to a pass keeps the profile from being called passed, whoever tested.
"""

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from conformance.model.base import sha256
from conformance.model.predicate import instant
from conformance.model.register import (
    Entry,
    Listed,
    Product,
    ProfileLine,
    Refusal,
    Register,
    Standing,
    Version,
)
from conformance.model.report import Result

_WORST_FIRST = (Result.FAILED, Result.INCONCLUSIVE, Result.NOT_TESTED, Result.PASSED)
_LONGEST_NAME = 40


def register(
    entries: Iterable[Entry],
    refused: Iterable[Refusal],
    now: dt.datetime,
    *,
    title: str,
    url: str = "",
) -> Register:
    """The register of these reports at this moment; each report is listed once, however often it was handed in."""
    grouped = defaultdict(list)
    for entry in _distinct(entries):
        grouped[_product_key(entry)].append(entry)
    products = [_product(group, now) for group in grouped.values()]
    return Register(
        title=title,
        url=url,
        built_at=now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        products=tuple(
            sorted(products, key=lambda it: (it.demonstration, _folded(it.product), it.supplier, it.id))
        ),
        refused=tuple(sorted(refused, key=lambda it: (it.place, it.why))),
    )


def _distinct(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Each report once, with all that was said of it beside any of its copies: no copy leaves a dispute behind."""
    copies = defaultdict(list)
    for entry in entries:
        copies[entry.payload].append(entry)
    for same in copies.values():
        chosen = min(same, key=lambda entry: (-len(entry.signers), entry.place, entry.id))
        said = {one.canonical(): one for entry in same for one in entry.beside}
        yield chosen.model_copy(update={"beside": tuple(said[key] for key in sorted(said))})


def _product_key(entry: Entry) -> tuple[bool, str, str]:
    """Names that differ in case, spaces or form only are one product: nobody leaves a failure behind by spelling."""
    card = entry.target
    return card.embedded, _folded(card.supplier), _folded(card.product or card.endpoint)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _product(entries: Sequence[Entry], now: dt.datetime) -> Product:
    newest = max(entries, key=_when)
    versions = defaultdict(list)
    for entry in entries:
        versions[_folded(entry.target.version)].append(entry)
    card = newest.target
    name = card.product or card.endpoint
    return Product(
        id=_slug(name, _product_key(newest)),
        supplier=card.supplier,
        product=name,
        demonstration=card.embedded,
        versions=tuple(
            _version(versions[key], now)
            for key in sorted(versions, key=lambda key: max(map(_when, versions[key])), reverse=True)
        ),
    )


def _slug(name: str, key: tuple[bool, str, str]) -> str:
    """A file's name that is readable, and no other product's."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return "-".join([*words, sha256(repr(key).encode())[:8]])[-_LONGEST_NAME:].lstrip("-")


def _version(entries: Sequence[Entry], now: dt.datetime) -> Version:
    newest = {_measured(entry): entry for entry in sorted(entries, key=_when)}
    listed = [
        _listed(entry, newest[_measured(entry)], now) for entry in sorted(entries, key=_when, reverse=True)
    ]
    standing = defaultdict(list)
    for one in listed:
        if one.standing is Standing.CURRENT:
            standing[one.entry.profile.profile, one.entry.profile.version].append(one)
    return Version(
        version=listed[0].entry.target.version,
        profiles=tuple(_line(standing[key]) for key in sorted(standing)),
        reports=tuple(listed),
    )


def _measured(entry: Entry) -> tuple[object, ...]:
    """What was measured and by whom: a later report on the same takes an earlier one's place, and no other's."""
    card, profile = entry.target, entry.profile
    who = tuple(sorted(signer.keyid for signer in entry.signers))
    what = (profile.profile, profile.version, profile.digest, entry.overrides)
    return (*what, card.environment, card.phase, card.data_class, entry.runner.role, who)


def _when(entry: Entry) -> tuple[dt.datetime, str]:
    return instant(entry.finished_at), entry.id


def _listed(entry: Entry, newest: Entry, now: dt.datetime) -> Listed:
    replaced = any(one.kind == "supersession" and one.counts for one in entry.beside)
    disputed = any(one.kind == "dispute" and one.counts for one in entry.beside)
    successor = ""
    if replaced:
        standing = Standing.SUPERSEDED
    elif entry.valid_until and instant(entry.valid_until) < now:
        standing = Standing.EXPIRED
    elif newest.id != entry.id:
        standing, successor = Standing.EARLIER, newest.id
    else:
        standing = Standing.CURRENT
    caveats = tuple(_caveats(entry))
    counts = entry.result is Result.PASSED and standing is Standing.CURRENT and not disputed
    return Listed(
        entry=entry,
        standing=standing,
        counts=counts and not any(weighs for _, weighs in caveats),
        caveats=tuple(text for text, _ in caveats),
        successor=successor,
    )


def _caveats(entry: Entry) -> Iterable[tuple[str, bool]]:
    """What is to be read with a report, and whether it keeps a pass from counting."""
    if entry.target.embedded:
        yield (
            "a demonstration with the reference supplier built into the harness: it is about no product",
            True,
        )
    if entry.profile_doubt:
        yield f"the profile: {entry.profile_doubt}", True
    if entry.overrides:
        yield f"limits of the profile were set otherwise: {', '.join(entry.overrides)}", True
    if entry.by_plugins:
        yield f"{entry.by_plugins} verdicts rest on plugins and were not judged anew", True
    if entry.by_packages:
        yield (
            f"{entry.by_packages} verdicts rest on FHIR packages that are not here, and were not judged anew",
            True,
        )
    if entry.on_word:
        yield f"{entry.on_word} verdicts rest on the tester's word, since the evidence may not be kept", False


def _line(reports: Sequence[Listed]) -> ProfileLine:
    profile = reports[0].entry.profile
    results = {one.entry.result for one in reports}
    passed = Result.FAILED not in results and any(one.counts for one in reports)
    return ProfileLine(
        profile=profile.profile,
        version=profile.version,
        title=profile.title,
        result=Result.PASSED if passed else next(result for result in _WORST_FIRST if result in results),
        passed=passed,
        disputed=any(one.disputed for one in reports),
        by=tuple(sorted({one.entry.runner.role.value for one in reports})),
    )
