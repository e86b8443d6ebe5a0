"""The faults of a FHIR R4 server in versions, history, patches, conditional interactions, bundles and operations."""

import unicodedata
from typing import Any

import orjson

from conformance.reference import dates
from conformance.reference.fault import Change, Fault, reading, rest, together, writing
from conformance.reference.jsontext import Decimal, dump, parse

Json = dict[str, Any]

_PROFILE = "fhir-r4-base"
_FIRST = 200
_SHORT = 2


def _everywhere(change: Any) -> Any:
    """A change of a resource that is made at each of its values, the innermost first."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return change({name: changed(item) for name, item in value.items()})
        if isinstance(value, list):
            return [changed(item) for item in value]
        return change(value)

    return changed


def _rounded(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _without_zone(value: Any) -> Any:
    if isinstance(value, str) and len(value) > len("2000-01-01T00:00") and value[10:11] == "T":
        for mark in ("+", "-"):
            day, clock = value[:11], value[11:]
            if mark in clock:
                return day + clock.partition(mark)[0] + "Z"
    return value


def _composed(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _shortened(value: Any) -> Any:
    return value[:_FIRST] if isinstance(value, str) and len(value) > _FIRST else value


def _without_companions(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kept = {name: item for name, item in value.items() if not name.startswith("_")}
    return {
        name: [part for part in item if part is not None] if isinstance(item, list) else item
        for name, item in kept.items()
    }


def _first_items(value: Any) -> Any:
    """Lists of texts with their first text only: of given names and lines of an address."""
    if isinstance(value, dict):
        return {
            name: item[:1] if name in {"given", "line", "event"} and isinstance(item, list) else item
            for name, item in value.items()
        }
    return value


def _without_contained(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "contained"}


def _merged(sent: Json, before: Json) -> Json:
    return {**before, **sent}


def _dated(moment: str) -> Any:
    """What is shown of a resource whose last change is told to have been at that moment."""

    def shown(_: str, text: bytes) -> bytes:
        body = parse(text)
        body["meta"] = {**body["meta"], "lastUpdated": moment}
        return dump(body)

    return shown


def _one_version(_: str, text: bytes) -> bytes:
    body = parse(text)
    body["meta"] = {**body["meta"], "versionId": "1"}
    return dump(body)


def _thinned(versions: list[Any]) -> list[Any]:
    """A history without its second version, where it has more than two."""
    return [*versions[:-2], versions[-1]] if len(versions) > _SHORT else versions


def _of_creates(versions: list[Any]) -> list[Any]:
    return [version for version in versions if version.version == 1]


def _without_deletions(versions: list[Any]) -> list[Any]:
    return [version for version in versions if not version.deleted]


def _outdated(store: Any, query: Any, keys: list[int]) -> list[int]:
    """What a search finds, and what it would have found before the last change."""
    from conformance.reference.matching import match_versions  # noqa: PLC0415 - query imports the table of behaviours

    found = set(keys)
    older = [version for version in store.fetch(sorted(match_versions(store, query) - found)) if version.text]
    current = {version.id for version in store.fetch(keys)}
    changed = [
        version.pk
        for version in older
        if version.id not in current and not store.get(version.type, version.id).deleted
    ]
    return [*keys, *changed]


def _deleted_too(store: Any, query: Any, keys: list[int]) -> list[int]:
    """What a search finds, and what it found before it was deleted."""
    from conformance.reference.matching import match_versions  # noqa: PLC0415 - query imports the table of behaviours

    older = store.fetch(sorted(match_versions(store, query) - set(keys)))
    gone = {version.id: version.pk for version in older if store.get(version.type, version.id).deleted}
    return [*keys, *gone.values()]


def _late(store: Any, _query: Any, keys: list[int]) -> list[int]:
    """What a search finds but for what was updated within the last minute."""
    limit = dates.now() - 60_000_000
    return [version.pk for version in store.fetch(keys) if version.updated < limit or version.version == 1]


def _turned(kind: str, answers: list[Any]) -> list[Any]:
    return answers[::-1] if kind == "batch" else answers


def _turned_transaction(kind: str, answers: list[Any]) -> list[Any]:
    return answers[::-1] if kind == "transaction" else answers


def _unlinked_statement(statement: Json) -> Json:
    return orjson.loads(orjson.dumps(statement).replace(b'"updateCreate":true', b'"updateCreate":false'))  # type: ignore[no-any-return]


def _fault(
    name: str, number: str, summary: str, change: Change, level: str = "SHALL", also: tuple[str, ...] = ()
) -> Fault:
    exit_code = 1 if level == "SHALL" or also else 0
    return Fault(name, _PROFILE, f"FHIR-{number}", level, exit_code, summary, also, change=change)


def _failing(kind: str, interaction: str) -> Change:
    return reading(failing_interaction=(kind, interaction))


REST_FAULTS: tuple[Fault, ...] = (
    _fault(
        "declared-vread-not-implemented",
        "CAP-04",
        "vread is declared for Location and answers 501.",
        _failing("Location", "vread"),
    ),
    _fault(
        "declared-patch-not-implemented",
        "CAP-05",
        "patch is declared for Organization and answers 501.",
        _failing("Organization", "patch"),
    ),
    _fault(
        "declared-validate-not-implemented",
        "CAP-06",
        "$validate is declared and answers 501.",
        together(validate_status=501),
        also=("FHIR-OP-01",),
    ),
    _fault(
        "read-without-last-modified",
        "READ-05",
        "Reads have no Last-Modified.",
        reading(last_modified=False),
        "SHOULD",
    ),
    _fault("head-answers-404", "READ-06", "HEAD answers 404.", reading(head_status=404), "SHOULD"),
    _fault(
        "malformed-id-answers-500",
        "READ-07",
        "A read of what is no id answers 500.",
        reading(malformed_id_status=500),
        "SHOULD",
    ),
    _fault(
        "read-of-a-part-answers-a-bundle",
        "READ-08",
        "A read with _summary or _elements answers an empty search.",
        reading(subset_is_bundle=True),
        "SHOULD",
    ),
    _fault(
        "last-updated-is-to-come",
        "META-01",
        "meta.lastUpdated lies in another century.",
        rest(shown=_dated("2190-01-01T00:00:00.000Z")),
        also=("FHIR-READ-05", "FHIR-META-02", "FHIR-SEARCH-14", "FHIR-HIST-07", "FHIR-HIST-08"),
    ),
    _fault(
        "last-updated-never-changes",
        "META-02",
        "meta.lastUpdated is always the same instant.",
        rest(shown=_dated("2016-05-04T03:02:01.000Z")),
        also=("FHIR-READ-05",),
    ),
    _fault(
        "if-none-match-ignored",
        "COND-01",
        "A read with If-None-Match is answered as one without.",
        reading(if_none_match_heeded=False),
    ),
    _fault(
        "not-modified-to-any-tag",
        "COND-01",
        "A read with any If-None-Match answers 304.",
        reading(any_tag_matches=True),
    ),
    _fault(
        "if-modified-since-ignored",
        "COND-02",
        "A read with If-Modified-Since is answered as one without.",
        reading(if_modified_since_heeded=False),
    ),
    _fault(
        "vread-gives-current",
        "VREAD-01",
        "A read of an older version gives the current one.",
        reading(vread_gives_current=True),
    ),
    _fault(
        "unknown-version-is-current",
        "VREAD-02",
        "A read of a version that there is not gives the current one.",
        reading(unknown_version_is_current=True),
        "SHOULD",
    ),
    _fault(
        "deleted-version-still-read",
        "VREAD-03",
        "A read of the version of a deletion gives the one before.",
        reading(deleted_version_is_gone=False),
        "SHOULD",
    ),
    _fault(
        "history-misses-versions",
        "HIST-01",
        "Histories lack the second version.",
        reading(history=_thinned),
        also=("FHIR-HIST-07", "FHIR-HIST-08"),
    ),
    _fault(
        "history-oldest-first",
        "HIST-02",
        "Histories begin with the oldest version.",
        reading(history=lambda versions: versions[::-1]),
    ),
    _fault(
        "history-tells-no-requests",
        "HIST-03",
        "Entries of histories have no request and response.",
        reading(history_tells_requests=False),
        also=("FHIR-HIST-06",),
    ),
    _fault(
        "history-ignores-since",
        "HIST-04",
        "Histories ignore _since.",
        reading(history_since_heeded=False),
    ),
    _fault(
        "history-ignores-count",
        "HIST-05",
        "Histories ignore _count.",
        reading(history_count_heeded=False),
        "SHOULD",
    ),
    _fault(
        "history-deletion-holds-a-resource",
        "HIST-06",
        "A history's entry for a deletion holds a resource.",
        reading(history_deletions_are_empty=False),
    ),
    _fault(
        "history-hides-deletions",
        "HIST-06",
        "Histories have no entries for deletions.",
        reading(history=_without_deletions),
    ),
    _fault(
        "history-of-first-versions-only",
        "HIST-07",
        "Histories have the first versions of resources only.",
        reading(history=_of_creates),
        also=("FHIR-HIST-01", "FHIR-HIST-04", "FHIR-HIST-06", "FHIR-HIST-08"),
    ),
    _fault(
        "create-location-without-version",
        "CREATE-04",
        "The Location of a create names no version.",
        writing(location_has_version=False),
    ),
    _fault(
        "create-drops-time-zone",
        "CREATE-05",
        "Times of created resources lose their zone and are told as universal time.",
        rest(created=_everywhere(_without_zone)),
        "SHOULD",
    ),
    _fault(
        "create-composes-letters",
        "CREATE-05",
        "Texts of created resources are normalised (NFC).",
        rest(created=_everywhere(_composed)),
        "SHOULD",
    ),
    _fault(
        "create-shortens-texts",
        "CREATE-05",
        "Texts of created resources are cut at 200 characters.",
        rest(created=_everywhere(_shortened)),
        "SHOULD",
    ),
    _fault(
        "create-drops-extensions-of-primitives",
        "CREATE-05",
        "Created resources lose the extensions of primitive values.",
        rest(created=_everywhere(_without_companions)),
        "SHOULD",
    ),
    _fault(
        "create-keeps-first-of-several",
        "CREATE-05",
        "Of several lines of an address, the first is kept.",
        rest(created=_everywhere(_first_items)),
        "SHOULD",
    ),
    _fault(
        "create-drops-contained-resources",
        "CREATE-05",
        "Created resources lose what they contain.",
        rest(created=_without_contained),
        "SHOULD",
    ),
    _fault(
        "create-rounds-decimals",
        "CREATE-06",
        "Decimals of created resources lose zeros at their end.",
        rest(created=_everywhere(_rounded)),
    ),
    _fault(
        "create-accepts-another-type",
        "CREATE-07",
        "A create takes a body of another type for one of its own.",
        writing(type_checked=False),
        "SHOULD",
    ),
    _fault(
        "create-takes-over-meta",
        "CREATE-08",
        "A create keeps the version and the time that the client states.",
        writing(client_meta_ignored=False),
    ),
    _fault(
        "preference-ignored",
        "CREATE-09",
        "Prefer is ignored: creates always answer the resource.",
        writing(prefer_heeded=False),
        "SHOULD",
    ),
    _fault(
        "writes-without-etag",
        "UPDATE-08",
        "Creates and updates have no ETag.",
        writing(etag_on_write=False),
        also=("FHIR-CREATE-10",),
    ),
    _fault(
        "version-stays-the-same",
        "UPDATE-04",
        "Every version is told as version 1.",
        lambda honest, draw: rest(shown=_one_version)(reading(version_told=lambda _: 1)(honest, draw), draw),
        also=(
            "FHIR-VREAD-01",
            "FHIR-HIST-01",
            "FHIR-HIST-04",
            "FHIR-HIST-07",
            "FHIR-HIST-08",
            "FHIR-UPDATE-09",
            "FHIR-VREAD-03",
        ),
    ),
    _fault(
        "update-merges",
        "UPDATE-05",
        "An update leaves what it does not mention.",
        writing(updated=_merged),
    ),
    _fault(
        "update-drops-names",
        "UPDATE-05",
        "An update keeps another name than was sent.",
        writing(updated=lambda sent, _: {**sent, "name": [{"family": "Changed"}]}),
        also=("FHIR-PATCH-01",),
    ),
    _fault(
        "update-accepts-missing-id",
        "UPDATE-06",
        "An update without an id in its body is accepted.",
        writing(missing_id_refused=False),
    ),
    _fault(
        "update-create-refused",
        "UPDATE-07",
        "updateCreate is declared, and an update of what there is not yet answers 405.",
        writing(update_creates=False),
    ),
    _fault(
        "update-create-undeclared",
        "UPDATE-07",
        "updateCreate is declared to be false, and an update of what there is not yet creates it.",
        rest(capability=_unlinked_statement),
    ),
    _fault(
        "recreated-resource-keeps-old-elements",
        "UPDATE-09",
        "A deleted resource that is brought back has what it had before.",
        writing(recreated=_merged),
    ),
    _fault(
        "patch-is-not-kept",
        "PATCH-01",
        "A patch answers 200 and changes nothing.",
        writing(patch_kept=False),
        also=("FHIR-PATCH-05",),
    ),
    _fault(
        "patch-ignores-tests",
        "PATCH-02",
        "A patch is carried out whatever its tests say.",
        writing(patch_tests_heeded=False),
    ),
    _fault(
        "failing-patch-half-applied",
        "PATCH-03",
        "A patch that fails keeps what came before the failing operation.",
        writing(patch_is_atomic=False),
        also=("FHIR-PATCH-02",),
    ),
    _fault(
        "stale-patch-accepted",
        "PATCH-04",
        "A patch with an old version in If-Match is accepted.",
        writing(stale_patch_refused=False),
    ),
    _fault(
        "conditional-patch-refused",
        "PATCH-05",
        "A patch by a search is refused.",
        writing(conditional_patch=False),
    ),
    _fault(
        "second-delete-answers-500",
        "DELETE-02",
        "A delete of what is deleted answers 500.",
        writing(second_delete_status=500),
        "SHOULD",
    ),
    _fault(
        "deleted-resource-still-found",
        "DELETE-03",
        "A search still finds what was deleted.",
        writing(found=_deleted_too),
        also=("FHIR-FRESH-03", "FHIR-COND-07"),
    ),
    _fault(
        "delete-erases-history",
        "DELETE-04",
        "A delete erases the versions before it.",
        writing(delete_erases_history=True),
    ),
    _fault(
        "conditional-create-always-creates",
        "COND-03",
        "A conditional create creates though one matches.",
        together(existing_stops_create=False),
    ),
    _fault(
        "conditional-create-of-many-takes-first",
        "COND-04",
        "A conditional create with several matches is accepted.",
        together(many_stop_create=False),
    ),
    _fault(
        "conditional-update-creates-second",
        "COND-05",
        "A conditional update creates though one matches.",
        together(match_is_updated=False),
    ),
    _fault(
        "conditional-update-of-many-updates-first",
        "COND-06",
        "A conditional update with several matches updates the first.",
        together(many_stop_update=False),
    ),
    _fault(
        "conditional-delete-deletes-nothing",
        "COND-07",
        "A conditional delete answers 204 and deletes nothing.",
        together(conditional_delete_deletes=False),
    ),
    _fault(
        "conditional-delete-of-many-deletes-one",
        "COND-08",
        "A conditional delete with several matches deletes one of them.",
        together(many_stop_delete=False),
    ),
    _fault(
        "batch-stops-at-failure",
        "BATCH-01",
        "A batch carries out nothing after an entry that fails.",
        together(batch_goes_on=False),
    ),
    _fault(
        "batch-refuses-deletes",
        "BATCH-01",
        "An entry of a batch that deletes answers 501.",
        together(refused_in_batch="DELETE"),
    ),
    _fault(
        "batch-answers-out-of-order",
        "BATCH-02",
        "The response to a batch has its entries in another order.",
        together(answers=_turned),
    ),
    _fault(
        "transaction-leaves-placeholders",
        "TXN-02",
        "References among the entries of a transaction stay as they were.",
        together(references_linked=False),
    ),
    _fault(
        "transaction-answers-out-of-order",
        "TXN-03",
        "The response to a transaction has its entries in another order.",
        together(answers=_turned_transaction),
        also=("FHIR-TXN-02",),
    ),
    _fault(
        "transaction-accepts-duplicates",
        "TXN-04",
        "A transaction changes one resource twice.",
        together(duplicates_refused=False),
    ),
    _fault(
        "transaction-keeps-order-of-entries",
        "TXN-05",
        "A transaction carries out its entries in the order in which they stand.",
        together(own_order=False),
    ),
    _fault(
        "conditional-reference-unresolved",
        "TXN-06",
        "A reference by a search stays as it was.",
        together(conditional_references_resolved=False),
    ),
    _fault(
        "update-keeps-old-identifier",
        "FRESH-01",
        "An update answers 200, and the identifier stays as it was.",
        writing(updated=lambda sent, before: {**sent, "identifier": before.get("identifier", [])}),
        also=("FHIR-FRESH-02", "FHIR-FRESH-03"),
    ),
    _fault(
        "search-lags-after-updates",
        "FRESH-02",
        "A search finds what was updated a minute later.",
        writing(found=_late),
        "SHOULD",
    ),
    _fault(
        "search-finds-old-values",
        "FRESH-03",
        "A search finds what was updated by its old value too.",
        writing(found=_outdated),
        "SHOULD",
    ),
    _fault(
        "validate-finds-no-fault",
        "OP-01",
        "$validate finds no fault with anything.",
        together(validates=lambda _: True),
    ),
    _fault(
        "everything-leaks-another-patient",
        "OP-02",
        "$everything holds another patient.",
        together(everything_leaks=True),
    ),
)
