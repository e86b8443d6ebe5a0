"""Making a tender pack: every profile is loaded, its limits settled and its cases drawn before anything is signed."""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import UnknownName, UsageError, closest
from conformance.model.attestation import STATEMENT_TYPE, Statement, Subject
from conformance.model.base import sha256
from conformance.model.comparison import Weights
from conformance.model.dsse import first_problem
from conformance.model.profile import Phase, Profile
from conformance.model.report import RunnerRole
from conformance.model.tender import TENDER_PREDICATE, Tender, TenderProfile
from conformance.session.overrides import checked_overrides
from conformance.session.packages import packages_for
from conformance.session.suites import DEFAULT_SEED, profile_named, suite_of
from conformance.session.tool import this_tool
from conformance.stages.fit import drawn

NONCE_BYTES = 32


@dataclass(frozen=True)
class Terms:
    """What a buyer says of a tender; the rest follows from the profiles and this harness."""

    title: str
    buyer: str
    ocid: str
    opens: dt.date
    profiles: tuple[str, ...]
    roles: tuple[RunnerRole, ...]
    lot: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    presets: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    phase: Phase = Phase.TENDER
    as_of: dt.date | None = None
    seed: int = DEFAULT_SEED
    weights: Weights | None = None


def tender(terms: Terms, catalog: Catalog, now: dt.datetime) -> Tender:
    """The pack that these terms come to. Raises UsageError, UnknownName or ProfileError."""
    if terms.opens <= now.astimezone(dt.UTC).date():
        raise UsageError(
            f"bids are opened on {terms.opens}, which is not after today: what counts has to be said before that",
            hint="Give the day on which bids are opened with --opens.",
        )
    if RunnerRole.SELF in terms.roles:
        raise UsageError(
            "--accept self would accept a report by anybody: the role says nothing of who tests",
            hint="Accept independent-lab, buyer, standards-body or supplier-self-test.",
        )
    profiles = [profile_named(name, catalog) for name in dict.fromkeys(terms.profiles)]
    _refuse_unknown(terms, profiles)
    if terms.weights is not None:
        ids = {r.id for profile in profiles for r in profile.requirements}
        if problem := terms.weights.objection(ids):
            raise UsageError(problem, hint="`conformance profiles show NAME` lists the ids.")
    try:
        return Tender(
            title=terms.title.strip(),
            buyer=terms.buyer.strip(),
            ocid=terms.ocid,
            lot=terms.lot.strip(),
            made_at=now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            opens=terms.opens,
            as_of=terms.as_of or terms.opens,
            phase=terms.phase,
            nonce=secrets.token_hex(NONCE_BYTES),
            roles=tuple(dict.fromkeys(terms.roles)),
            tool=this_tool(),
            profiles=tuple(_fixed(profile, terms, catalog) for profile in profiles),
            weights=terms.weights,
        )
    except ValidationError as error:
        raise UsageError(
            f"the pack cannot be made: {first_problem(error)}",
            hint="An OCID looks like ocds-h6vhtk-04a1b2; your notice bears it.",
        ) from None


def tender_statement(pack: Tender) -> Statement:
    """The in-toto Statement about the profiles of this pack."""
    return Statement(
        type_=STATEMENT_TYPE,
        subject=tuple(Subject(name=one.label, digests={"sha256": one.digest}) for one in pack.profiles),
        predicate_type=TENDER_PREDICATE,
        predicate=pack.model_dump(mode="json"),
    )


def _fixed(profile: Profile, terms: Terms, catalog: Catalog) -> TenderProfile:
    own = {name: value for name, value in terms.settings.items() if name in profile.parameters}
    known = {preset.preset for preset in profile.presets}
    presets = [name for name in terms.presets if name in known]
    overrides = checked_overrides(own, profile, presets, RunnerRole.BUYER)
    packages = packages_for(profile.packages, terms.packages, profile.fhir_version)
    if packages.lacking:
        raise UsageError(
            f"the pack cannot fix the FHIR packages of {profile.label}: {packages.lacking[0]}",
            hint="Install it there, or give it with --package.",
        )
    return TenderProfile(
        profile=profile.profile,
        version=profile.version,
        title=profile.title,
        digest=sha256(profile.canonical()),
        suite=drawn(suite_of(profile, terms.seed, catalog).templates),
        seed=terms.seed,
        requirements=tuple(requirement.id for requirement in profile.requirements),
        parameters={name: p.default for name, p in profile.parameters.items()} | overrides,
        overrides=tuple(sorted(overrides)),
        packages=packages.pins,
    )


def _refuse_unknown(terms: Terms, profiles: Sequence[Profile]) -> None:
    """Refuse a limit or a preset that none of the profiles has. Raises UnknownName or UsageError."""
    names = ", ".join(profile.profile for profile in profiles)
    parameters = {name for profile in profiles for name in profile.parameters}
    for name in terms.settings:
        if name not in parameters:
            raise UnknownName(f"parameter of {names}", name, parameters)
    presets = {preset.preset for profile in profiles for preset in profile.presets}
    for name in terms.presets:
        if name not in presets:
            raise UsageError(f"there is no preset of {names} named {name!r}{closest(name, presets)}")
