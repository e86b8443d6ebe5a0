"""A run fits a tender pack, or is told every item in which it does not."""

import datetime as dt
from dataclasses import replace

import pytest

from conformance.model.base import sha256
from conformance.model.packages import PackagePin
from conformance.model.profile import Phase, Profile
from conformance.model.report import RunnerRole, Tool
from conformance.model.suite import Template
from conformance.model.target import TargetCard
from conformance.model.tender import Tender, TenderProfile
from conformance.stages.fit import Measured, drawn, fit

PROFILE = Profile.model_validate(
    {
        "profile": "asked", "version": "1.0.0", "title": "Asked", "parameters": {"limit": {"default": 5}},
        "requirements": [{"id": "A-1", "level": "SHALL", "text": "x", "source": "s", "untested": "no test"}],
    }
)  # fmt: skip
CASES = (Template(id="A-1/1", requirement="A-1", probes=(), values={"id": "drawn"}, expect=()),)
PINNED = PackagePin(name="hl7.fhir.uv.example", version="1.0.0", sha256="d" * 64)
TOOL = Tool(name="conformance-harness", version="1.0.0", digest="e" * 64)
PACK = Tender(
    title="Records",
    buyer="North Trust",
    ocid="ocds-h6vhtk-04a1b2",
    made_at="2026-11-20T09:00:00Z",
    opens=dt.date(2027, 1, 15),
    as_of=dt.date(2027, 1, 15),
    phase=Phase.TENDER,
    nonce="f" * 64,
    roles=(RunnerRole.LAB, RunnerRole.SUPPLIER),
    tool=TOOL,
    profiles=(
        TenderProfile(
            profile="asked",
            version="1.0.0",
            title="Asked",
            digest=sha256(PROFILE.canonical()),
            suite=drawn(CASES),
            seed=1,
            requirements=("A-1",),
            parameters={"limit": 3},
            overrides=("limit",),
            packages=(PINNED,),
        ),
    ),
)
RUN = Measured(
    profile=PROFILE,
    templates=CASES,
    parameters={"limit": 3},
    overrides=("limit",),
    only=(),
    packages=(PINNED,),
    as_of=dt.date(2027, 1, 15),
    target=TargetCard(endpoint="https://example.org", supplier="S", product="P", version="1"),
    role=RunnerRole.LAB,
    tool=TOOL,
    started="2026-12-01T09:00:00Z",
    finished="2026-12-01T10:00:00Z",
)


def test_a_run_that_is_what_the_pack_fixes_fits():
    assert fit(PACK, RUN) == ()


@pytest.mark.parametrize(
    ("changed", "items"),
    [
        ({"profile": PROFILE.model_copy(update={"title": "Other"})}, {"profile (SHA-256)"}),
        ({"profile": PROFILE.model_copy(update={"version": "1.0.1"})}, {"profile version", "profile (SHA-256)"}),
        ({"profile": PROFILE.model_copy(update={"profile": "other"})}, {"profile"}),
        ({"templates": (CASES[0].model_copy(update={"values": {"id": "nicer"}}),)}, {"drawn cases (SHA-256)"}),
        ({"parameters": {"limit": 4}}, {"parameter limit"}),
        ({"parameters": {}}, {"parameter limit"}),
        ({"parameters": {"limit": 3, "more": 1}}, {"parameter more"}),
        ({"overrides": ()}, {"parameters set"}),
        ({"only": ("A-1",)}, {"limited to"}),
        ({"packages": ()}, {"FHIR packages"}),
        ({"packages": (PINNED.model_copy(update={"sha256": "0" * 64}),)}, {"FHIR packages"}),
        ({"packages": (PINNED, PINNED.model_copy(update={"name": "own"}))}, {"FHIR packages"}),
        ({"as_of": dt.date(2020, 1, 1)}, {"judged as of"}),
        ({"target": RUN.target.model_copy(update={"phase": Phase.EXIT})}, {"phase"}),
        ({"target": RUN.target.model_copy(update={"version": " "})}, {"version in the target file"}),
        ({"role": RunnerRole.SELF}, {"run by"}),
        ({"role": RunnerRole.BUYER}, {"run by"}),
        ({"tool": TOOL.model_copy(update={"version": "1.0.1"})}, {"tool"}),
        ({"tool": TOOL.model_copy(update={"digest": "0" * 64})}, {"tool (SHA-256)"}),
        ({"started": "2026-11-18T09:00:00Z"}, {"begun"}),
        ({"waived": ("A-1",)}, {"waived"}),
        ({"role": RunnerRole.SUPPLIER, "finished": "2027-01-16T00:00:00Z"}, {"ended"}),
    ],
)  # fmt: skip
def test_each_thing_that_is_otherwise_is_told_and_nothing_else(changed, items):
    found = fit(PACK, replace(RUN, **changed))
    assert {misfit.item for misfit in found} == items
    assert all(misfit.has != misfit.wants for misfit in found)


@pytest.mark.parametrize(
    ("role", "finished"),
    [(RunnerRole.LAB, "2027-02-01T00:00:00Z"), (RunnerRole.SUPPLIER, "2027-01-15T23:59:00Z")],
)
def test_a_laboratory_may_test_after_the_opening_and_a_supplier_until_then(role, finished):
    assert fit(PACK, replace(RUN, role=role, finished=finished)) == ()


def test_long_limits_that_begin_alike_are_told_apart():
    pack = PACK.model_copy(
        update={"profiles": (PACK.profiles[0].model_copy(update={"parameters": {"limit": "a" * 100 + "b"}}),)}
    )
    (misfit,) = fit(pack, replace(RUN, parameters={"limit": "a" * 100 + "c"}))
    assert misfit.has != misfit.wants


@pytest.mark.parametrize(
    ("started", "fits"),
    [
        ("2026-11-19T08:59:59Z", False),
        ("2026-11-19T09:00:00Z", True),  # a day of grace for clocks and time zones
        ("2026-11-20T09:00:01Z", True),
    ],
)
def test_a_run_from_before_the_pack_does_not_fit(started, fits):
    assert (fit(PACK, replace(RUN, started=started)) == ()) is fits


def test_a_misfit_tells_what_was_found_and_what_was_wanted():
    nameless = replace(RUN, role=RunnerRole.BUYER, target=RUN.target.model_copy(update={"supplier": ""}))
    assert [(each.item, each.has, each.wants) for each in fit(PACK, nameless)] == [
        ("run by", "buyer", f"{RunnerRole.LAB} or {RunnerRole.SUPPLIER}"),
        ("supplier in the target file", "", "a name: a bid is for something"),
    ]
    more = replace(RUN, overrides=("limit", "days"), only=("A-1", "A-2"), waived=("A-2", "A-1"))
    assert [(each.has, each.wants) for each in fit(PACK, more)] == [
        ("days, limit", "limit"),
        ("A-1, A-2", ""),
        ("A-1, A-2", ""),
    ]
