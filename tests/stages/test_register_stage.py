"""What a register makes of reports: their order does not matter, and one failure more makes nothing pass."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from conformance.model.attestation import Beside, SignerInfo
from conformance.model.base import sha256
from conformance.model.profile import Method
from conformance.model.register import Entry, Standing
from conformance.model.report import ProfileRef, Result, Runner, RunnerRole
from conformance.model.roles import TrustRole
from conformance.model.target import TargetCard
from conformance.stages.register import register

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
KEYS = ("a" * 64, "b" * 64)
SAID = (
    (),
    (Beside(kind="dispute", said="no", by="Acme", counts=True),),
    (Beside(kind="dispute", said="no", by="a stranger", counts=False),),
    (Beside(kind="supersession", said="by another", by="Lab", counts=True),),
)


@st.composite
def entries(draw):
    """A report with whatever may become of it."""
    finished = NOW - dt.timedelta(minutes=draw(st.integers(1, 500)))
    role = draw(st.sampled_from(RunnerRole))
    signed = sha256(draw(st.binary(min_size=4, max_size=4)))
    until = draw(st.sampled_from(["", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]))
    return Entry(
        id=signed,
        payload=signed,
        place=f"run-{draw(st.integers(0, 99))}",
        target=TargetCard(
            endpoint="https://fhir.example.org",
            supplier=draw(st.sampled_from(["Acme", "ACME ", "Other"])),
            product=draw(st.sampled_from(["Records", "records", ""])),
            version=draw(st.sampled_from(["1", "2"])),
            embedded=draw(st.booleans()),
        ),
        profile=ProfileRef(
            profile=draw(st.sampled_from(["p", "q"])), version="1.0.0", title="P", digest="c" * 64
        ),
        profile_doubt=draw(st.sampled_from(["", "unknown"])),
        result=draw(st.sampled_from(Result)),
        methods={Method.AUTOMATED: Result.PASSED},
        overrides=draw(st.sampled_from([(), ("limit=9",)])),
        as_of=NOW.date(),
        finished_at=finished.isoformat(),
        valid_until=until,
        runner=Runner(role=role),
        signers=(SignerInfo(keyid=draw(st.sampled_from(KEYS)), name="Lab", roles=(TrustRole.LAB,)),),
        beside=draw(st.sampled_from(SAID)),
        tool="t",
        judged=draw(st.integers(0, 3)),
        by_plugins=draw(st.integers(0, 1)),
        on_word=draw(st.integers(0, 1)),
    )


def lists(**size):
    return st.lists(entries(), unique_by=lambda entry: entry.id, **size)


def built(reports):
    return register(reports, (), NOW, title="R")


def passed(made):
    """Every profile that is called passed: by product, version and profile."""
    return {
        (product.id, version.version, line.profile)
        for product in made.products
        for version in product.versions
        for line in version.profiles
        if line.passed
    }


@given(lists(max_size=8), st.randoms())
def test_a_register_does_not_depend_on_the_order_of_its_reports(reports, chance):
    shuffled = list(reports)
    chance.shuffle(shuffled)
    assert built(shuffled) == built(reports)


@given(lists(min_size=1, max_size=8))
def test_every_report_is_listed_once_and_what_is_passed_stands_on_a_report_that_counts(reports):
    made = built(reports)
    assert made.reports == len({entry.id for entry in reports})
    for product in made.products:
        for version in product.versions:
            for line in version.profiles:
                current = [
                    one
                    for one in version.reports
                    if one.standing is Standing.CURRENT and one.entry.profile.profile == line.profile
                ]
                assert current
                failed = any(one.entry.result is Result.FAILED for one in current)
                assert line.passed == (any(one.counts for one in current) and not failed)
                assert (line.result is Result.PASSED) >= line.passed
            for one in version.reports:
                if one.counts:
                    assert one.entry.result is Result.PASSED
                    assert one.standing is Standing.CURRENT
                    against = (one.disputed, one.entry.target.embedded, one.entry.by_plugins)
                    assert not any((*against, one.entry.overrides, one.entry.profile_doubt))


@given(lists(max_size=6), entries())
def test_one_failure_more_makes_nothing_pass(reports, another):
    failure = another.model_copy(
        update={"result": Result.FAILED, "valid_until": "", "beside": (), "id": "f" * 64, "payload": "f" * 64}
    )
    before, after = passed(built(reports)), passed(built([*reports, failure]))
    assert after <= before


@given(entries(), st.booleans())
def test_a_copy_without_the_dispute_leaves_no_dispute_behind(entry, signed_by_more):
    disputed = entry.model_copy(update={"beside": SAID[1], "place": "z", "result": Result.PASSED})
    more = (*entry.signers, SignerInfo(keyid="d" * 64, name="Acme", roles=(TrustRole.SUPPLIER,)))
    again = {"id": "e" * 64, "signers": more} if signed_by_more else {}
    copy = disputed.model_copy(update={"beside": (), "place": "a", **again})
    made = built([disputed, copy])
    assert made.reports == 1
    assert made.products[0].versions[0].reports[0].disputed
    assert passed(made) == set()
