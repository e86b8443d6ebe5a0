"""What a named fault is: one deviation, and the requirement that must notice it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from conformance.reference.behaviour import Behaviour
from conformance.reference.draw import Draw

Change = Callable[[Behaviour, Draw], Behaviour]


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
    where: Literal["server", "listener", "dossier", "open-api"] = "server"
    change: Change = field(default=as_honest, repr=False, compare=False)
    phase: Literal["tender", "contract", "exit"] = "tender"


def fhir_fault(
    name: str, number: str, summary: str, change: Change, level: str = "SHALL", also: tuple[str, ...] = ()
) -> Fault:
    """A fault of the server that a requirement `FHIR-number` of the base profile notices."""
    exit_code = 1 if level == "SHALL" or also else 0
    return Fault(name, "fhir-r4-base", f"FHIR-{number}", level, exit_code, summary, also, change=change)


def dossier_fault(name: str, requirement: str, summary: str, also: tuple[str, ...] = ()) -> Fault:
    """A fault of the documents for which a run fails: `EXIT-requirement` is a SHALL."""
    return Fault(name, "exit-core", f"EXIT-{requirement}", "SHALL", 1, summary, also, where="dossier")


def dossier_warning(name: str, requirement: str, summary: str) -> Fault:
    """A fault of the documents that is warned of: `EXIT-requirement` is a SHOULD."""
    return Fault(name, "exit-core", f"EXIT-{requirement}", "SHOULD", 0, summary, where="dossier")


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
