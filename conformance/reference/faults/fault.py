"""What a named fault is: one deviation, and the requirement that must notice it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw

Change = Callable[[Behaviour, Draw], Behaviour]
Where = Literal["server", "listener", "dossier", "open-api"]
Phase = Literal["tender", "contract", "exit"]


def as_honest(honest: Behaviour, _: Draw) -> Behaviour:
    """The server behaves as ever: the fault is in the documents."""
    return honest


@dataclass(frozen=True)
class Fault:
    """One deviation of the supplier.

    `requirement` is the one that must fail for it, `also` names others whose failure it explains, and `exit_code` is
    what a run against the supplier ends with. `where` says who acts on it: the server, the listener that speaks TLS
    for it, the supplier's documents, or the service that is not FHIR. `phase` is that of the contract in which it can
    be noticed.
    """

    name: str
    profile: str
    requirement: str
    level: str
    exit_code: int
    summary: str
    also: tuple[str, ...] = ()
    where: Where = "server"
    change: Change = field(default=as_honest, repr=False, compare=False)
    phase: Phase = "tender"


_PROFILES: Mapping[str, str] = MappingProxyType(
    {
        "APP": "nhs-app-surfaceable",
        "BDE": "bulk-data-export",
        "ERD": "e-referral-directory",
        "EXIT": "exit-core",
        "FHIR": "fhir-r4-base",
        "GPC": "gp-connect-like",
        "OAPI": "open-api",
        "SBS": "smart-backend-services",
        "UKC": "uk-core-patient-access",
        "VACC": "nhs-vaccination-record",
    }
)
"""The profile of a requirement, by what its id begins with."""


def fault(  # noqa: PLR0913 - what there is to say of a fault
    name: str,
    requirement: str,
    summary: str,
    change: Change = as_honest,
    level: str = "SHALL",
    *,
    also: tuple[str, ...] = (),
    ends: int | None = None,
    profile: str = "",
    where: Where = "server",
    phase: Phase = "tender",
) -> Fault:
    """A fault that this requirement notices; `also` are others that it explains.

    A run fails for what binds, and for what explains the failure of others; `ends` is its exit code where that is not
    so. The profile is that of the requirement, where it is not named.
    """
    exit_code = ends if ends is not None else int(level.startswith("SHALL") or bool(also))
    home = profile or _PROFILES[requirement.partition("-")[0]]
    return Fault(name, home, requirement, level, exit_code, summary, also, where, change, phase)


dossier_fault = partial(fault, where="dossier")
"""A fault of the documents."""
open_api_fault = partial(fault, where="open-api")
"""A fault of the service that is described by OpenAPI."""


def rest(**changed: Any) -> Change:
    """A change of how capabilities, reads, searches and writes are answered."""
    return lambda honest, _: replace(honest, rest=replace(honest.rest, **changed))


def search(**changed: Any) -> Change:
    """A change of how searches are understood, matched and shown."""
    return lambda honest, _: replace(honest, search=replace(honest.search, **changed))


def values(**changed: Any) -> Change:
    """A change of what searched values, modifiers and chains mean."""

    def change(honest: Behaviour, _: Draw) -> Behaviour:
        return replace(honest, search=replace(honest.search, values=replace(honest.search.values, **changed)))

    return change


def export(**changed: Any) -> Change:
    """A change of how exports are started, followed, filled and fetched."""
    return lambda honest, _: replace(honest, export=replace(honest.export, **changed))


def security(**changed: Any) -> Change:
    """A change of what is asked of tokens, assertions and readers."""
    return lambda honest, _: replace(honest, security=replace(honest.security, **changed))


def formats(**changed: Any) -> Change:
    """A change of how formats are agreed on, bodies looked at and errors told."""
    return lambda honest, _: replace(honest, formats=replace(honest.formats, **changed))


def leaving(**changed: Any) -> Change:
    """A change of what an export tells of itself, what is logged, and what else can be taken out."""
    return lambda honest, _: replace(honest, exit=replace(honest.exit, **changed))


def access(**changed: Any) -> Change:
    """A change of what tokens open and how they are got."""
    return lambda honest, _: replace(honest, access=replace(honest.access, **changed))


def open_api(**changed: Any) -> Change:
    """A change of how the service that is described by OpenAPI answers, and of what is published with it."""
    return lambda honest, _: replace(honest, open_api=replace(honest.open_api, **changed))


def drawn(make: Callable[[Draw], Change]) -> Change:
    """A change that needs the fault's draws."""
    return lambda honest, draw: make(draw)(honest, draw)


def reading(**changed: Any) -> Change:
    """A change of how versions are told and read, and of what history shows."""
    return _life("reading", changed)


def writing(**changed: Any) -> Change:
    """A change of what creates, updates, patches and deletes do."""
    return _life("writing", changed)


def together(**changed: Any) -> Change:
    """A change of what conditional interactions, batches, transactions and operations do."""
    return _life("together", changed)


def _life(part: str, changed: dict[str, Any]) -> Change:
    def change(honest: Behaviour, _: Draw) -> Behaviour:
        other = replace(getattr(honest.life, part), **changed)
        return replace(honest, life=replace(honest.life, **{part: other}))

    return change
