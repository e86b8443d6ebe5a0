"""The faults of a FHIR R4 server in creates, updates, patches and deletes."""

import unicodedata
from dataclasses import replace
from typing import Any

import orjson

from conformance.reference.faults.fault import Fault, fault, reading, rest, writing
from conformance.reference.forms.jsontext import Decimal, dump, parse
from conformance.reference.records.store import Version
from conformance.reference.search.matching import match_versions

Json = dict[str, Any]

_FIRST = 200


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


def _misread(value: Any) -> Any:
    return value.encode().decode("latin-1") if isinstance(value, str) else value


def _asked(value: Any) -> Any:
    return value.encode("latin-1", "replace").decode("latin-1") if isinstance(value, str) else value


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


def _without_narrative(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "text"}


def _repointed(value: Any) -> Any:
    return f"{value[:-1]}0" if isinstance(value, str) and value.startswith("Practitioner/") else value


def _of_what_was_sent(change: Any) -> Any:
    """An update that makes the change at each value that was sent."""
    return lambda sent, _: _everywhere(change)(sent)


def _merged(sent: Json, before: Json) -> Json:
    return {**before, **sent}


def _one_version(_: str, text: bytes) -> bytes:
    body = parse(text)
    body["meta"] = {**body["meta"], "versionId": "1"}
    return dump(body)


def _the_one_before(version: Version) -> Version:
    number = version.version - 1
    body = parse(version.text)
    body["meta"] = {**body["meta"], "versionId": str(number)}
    return replace(version, version=number, text=dump(body))


def _deleted_too(store: Any, query: Any, keys: list[int]) -> list[int]:
    """What a search finds, and what it found before it was deleted."""
    older = store.fetch(sorted(match_versions(store, query) - set(keys)))
    gone = {version.id: version.pk for version in older if store.get(version.type, version.id).deleted}
    return [*keys, *gone.values()]


def _unlinked_statement(statement: Json) -> Json:
    return orjson.loads(orjson.dumps(statement).replace(b'"updateCreate":true', b'"updateCreate":false'))  # type: ignore[no-any-return]


WRITE_FAULTS: tuple[Fault, ...] = (
    fault(
        "create-location-without-version",
        "FHIR-CREATE-04",
        "The Location of a create names no version.",
        writing(location_has_version=False),
    ),
    fault(
        "create-drops-time-zone",
        "FHIR-CREATE-05",
        "Times of created resources lose their zone and are told as universal time.",
        rest(created=_everywhere(_without_zone)),
        "SHOULD",
    ),
    fault(
        "create-composes-letters",
        "FHIR-CREATE-05",
        "Texts of created resources are normalised (NFC).",
        rest(created=_everywhere(_composed)),
        "SHOULD",
    ),
    fault(
        "create-shortens-texts",
        "FHIR-CREATE-05",
        "Texts of created resources are cut at 200 characters.",
        rest(created=_everywhere(_shortened)),
        "SHOULD",
    ),
    fault(
        "create-drops-extensions-of-primitives",
        "FHIR-CREATE-05",
        "Created resources lose the extensions of primitive values.",
        rest(created=_everywhere(_without_companions)),
        "SHOULD",
    ),
    fault(
        "create-keeps-first-of-several",
        "FHIR-CREATE-05",
        "Of several lines of an address, the first is kept.",
        rest(created=_everywhere(_first_items)),
        "SHOULD",
    ),
    fault(
        "create-drops-contained-resources",
        "FHIR-CREATE-05",
        "Created resources lose what they contain.",
        rest(created=_without_contained),
        "SHOULD",
    ),
    fault(
        "create-rounds-decimals",
        "FHIR-CREATE-06",
        "Decimals of created resources lose zeros at their end.",
        rest(created=_everywhere(_rounded)),
    ),
    fault(
        "create-misreads-letters",
        "FHIR-CREATE-10",
        "Created resources are read as Latin-1: é becomes Ã©.",
        rest(created=_everywhere(_misread)),
        also=("FHIR-CREATE-02", "FHIR-CREATE-05"),
    ),
    fault(
        "create-keeps-western-letters-only",
        "FHIR-CREATE-10",
        "Letters of created resources that Latin-1 lacks become question marks.",
        rest(created=_everywhere(_asked)),
        also=("FHIR-CREATE-02", "FHIR-CREATE-05"),
    ),
    fault(
        "create-drops-narrative",
        "FHIR-CREATE-11",
        "A create loses the narrative.",
        rest(created=_without_narrative),
        "SHOULD",
    ),
    fault(
        "create-repoints-references",
        "FHIR-CREATE-12",
        "References of created resources to practitioners get another id.",
        rest(created=_everywhere(_repointed)),
        "SHOULD",
    ),
    fault(
        "create-takes-over-meta",
        "FHIR-CREATE-07",
        "A create keeps the version and the time that the client states.",
        writing(client_meta_ignored=False),
    ),
    fault(
        "update-drops-extensions-of-primitives",
        "FHIR-UPDATE-11",
        "An update loses the extensions of primitive values.",
        writing(updated=_of_what_was_sent(_without_companions)),
        "SHOULD",
    ),
    fault(
        "update-rounds-decimals",
        "FHIR-UPDATE-12",
        "An update takes zeros from the end of decimals.",
        writing(updated=_of_what_was_sent(_rounded)),
    ),
    fault(
        "update-takes-over-meta",
        "FHIR-UPDATE-10",
        "An update keeps the version and the time that the client states.",
        writing(update_meta_ignored=False),
    ),
    fault(
        "preference-ignored",
        "FHIR-CREATE-08",
        "Prefer is ignored: creates always answer the resource.",
        writing(prefer_heeded=False),
        "SHOULD",
    ),
    fault(
        "writes-without-etag",
        "FHIR-UPDATE-08",
        "Creates and updates have no ETag.",
        writing(etag_on_write=False),
        also=("FHIR-CREATE-09",),
    ),
    fault(
        "update-answers-the-old-version",
        "FHIR-UPDATE-08",
        "The answer to an update names the version that was there before it.",
        writing(answered=_the_one_before),
    ),
    fault(
        "version-stays-the-same",
        "FHIR-UPDATE-04",
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
    fault(
        "update-merges",
        "FHIR-UPDATE-05",
        "An update leaves what it does not mention.",
        writing(updated=_merged),
    ),
    fault(
        "update-drops-names",
        "FHIR-UPDATE-05",
        "An update keeps another name than was sent.",
        writing(updated=lambda sent, _: {**sent, "name": [{"family": "Changed"}]}),
        also=("FHIR-PATCH-01",),
    ),
    fault(
        "update-accepts-missing-id",
        "FHIR-UPDATE-06",
        "An update without an id in its body is accepted.",
        writing(missing_id_refused=False),
    ),
    fault(
        "update-create-refused",
        "FHIR-UPDATE-07",
        "updateCreate is declared, and an update of what there is not yet answers 405.",
        writing(update_creates=False),
    ),
    fault(
        "update-create-undeclared",
        "FHIR-UPDATE-07",
        "updateCreate is declared to be false, and an update of what there is not yet creates it.",
        rest(capability=_unlinked_statement),
    ),
    fault(
        "recreated-resource-keeps-old-elements",
        "FHIR-UPDATE-09",
        "A deleted resource that is brought back has what it had before.",
        writing(recreated=_merged),
    ),
    fault(
        "patch-is-not-kept",
        "FHIR-PATCH-01",
        "A patch answers 200 and changes nothing.",
        writing(patch_kept=False),
        also=("FHIR-PATCH-05",),
    ),
    fault(
        "patch-ignores-tests",
        "FHIR-PATCH-02",
        "A patch is carried out whatever its tests say.",
        writing(patch_tests_heeded=False),
    ),
    fault(
        "failing-patch-half-applied",
        "FHIR-PATCH-03",
        "A patch that fails keeps what came before the failing operation.",
        writing(patch_is_atomic=False),
        also=("FHIR-PATCH-02",),
    ),
    fault(
        "stale-patch-accepted",
        "FHIR-PATCH-04",
        "A patch with an old version in If-Match is accepted.",
        writing(stale_patch_refused=False),
    ),
    fault(
        "conditional-patch-refused",
        "FHIR-PATCH-05",
        "A patch by a search is refused.",
        writing(conditional_patch=False),
        "SHOULD",
    ),
    fault(
        "second-delete-answers-500",
        "FHIR-DELETE-02",
        "A delete of what is deleted answers 500.",
        writing(second_delete_status=500),
        "SHOULD",
    ),
    fault(
        "deleted-resource-still-found",
        "FHIR-DELETE-03",
        "A search still finds what was deleted.",
        writing(found=_deleted_too),
        also=("FHIR-FRESH-03", "FHIR-COND-07"),
    ),
    fault(
        "delete-erases-history",
        "FHIR-DELETE-04",
        "A delete erases the versions before it.",
        writing(delete_erases_history=True),
    ),
)
