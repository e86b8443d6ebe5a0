"""Releases of a profile, pins and waivers in full: who vouches for them, in which words, and what follows."""

import datetime as dt

import pytest
from signed_run import NOW, a_run, trusting
from told_steps import (
    BODY,
    BUYER,
    DAY,
    FAIL,
    KEY,
    LAB,
    MAKER,
    OK,
    OTHER_BODY,
    STRANGER,
    TODAY,
    TRUSTED,
    UNKNOWN_PROFILE,
    WARN,
    honest,
    profile_said,
    signed_by_all,
    told,
    wrapped,
)

from conformance.model.attestation import Beside, Statement, Subject
from conformance.model.base import sha256
from conformance.model.release import release_of
from conformance.model.report import Waiver
from conformance.model.trust import ProfilePin, TrustRole
from conformance.model.trust_rules import RELEASE_RULE, Rule, need
from conformance.model.waivers import WaiverList
from conformance.stages.verify import Given
from conformance.stages.verify.brought import Brought


@pytest.fixture
def run(tmp_path):
    made = a_run(tmp_path / "run")
    return made, made.signed(LAB)


def with_given(run, *data: bytes, keys=TRUSTED, **more):
    given = tuple(Given(f"r{number}", each) for number, each in enumerate(data, 1))
    return run[0].verified(run[1], *keys, **{"brought": Brought(given=given)} | more)


def released(profile, *signers, on=TODAY, **more) -> bytes:
    return signed_by_all(release_of(profile, on, **more).statement(), *signers)


def other_text(profile):
    return profile.model_copy(update={"title": "Another"})


def next_version(profile):
    return profile.model_copy(update={"version": "1.1.0"})


def another_name(profile):
    return profile.model_copy(update={"profile": "other", "version": "1.1.0"})


def digest(profile):
    return sha256(profile.canonical())


TWICE = "2 standards-body"
TWO = {RELEASE_RULE: Rule(needs=(need(TWICE),))}
BY_BUYER = {RELEASE_RULE: Rule(needs=(need("buyer"),))}
ASKS = "your rule for profile releases asks for more: "
RELEASED = "released by Body on 2026-11-22"


@pytest.mark.parametrize(
    ("releases", "rules", "outcome", "code", "said"),
    [
        (lambda p: (released(p, BODY),), {}, OK, 0, RELEASED),
        (lambda p: (released(p, BODY, OTHER_BODY),), {}, OK, 0, "released by Body, Other body on 2026-11-22"),
        (
            lambda p: (released(p, BODY, OTHER_BODY),),
            TWO,
            OK,
            0,
            "released by Body, Other body on 2026-11-22",
        ),
        (
            lambda p: (released(p, BODY), released(p, OTHER_BODY)),
            TWO,
            FAIL,
            3,
            f"{ASKS}{TWICE}; Body released it",
        ),
        (
            lambda p: (released(p, STRANGER),),
            TWO,
            FAIL,
            3,
            f"{ASKS}{TWICE}; nobody whose key counts released it",
        ),
        (lambda p: (released(other_text(p), BODY),), TWO, FAIL, 3, f"{ASKS}{TWICE}"),
        (lambda _: (), TWO, FAIL, 3, f"{ASKS}{TWICE}"),
        (lambda p: (released(p, BODY),), BY_BUYER, FAIL, 3, f"{ASKS}buyer; Body released it"),
        (lambda p: (released(p, BUYER),), BY_BUYER, OK, 0, "released by Buyer on 2026-11-22"),
        (lambda p: (released(p, BUYER),), {}, WARN, 0, UNKNOWN_PROFILE),
        (lambda p: (released(p, BODY, on=TODAY - 900 * DAY),), {}, OK, 0, "released by Body on 2024-06-05"),
        (lambda p: (released(next_version(p), BODY),), {}, WARN, 0, UNKNOWN_PROFILE),
        (lambda p: (released(another_name(p), BODY),), {}, WARN, 0, UNKNOWN_PROFILE),
        (
            lambda p: (released(p, BODY), released(next_version(p), BODY, supersedes="1.0.0")),
            {},
            WARN,
            0,
            f"{RELEASED}; sample@1.1.0 has taken its place since",
        ),
        (lambda p: (released(p, BODY), released(next_version(p), BODY)), {}, OK, 0, RELEASED),
        (
            lambda p: (released(p, BODY), released(next_version(p), BUYER, supersedes="1.0.0")),
            {},
            OK,
            0,
            RELEASED,
        ),
        (
            lambda p: (released(p, BODY), released(another_name(p), BODY, supersedes="1.0.0")),
            {},
            OK,
            0,
            RELEASED,
        ),
        (lambda p: (released(other_text(p), BODY), released(p, BODY)), {}, OK, 0, RELEASED),
        (
            lambda p: (released(p, BODY), released(p, OTHER_BODY, withdrawn="R-1 was wrong")),
            {},
            FAIL,
            3,
            "Other body withdrew sample@1.0.0 on 2026-11-22: R-1 was wrong",
        ),
        (lambda p: (released(p, BODY), released(p, LAB, withdrawn="spite")), {}, OK, 0, RELEASED),
        (lambda p: (released(p, BODY), released(other_text(p), BODY, withdrawn="old")), {}, OK, 0, RELEASED),
        (lambda p: (released(other_text(p), BODY, withdrawn="old"),), {}, WARN, 0, UNKNOWN_PROFILE),
        (
            lambda p: (released(p, LAB, BODY, withdrawn="R-1 was wrong"),),
            {},
            FAIL,
            3,
            "Body withdrew sample@1.0.0 on 2026-11-22: R-1 was wrong",
        ),
    ],
)
def test_releases_are_told_in_full(run, releases, rules, outcome, code, said):
    found = with_given(run, *releases(run[0].suite.profile), rules=rules)
    assert (found.beside, found.unread) == ((), ())
    assert told(found) == honest(*run, KEY) | {"profile": (outcome, code, profile_said(run[0], said))}
    assert found.exit_code == code


def test_a_release_about_another_profile_than_it_says_is_not_taken(run):
    stated = release_of(run[0].suite.profile, TODAY).statement()
    other = (Subject(name="sample@1.0.0", digests={"sha256": "b" * 64}),)
    found = with_given(run, signed_by_all(stated.model_copy(update={"subject": other}), BODY))
    assert found.unread == ("r1: it is about another profile than it says",)
    assert told(found) == honest(*run, KEY)


def test_a_release_of_other_content_under_the_name_is_told_in_full(run):
    other = other_text(run[0].suite.profile)
    said = f"it is not the sample@1.0.0 that Body released, sha256 {digest(other)}"
    found = with_given(run, released(other, BODY))
    assert told(found) == honest(*run, KEY) | {"profile": (FAIL, 3, profile_said(run[0], said))}
    strangers = with_given(run, released(other, STRANGER))
    assert told(strangers) == honest(*run, KEY)


@pytest.mark.parametrize(
    ("pins", "outcome", "said"),
    [
        (("own",), OK, "it is the one that you pinned"),
        (("0" * 64,), FAIL, f"it is not the one that you pinned, sha256 {'0' * 64}"),
        (("0" * 64, "own"), OK, "it is the one that you pinned"),
        (("0" * 64, "1" * 64), FAIL, f"it is not the one that you pinned, sha256 {'0' * 64}"),
    ],
)
def test_pins_are_told_in_full_and_go_before_what_comes_with_the_harness(run, pins, outcome, said):
    own = digest(run[0].suite.profile)
    made = tuple(
        ProfilePin(profile="sample", version="1.0.0", digest=own if pin == "own" else pin) for pin in pins
    )
    shipped = Brought(published={"sample": ("1.0.0", "2" * 64)}.get)
    found = run[0].verified(run[1], *TRUSTED, pins=made, brought=shipped)
    code = 3 if outcome is FAIL else 0
    assert told(found) == honest(*run, KEY) | {"profile": (outcome, code, profile_said(run[0], said))}
    elsewhere = tuple(pin.model_copy(update={"profile": "other"}) for pin in made)
    assert told(run[0].verified(run[1], *TRUSTED, pins=elsewhere)) == honest(*run, KEY)


@pytest.mark.parametrize(
    ("withdrawn", "limits", "outcome", "code"),
    [
        ("", {"valid_until": TODAY}, WARN, 0),
        ("", {"valid_from": TODAY + DAY}, WARN, 0),
        ("", {}, OK, 0),
        ("wrong", {"valid_until": TODAY}, FAIL, 3),
        ("wrong", {"valid_from": TODAY + DAY}, WARN, 0),
        ("wrong", {"revoked": TODAY}, WARN, 0),
        ("wrong", {"revoked": TODAY + DAY}, FAIL, 3),
    ],
)
def test_the_key_of_a_release_ends_it_and_no_withdrawal(run, withdrawn, limits, outcome, code):
    keys = (KEY, trusting(BODY, TrustRole.BODY, name="Body", **limits))
    release = released(run[0].suite.profile, BODY, withdrawn=withdrawn)
    found = with_given(run, release, keys=keys, now=NOW + DAY)
    assert told(found)["profile"][:2] == (outcome, code)
    if outcome is WARN:
        assert told(found) == honest(*run, KEY)


UNTIL = dt.date(2026, 12, 1)
WAIVER = Waiver(requirement="R-1", reason="agreed", who="Jo", until=UNTIL)
ON_HIS_WORD = "on the word of who ran the test: "
NOT_SIGNED = f"{ON_HIS_WORD}the list is not signed by who granted them"
NOT_IN_IT = f"{ON_HIS_WORD}it is not in the list that is signed"


def listing(*waivers: Waiver) -> Statement:
    return WaiverList(waivers=waivers or (WAIVER,)).statement()


def waived(tmp_path, data: bytes | None, **more):
    """What is told of a report that names the waiver, with this as the signed list."""
    made = a_run(tmp_path / "run")
    (line,) = made.report.requirements
    lines = (line.model_copy(update={"waiver": WAIVER}),)
    made.report = made.report.model_copy(update={"requirements": lines})
    made.write()
    if data is not None:
        (made.root / "waivers.dsse.json").write_bytes(data)
    return made.verified(made.signed(LAB), *more.pop("keys", TRUSTED), **more)


OTHERS = (
    Waiver(requirement="R-2", reason="agreed", who="Jo", until=UNTIL),
    WAIVER.model_copy(update={"requirement": "R-9"}),
)


@pytest.mark.parametrize(
    ("data", "by", "counts"),
    [
        (lambda: None, NOT_SIGNED, False),
        (lambda: signed_by_all(listing(), BUYER), "signed by Buyer as buyer", True),
        (lambda: signed_by_all(listing(), BODY), "signed by Body as standards-body", True),
        (lambda: signed_by_all(listing(), MAKER), "signed by Maker as supplier", False),
        (
            lambda: signed_by_all(listing(), LAB, BUYER),
            "signed by Lab as independent-lab, Buyer as buyer",
            True,
        ),
        (lambda: signed_by_all(listing(), STRANGER), NOT_SIGNED, False),
        (lambda: signed_by_all(listing()), NOT_SIGNED, False),
        (lambda: signed_by_all(listing(*OTHERS, WAIVER), BUYER), "signed by Buyer as buyer", True),
        (lambda: signed_by_all(listing(*OTHERS), BUYER), NOT_IN_IT, False),
        (lambda: signed_by_all(listing(*OTHERS), STRANGER), NOT_SIGNED, False),
        (
            lambda: signed_by_all(listing(WAIVER.model_copy(update={"until": UNTIL + DAY})), BUYER),
            NOT_IN_IT,
            False,
        ),
        (
            lambda: signed_by_all(listing(WAIVER.model_copy(update={"reason": "other"})), BUYER),
            NOT_IN_IT,
            False,
        ),
        (
            lambda: signed_by_all(listing().model_copy(update={"predicate_type": "other"}), BUYER),
            (
                "the signed list cannot be read: it states 'other', not "
                "'https://conformance-harness.org/attestation/waivers/v1'"
            ),
            False,
        ),
        (
            lambda: wrapped(b"{}", BUYER),
            "the signed list cannot be read: the payload is no in-toto Statement v1",
            False,
        ),
        (
            lambda: b" " * 2**20 + signed_by_all(listing(), BUYER),
            "the signed list cannot be read: waivers.dsse.json is too large",
            False,
        ),
    ],
)
def test_a_waiver_counts_where_who_can_grant_it_signed_this_very_one(tmp_path, data, by, counts):
    found = waived(tmp_path, data())
    said = "R-1, by Jo: agreed; it holds until 2026-12-01"
    assert found.beside == (Beside(kind="waiver", said=said, by=by, counts=counts),)
    assert found.exit_code == 0


@pytest.mark.parametrize(
    ("limits", "now", "ended", "counts"),
    [
        ({}, NOW, "", True),
        ({}, NOW + 9 * DAY, "", True),
        ({}, NOW + 10 * DAY, " and has run out", True),
        ({"valid_from": TODAY + DAY}, NOW + DAY, "", False),
        ({"valid_until": TODAY}, NOW, "", True),
        ({"valid_until": TODAY}, NOW + DAY, "", False),
        ({"revoked": TODAY}, NOW, "", False),
    ],
)
def test_a_waiver_is_granted_by_a_key_that_counts_and_runs_out(tmp_path, limits, now, ended, counts):
    keys = (KEY, trusting(BUYER, TrustRole.BUYER, name="Buyer", **limits))
    found = waived(tmp_path, signed_by_all(listing(), BUYER), keys=keys, now=now)
    (beside,) = found.beside
    assert beside.said == f"R-1, by Jo: agreed; it holds until 2026-12-01{ended}"
    assert (beside.by, beside.counts) == (
        ("signed by Buyer as buyer", True) if counts else (NOT_SIGNED, False)
    )
