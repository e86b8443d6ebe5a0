"""The faults of a FHIR R4 server in what it declares, reads, versions and history."""

from typing import Any

from conformance.reference.fault import Change, Fault, reading, rest, together
from conformance.reference.fault import fhir_fault as _fault
from conformance.reference.jsontext import dump, parse

Json = dict[str, Any]

_SHORT = 2


def _dated(moment: str) -> Any:
    """What is shown of a resource whose last change is told to have been at that moment."""

    def shown(_: str, text: bytes) -> bytes:
        body = parse(text)
        body["meta"] = {**body["meta"], "lastUpdated": moment}
        return dump(body)

    return shown


def _thinned(versions: list[Any]) -> list[Any]:
    """A history without its second version, where it has more than two."""
    return [*versions[:-2], versions[-1]] if len(versions) > _SHORT else versions


def _of_creates(versions: list[Any]) -> list[Any]:
    return [version for version in versions if version.version == 1]


def _without_deletions(versions: list[Any]) -> list[Any]:
    return [version for version in versions if not version.deleted]


def _failing(kind: str, interaction: str) -> Change:
    return reading(failing_interaction=(kind, interaction))


def _versionless(kind: str) -> Change:
    """Reads of a type tell no version, by the resource or by an ETag."""

    def shown(name: str, text: bytes) -> bytes:
        if not name.startswith(f"{kind}/"):
            return text
        body = parse(text)
        return dump({**body, "meta": {key: item for key, item in body["meta"].items() if key != "versionId"}})

    return rest(etag_on_read=False, shown=shown)


READ_FAULTS: tuple[Fault, ...] = (
    _fault(
        "declared-vread-not-implemented",
        "CAP-04",
        "vread is declared for Location and answers 501.",
        _failing("Location", "vread"),
        also=("FHIR-VREAD-01",),
    ),
    _fault(
        "declared-vread-hidden",
        "CAP-04",
        "vread is declared for Location and answers 501; only its history tells which versions there are.",
        lambda honest, draw: _versionless("Location")(_failing("Location", "vread")(honest, draw), draw),
        also=("FHIR-READ-04",),
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
    _fault(
        "ids-in-any-case",
        "READ-09",
        "A read by an id in the other case gives the resource.",
        reading(case_of_ids_heeded=False),
    ),
    _fault("head-answers-404", "READ-06", "HEAD answers 404.", reading(head_status=404), "SHOULD"),
    _fault(
        "read-of-a-part-answers-a-bundle",
        "READ-07",
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
        also=("FHIR-READ-05", "FHIR-SEARCH-14"),
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
        "VREAD-01",
        "A read of a version that there is not gives the current one.",
        reading(unknown_version_is_current=True),
        also=("FHIR-VREAD-02",),
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
        also=("FHIR-HIST-07", "FHIR-HIST-08", "FHIR-DELETE-04"),
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
        "SHOULD",
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
        also=("FHIR-HIST-01", "FHIR-HIST-04", "FHIR-HIST-06", "FHIR-HIST-08", "FHIR-DELETE-04"),
    ),
)
