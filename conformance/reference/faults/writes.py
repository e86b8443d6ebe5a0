"""The faults of a FHIR R4 server in creates, updates, patches and deletes."""

from dataclasses import replace
from typing import Any

import orjson

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Fault, fault, reading, rest, writing
from conformance.reference.forms.jsontext import dump, parse
from conformance.reference.records.store import Version
from conformance.reference.search.matching import match_versions

Json = dict[str, Any]

_NOT_ALLOWED = 405


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


def _creates_what_it_refuses(honest: Behaviour, draw: Draw) -> Behaviour:
    refusing = writing(
        update_creates=False, refused_update_is_kept=lambda _sent, _identifier, status: status == _NOT_ALLOWED
    )
    return refusing(rest(capability=_unlinked_statement)(honest, draw), draw)


WRITE_FAULTS: tuple[Fault, ...] = (
    fault(
        "create-location-without-version",
        "FHIR-CREATE-04",
        "The Location of a create names no version.",
        writing(location_has_version=False),
    ),
    fault(
        "create-takes-over-meta",
        "FHIR-CREATE-07",
        "A create keeps the version and the time that the client states.",
        writing(client_meta_ignored=False),
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
        "update-without-id-refused-and-kept",
        "FHIR-UPDATE-06",
        "An update without an id in its body is answered 400, and what it sent is kept all the same.",
        writing(refused_update_is_kept=lambda sent, _identifier, _status: "id" not in sent),
    ),
    fault(
        "update-with-another-id-refused-and-kept",
        "FHIR-UPDATE-03",
        "An update whose body has another id is answered 400, and what it sent is kept all the same.",
        writing(refused_update_is_kept=lambda sent, identifier, _: sent.get("id", identifier) != identifier),
    ),
    fault(
        "update-create-refused-and-kept",
        "FHIR-UPDATE-07",
        "updateCreate is declared to be false, and an update of what there is not yet answers 405 and creates it.",
        _creates_what_it_refuses,
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
