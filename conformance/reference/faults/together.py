"""The faults of a FHIR R4 server in conditional interactions, bundles, searches after writes, and operations."""

from typing import Any

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Fault, fault, formats, rest, together, writing
from conformance.reference.faults.results_changes import results
from conformance.reference.forms import dates
from conformance.reference.search.matching import match_versions

Json = dict[str, Any]


def _outdated(store: Any, query: Any, keys: list[int]) -> list[int]:
    """What a search finds, and what it would have found before the last change."""
    found = set(keys)
    older = [version for version in store.fetch(sorted(match_versions(store, query) - found)) if version.text]
    current = {version.id for version in store.fetch(keys)}
    changed = [
        version.pk
        for version in older
        if version.id not in current and not store.get(version.type, version.id).deleted
    ]
    return [*keys, *changed]


def _late(store: Any, _query: Any, keys: list[int]) -> list[int]:
    """What a search finds but for what was updated within the last minute."""
    limit = dates.now() - 60_000_000
    return [version.pk for version in store.fetch(keys) if version.updated < limit or version.version == 1]


_LAG = 400_000
"""Microseconds until an index that lags finds what was written."""


def _lagging(store: Any, _query: Any, keys: list[int]) -> list[int]:
    """What a search finds but for what was written less than a moment ago: lawful, if slow."""
    limit = dates.now() - _LAG
    return [version.pk for version in store.fetch(keys) if version.updated < limit]


def _turned(kind: str, answers: list[Any]) -> list[Any]:
    return answers[::-1] if kind == "batch" else answers


def _named_as_another(kind: str, answers: list[Any]) -> list[Any]:
    responses = [answer["response"] for answer in answers]
    others = [one["location"] for one in responses if one["status"] == "200" and "location" in one]
    for response in responses if kind == "batch" and others else ():
        if response["status"] == "201":
            response["location"] = others[0]
    return answers


def _turned_transaction(kind: str, answers: list[Any]) -> list[Any]:
    return answers[::-1] if kind == "transaction" else answers


def _as_first_found(honest: Behaviour, draw: Draw) -> Behaviour:
    first: dict[str, bytes] = {}
    return results("entries", shown=first.setdefault)(honest, draw)


TOGETHER_FAULTS: tuple[Fault, ...] = (
    fault(
        "conditional-create-always-creates",
        "FHIR-COND-03",
        "A conditional create creates though one matches.",
        together(existing_stops_create=False),
    ),
    fault(
        "conditional-create-of-many-takes-first",
        "FHIR-COND-04",
        "A conditional create with several matches is accepted.",
        together(many_stop_create=False),
    ),
    fault(
        "conditional-update-creates-second",
        "FHIR-COND-05",
        "A conditional update creates though one matches.",
        together(match_is_updated=False),
    ),
    fault(
        "conditional-update-with-another-id",
        "FHIR-COND-09",
        "A conditional update whose body has another id than the match is accepted.",
        together(other_match_refused=False),
    ),
    fault(
        "conditional-update-of-many-updates-first",
        "FHIR-COND-06",
        "A conditional update with several matches updates the first.",
        together(many_stop_update=False),
    ),
    fault(
        "conditional-delete-deletes-nothing",
        "FHIR-COND-07",
        "A conditional delete answers 204 and deletes nothing.",
        together(conditional_delete_deletes=False),
    ),
    fault(
        "conditional-delete-of-many-deletes-one",
        "FHIR-COND-08",
        "A conditional delete with several matches deletes one of them.",
        together(many_stop_delete=False),
    ),
    fault(
        "batch-stops-at-failure",
        "FHIR-BATCH-01",
        "A batch carries out nothing after an entry that fails.",
        together(batch_goes_on=False),
    ),
    fault(
        "batch-refuses-deletes",
        "FHIR-BATCH-01",
        "An entry of a batch that deletes answers 501.",
        together(refused_in_batch="DELETE"),
    ),
    fault(
        "batch-create-names-another",
        "FHIR-BATCH-01",
        "The location of a create in a batch is that of what another entry updates.",
        together(answers=_named_as_another),
    ),
    fault(
        "batch-answers-out-of-order",
        "FHIR-BATCH-02",
        "The response to a batch has its entries in another order.",
        together(answers=_turned),
    ),
    fault(
        "transaction-leaves-placeholders",
        "FHIR-TXN-02",
        "References among the entries of a transaction stay as they were.",
        together(references_linked=False),
    ),
    fault(
        "transaction-answers-out-of-order",
        "FHIR-TXN-03",
        "The response to a transaction has its entries in another order.",
        together(answers=_turned_transaction),
        also=("FHIR-TXN-02",),
    ),
    fault(
        "transaction-accepts-duplicates",
        "FHIR-TXN-04",
        "A transaction changes one resource twice.",
        together(duplicates_refused=False),
    ),
    fault(
        "transaction-keeps-order-of-entries",
        "FHIR-TXN-05",
        "A transaction carries out its entries in the order in which they stand.",
        together(own_order=False),
    ),
    fault(
        "conditional-reference-unresolved",
        "FHIR-TXN-06",
        "A reference by a search stays as it was.",
        together(conditional_references_resolved=False),
    ),
    fault(
        "transaction-keeps-half-found-later",
        "FHIR-TXN-01",
        "A transaction that fails keeps what came before the failing entry, and searches find it a moment later.",
        lambda honest, draw: writing(found=_lagging)(rest(transaction_is_atomic=False)(honest, draw), draw),
    ),
    fault(
        "refused-create-is-kept-and-found-later",
        "FHIR-NEG-19",
        "A create that is refused for its content is kept, and searches find it a moment later.",
        lambda honest, draw: writing(found=_lagging)(
            formats(refused_create_is_kept=True)(honest, draw), draw
        ),
    ),
    fault(
        "update-keeps-old-identifier",
        "FHIR-FRESH-01",
        "An update answers 200, and the identifier stays as it was.",
        writing(updated=lambda sent, before: {**sent, "identifier": before.get("identifier", [])}),
        also=("FHIR-FRESH-02", "FHIR-FRESH-03"),
    ),
    fault(
        "search-lags-after-updates",
        "FHIR-FRESH-02",
        "A search finds what was updated a minute later.",
        writing(found=_late),
        "SHOULD",
    ),
    fault(
        "search-finds-old-values",
        "FHIR-FRESH-03",
        "A search finds what was updated by its old value too.",
        writing(found=_outdated),
        "SHOULD",
    ),
    fault(
        "search-shows-what-it-first-found",
        "FHIR-FRESH-04",
        "Searches show each resource as they first found it, also after it was updated.",
        _as_first_found,
    ),
    fault(
        "validate-finds-no-fault",
        "FHIR-OP-01",
        "$validate finds no fault with anything.",
        together(validates=lambda _: True),
    ),
    fault(
        "everything-leaks-another-patient",
        "FHIR-OP-02",
        "$everything holds another patient.",
        together(everything_leaks=True),
    ),
)
