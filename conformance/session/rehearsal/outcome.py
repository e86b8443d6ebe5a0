"""What a rehearsal comes to: what went wrong, what cannot be told, and the result that follows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.model.rehearsal import RehearsalResult, StoreOutcome
from conformance.session.rehearsal.asking import Counts


@dataclass(frozen=True)
class Facts:
    """What was seen: countings before and after, resources by type in the export, its errors, and the stores."""

    before: Counts
    after: Counts
    exported: Mapping[str, int]
    errors: Sequence[str]
    stores: Sequence[StoreOutcome]


@dataclass(frozen=True)
class Judgement:
    """The result, and why."""

    result: RehearsalResult
    errors: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def judged(facts: Facts) -> Judgement:
    """The result: failed where something is known to be wrong, passed where nothing is, and all could be told.

    As EXIT-CMP-01 has it, of a type that changes meanwhile the export may hold any number between both countings.
    """
    errors = (*facts.errors, *_miscounted(facts), *_lost(facts.stores))
    unsure = (*_uncounted(facts), *_silent(facts.stores))
    if not any(facts.exported.values()) and not errors:
        unsure = (*unsure, "the export holds no resource, so that nothing is shown")
    result: RehearsalResult = "failed" if errors else "inconclusive" if unsure else "passed"
    return Judgement(result, errors, unsure)


def _miscounted(facts: Facts) -> Iterator[str]:
    for kind, before in facts.before.items():
        found, after = facts.exported.get(kind, 0), facts.after.get(kind)
        if before is not None and before == after and found != before:
            yield f"{kind}: a search counted {before:,} before and after, the export holds {found:,}"


def _uncounted(facts: Facts) -> Iterator[str]:
    for kind, before in facts.before.items():
        found, after = facts.exported.get(kind, 0), facts.after.get(kind)
        if before is None or after is None:
            yield f"{kind}: a search tells no number, so that nobody knows whether the {found:,} exported are all"
        elif before != after and not min(before, after) <= found <= max(before, after):
            yield (
                f"{kind}: it changed meanwhile: a search counted {before:,} before and {after:,} after, the export"
                f" holds {found:,}. Rehearse again when less is written"
            )


def _lost(stores: Sequence[StoreOutcome]) -> Iterator[str]:
    for store in stores:
        if store.refusals:
            yield f"{store.name} did not take {store.refusals:,} resources"
        if paths := len(store.losses) + store.further_losses:
            yield f"{store.name} lost or altered something at {paths:,} element paths"


def _silent(stores: Sequence[StoreOutcome]) -> Iterator[str]:
    for store in stores:
        yield from (f"{store.name}: {why}" for why in store.unsure)
