"""The worlds: which variant of the reference supplier a profile is demonstrated on.

Most profiles meet the supplier as it is. Some need more than an honest record system has: bookings with rules, records
of vaccinations, or another application altogether. A world says what it adds; the others do not change by it.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.behaviour.export import unchanged
from conformance.reference.behaviour.results import first_of_two
from conformance.reference.faults.table import FAULT_NAMED
from conformance.reference.gp_connect.app import create_app as gp_system
from conformance.reference.open_api import app as open_api
from conformance.reference.open_api import offer
from conformance.reference.open_api.description import TITLE, VERSION
from conformance.reference.population.app import surfaced
from conformance.reference.population.making import population
from conformance.reference.population.referral import referrals
from conformance.reference.population.vaccines import vaccinated
from conformance.reference.records.store import Store
from conformance.reference.settings import Settings
from conformance.reference.supplier import Rules, Supplier
from conformance.reference.worlds import patient_match, portal, vaccinating
from conformance.reference.worlds.referring import REFERRING

Json = dict[str, Any]
Population = Callable[[int, int, str], Iterator[Json]]
Handler = Callable[[Supplier, Request], Awaitable[Response]]


@dataclass(frozen=True)
class World:
    """What one variant of the supplier has beyond the plain one.

    `profiles` are those that are demonstrated on it. `population` takes a seed, a number of patients and the base of
    the product's own identifiers, and makes all records; `placed` is given each with the FHIR base at which it is
    served, and puts in what depends on that. `types` are resource types that it offers beside those of
    every supplier. `routes` maps a path below the FHIR base to its handlers by HTTP method, and `declares` changes
    the capability statement accordingly. `rules` says what may be written and what follows
    from it. `target` is merged into the target file. A world with an application of its own (`create_app`) uses its
    settings as it likes. `base_path` is where the base stands at its origin; at `ready` below that, every world answers
    without a token.
    """

    name: str
    profiles: tuple[str, ...] = ()
    population: Population = population
    placed: Callable[[Json, str], Json] = first_of_two
    types: tuple[str, ...] = ()
    routes: Mapping[str, Mapping[str, Handler]] = field(default_factory=dict)
    declares: Callable[[Json], Json] = unchanged
    rules: Rules = field(default_factory=Rules)
    target: Mapping[str, Any] = field(default_factory=dict)
    create_app: Callable[[Settings, Store], Starlette] | None = None
    base_path: str = "/fhir"
    ready: str = "/metadata"


PLAIN = World("plain")
TERN = World(
    "tern",
    profiles=("open-api",),
    population=lambda _seed, _patients, _base: iter(()),
    target={
        "target": "tern-notify",
        "supplier": offer.SUPPLIER,
        "product": TITLE,
        "version": VERSION,
        "description": "/openapi.json",
        "documents": {"interface": "docs/interface.json"},
    },
    create_app=open_api.create_app,
    base_path="/v2",
    ready="/health",
)
"""The notification service, whose API is described by OpenAPI."""
GP_CONNECT = World(
    "gp-connect",
    ("gp-connect-like",),
    population=lambda _seed, _patients, _base: iter(()),
    target={"target": "lantern-gp", "product": "Lantern GP", "version": "3.2.0", "auth": {"kind": "none"}},
    create_app=gp_system,
    ready="/ready",
)

REFERRAL = World(
    "referral",
    ("e-referral-directory",),
    population=referrals,
    types=("Appointment", "HealthcareService", "Schedule", "ServiceRequest", "Slot"),
    rules=REFERRING,
)
VACCINATION = World(
    "vaccination",
    profiles=("nhs-vaccination-record",),
    population=vaccinated,
    types=("Consent", "ImmunizationRecommendation"),
    routes={"/Patient/$match": {"POST": patient_match.match}},
    declares=vaccinating.declares,
    rules=vaccinating.VACCINATING,
)

APP = World(
    "app",
    profiles=("nhs-app-surfaceable",),
    population=surfaced,
    placed=portal.linked,
    types=("Appointment",),
    routes={portal.PATH: {"GET": portal.appointment}},
)

_ALL = (PLAIN, VACCINATION, APP, REFERRAL, GP_CONNECT, TERN)
WORLDS: Mapping[str, World] = MappingProxyType({world.name: world for world in _ALL})
_BY_PROFILE = {profile: world for world in _ALL for profile in world.profiles}


def world_of(*profiles: str) -> World:
    """The world that a profile is demonstrated on: the plain one, where no other names it.

    Of several, as a profile extends others, the first that has a world of its own decides.
    """
    return next((_BY_PROFILE[profile] for profile in profiles if profile in _BY_PROFILE), PLAIN)


def world_for(name: str | None, fault: str | None) -> World:
    """The world of that name, else that of the fault's profile; raises KeyError for names that there are not."""
    if name is not None:
        return WORLDS[name]
    return world_of(FAULT_NAMED[fault].profile) if fault is not None else PLAIN
