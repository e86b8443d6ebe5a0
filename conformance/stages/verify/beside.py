"""What lies beside a report: replies to it, releases of its profile, and the waivers that it names.

All are signed statements of their own. What nobody signed whom the reader trusts is told, and counts for nothing; and
one that was withheld cannot be seen.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from conformance.errors import Unreadable
from conformance.model.attestation import ENVELOPE_FILE, Beside, Files, Statement
from conformance.model.predicate import ReportPredicate, instant
from conformance.model.release import RELEASE_PREDICATE, Release
from conformance.model.replies import REPLIES, Acknowledgement, Dispute, Reply, Supersession
from conformance.model.report import Waiver
from conformance.model.trust import Trust, TrustedKey, TrustRole
from conformance.model.waivers import SIGNED_WAIVERS_FILE, NotWaivers, read_waivers
from conformance.stages.verify.signed import NotSigned, Signed, When, open_signed
from conformance.stages.verify.steps import few

SUFFIX = ".dsse.json"
LARGEST = 2**20
MOST = 100
GRANTORS = {TrustRole.BUYER, TrustRole.BODY}
SUPPLIERS = {TrustRole.SUPPLIER, TrustRole.SUPPLIER_TEST}


@dataclass(frozen=True)
class Given:
    """A signed statement that the reader gave beside the run, and what it is called."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Heard:
    """What was said beside the report, and what follows from it.

    `acknowledged` holds the roles of each key that acknowledged it, `superseded` says by what it was replaced,
    `releases` are statements about profiles with the keys that count, `files` those of the run's folder that are such
    statements, and `unread` says what was given and cannot be taken.
    """

    said: tuple[Beside, ...] = ()
    acknowledged: tuple[frozenset[TrustRole], ...] = ()
    superseded: str = ""
    releases: tuple[tuple[Release, tuple[TrustedKey, ...]], ...] = ()
    files: frozenset[str] = field(default_factory=frozenset)
    unread: tuple[str, ...] = ()


def hear(  # noqa: PLR0913 - what a report's surroundings are judged by
    given: Sequence[Given],
    files: Files,
    statement: Statement,
    report_digest: str,
    authors: Iterable[TrustedKey],
    trust: Trust,
    when: When,
) -> Heard:
    """What is said of the report with this payload digest, by those whose statements were given or lie with it."""
    subjects = {subject.name for subject in statement.subject}
    lying = [name for name in files.names() if _is_loose(name, subjects)]
    authored = {key.id for key in authors}
    said: list[Beside] = []
    acknowledged: dict[str, frozenset[TrustRole]] = {}
    superseded, releases, taken, unread = "", [], set(), []
    for one, inside in (
        *((each, False) for each in given),
        *((_read(files, name), True) for name in lying[:MOST]),
    ):
        try:
            signed = open_signed(one.data, trust)
            content = _content(signed)
            if isinstance(content, Release):
                releases.append((content, _standing(content, signed, when)))
            else:
                _is_about(signed, report_digest)
                keys = _counting(signed, instant(content.at), when)
                beside = _said(content, signed, keys, authored)
                said.append(beside)
                if beside.counts and isinstance(content, Acknowledgement):
                    acknowledged |= {
                        key.id: frozenset(key.roles) for key in keys if SUPPLIERS & set(key.roles)
                    }
                if beside.counts and isinstance(content, Supersession):
                    superseded = f"superseded by {content.by_report}: {content.reason}"
        except NotSigned as error:
            if not inside:
                unread.append(f"{one.name}: {error}")
            continue
        if inside:
            taken.add(one.name)
    return Heard(
        tuple(said),
        tuple(acknowledged.values()),
        superseded,
        tuple(releases),
        frozenset(taken),
        tuple(unread),
    )


def waived(stated: ReportPredicate, files: Files, trust: Trust, when: When) -> tuple[Beside, ...]:
    """The waivers that the report names, and who vouches for them: who signed the list, or the tester alone."""
    waivers = [line.waiver for line in stated.requirements if line.waiver is not None]
    if not waivers:
        return ()
    granted: tuple[Waiver, ...] = ()
    keys: tuple[TrustedKey, ...] = ()
    unsigned = "on the word of who ran the test: the list is not signed by who granted them"
    if SIGNED_WAIVERS_FILE in set(files.names()):
        try:
            data = files.read(SIGNED_WAIVERS_FILE, LARGEST)
            keys = _counting(open_signed(data, trust), instant(stated.started_at), when)
            granted = read_waivers(SIGNED_WAIVERS_FILE, data).waivers
            if keys:
                unsigned = "on the word of who ran the test: it is not in the list that is signed"
        except (NotSigned, NotWaivers, Unreadable) as error:
            unsigned = f"the signed list cannot be read: {error}"
    can = any(GRANTORS & set(key.roles) for key in keys)
    return tuple(
        Beside(
            kind="waiver",
            said=_waiver(each, when.now),
            by=f"signed by {_names(keys)}" if keys and each in granted else unsigned,
            counts=can and each in granted,
        )
        for each in waivers
    )


def _waiver(waiver: Waiver, now: dt.datetime) -> str:
    ended = " and has run out" if waiver.expired(now.date()) else ""
    return f"{waiver.requirement}, by {waiver.who}: {waiver.reason}; it holds until {waiver.until}{ended}"


def _is_loose(name: str, subjects: set[str]) -> bool:
    return name.endswith(SUFFIX) and "/" not in name and name != ENVELOPE_FILE and name not in subjects


def _read(files: Files, name: str) -> Given:
    try:
        return Given(name, files.read(name, LARGEST))
    except Unreadable:
        return Given(name, b"")


def _content(signed: Signed) -> Reply | Release:
    kind = signed.statement.predicate_type
    shape: type[Reply | Release] | None = Release if kind == RELEASE_PREDICATE else REPLIES.get(kind)
    if shape is None:
        raise NotSigned(f"it states {kind!r}, which says nothing about a report")
    try:
        content = shape.model_validate(signed.statement.predicate, by_alias=True, by_name=False)
    except ValidationError as error:
        raise NotSigned(f"what it states is malformed: {error.errors()[0]['msg']}") from None
    if isinstance(content, Release) and _digests(signed) != [content.digest]:
        raise NotSigned("it is about another profile than it says")
    return content


def _digests(signed: Signed) -> list[str]:
    return [subject.digests.get("sha256", "") for subject in signed.statement.subject]


def _is_about(signed: Signed, report_digest: str) -> None:
    if _digests(signed) != [report_digest]:
        raise NotSigned("it is about another report")


def _counting(signed: Signed, made: dt.datetime, when: When) -> tuple[TrustedKey, ...]:
    return tuple(key for key in signed.signatures.keys if not when.objection(key, made))


def _standing(release: Release, signed: Signed, when: When) -> tuple[TrustedKey, ...]:
    """The keys that count for a release. A withdrawal stands though its key has ended since: doubt does not expire."""
    made = dt.datetime.combine(release.on, dt.time(12), dt.UTC)
    if release.withdrawn:
        return tuple(key for key in signed.signatures.keys if not key.objection(made, made))
    return _counting(signed, made, when)


def _said(content: Reply, signed: Signed, keys: tuple[TrustedKey, ...], authors: set[str]) -> Beside:
    """The reply in words, and whether it counts: it does if it comes from somebody who can say such a thing."""
    who = ", ".join(part for part in (content.name, content.organisation) if part)
    own = f"{who}, at {content.at}"
    by = f"signed by {_names(keys)}" if keys else f"by no key that counts ({few(_unknown(signed))})"
    if isinstance(content, Acknowledgement):
        counts = any(SUPPLIERS & set(key.roles) for key in keys)
        return Beside(kind="acknowledgement", said=f"{content.meaning}: {own}", by=by, counts=counts)
    if isinstance(content, Dispute):
        about = f" ({', '.join(content.requirements)})" if content.requirements else ""
        return Beside(kind="dispute", said=f"{own}: {content.reason}{about}", by=by, counts=bool(keys))
    assert isinstance(content, Supersession), "there are three kinds of reply"
    counts = any(key.id in authors for key in keys)
    return Beside(
        kind="supersession", said=f"by {content.by_report}, {own}: {content.reason}", by=by, counts=counts
    )


def _names(keys: Iterable[TrustedKey]) -> str:
    return few(f"{key.name} as {', '.join(key.roles)}" for key in keys)


def _unknown(signed: Signed) -> tuple[str, ...]:
    named = tuple(key.name for key in signed.signatures.keys)
    return (*named, *signed.signatures.strangers) or ("nobody signed it",)
