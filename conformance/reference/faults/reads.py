"""The faults of a FHIR R4 server in what it declares, reads, versions and history."""

from typing import Any

from conformance.reference.faults.fault import Change, Fault, fault, reading, rest, together
from conformance.reference.forms.jsontext import dump, parse

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
    fault(
        "declared-vread-not-implemented",
        "FHIR-CAP-04",
        "vread is declared for Location and answers 501.",
        _failing("Location", "vread"),
        also=("FHIR-VREAD-01",),
    ),
    fault(
        "declared-vread-hidden",
        "FHIR-CAP-04",
        "vread is declared for Location and answers 501; only its history tells which versions there are.",
        lambda honest, draw: _versionless("Location")(_failing("Location", "vread")(honest, draw), draw),
        also=("FHIR-READ-04",),
    ),
    fault(
        "declared-patch-not-implemented",
        "FHIR-CAP-05",
        "patch is declared for Organization and answers 501.",
        _failing("Organization", "patch"),
    ),
    fault(
        "declared-validate-not-implemented",
        "FHIR-CAP-06",
        "$validate is declared and answers 501.",
        together(validate_status=501),
        also=("FHIR-OP-01",),
    ),
    fault(
        "read-without-last-modified",
        "FHIR-READ-05",
        "Reads have no Last-Modified.",
        reading(last_modified=False),
        "SHOULD",
    ),
    fault(
        "ids-in-any-case",
        "FHIR-READ-09",
        "A read by an id in the other case gives the resource.",
        reading(case_of_ids_heeded=False),
    ),
    fault("head-answers-404", "FHIR-READ-06", "HEAD answers 404.", reading(head_status=404), "SHOULD"),
    fault(
        "read-of-a-part-answers-a-bundle",
        "FHIR-READ-07",
        "A read with _summary or _elements answers an empty search.",
        reading(subset_is_bundle=True),
        "SHOULD",
    ),
    fault(
        "last-updated-is-to-come",
        "FHIR-META-01",
        "meta.lastUpdated lies in another century.",
        rest(shown=_dated("2190-01-01T00:00:00.000Z")),
        also=("FHIR-READ-05", "FHIR-META-02", "FHIR-SEARCH-14", "FHIR-HIST-07", "FHIR-HIST-08"),
    ),
    fault(
        "last-updated-never-changes",
        "FHIR-META-02",
        "meta.lastUpdated is always the same instant.",
        rest(shown=_dated("2016-05-04T03:02:01.000Z")),
        also=("FHIR-READ-05", "FHIR-SEARCH-14"),
    ),
    fault(
        "if-none-match-ignored",
        "FHIR-COND-01",
        "A read with If-None-Match is answered as one without.",
        reading(if_none_match_heeded=False),
    ),
    fault(
        "not-modified-to-any-tag",
        "FHIR-COND-01",
        "A read with any If-None-Match answers 304.",
        reading(any_tag_matches=True),
    ),
    fault(
        "if-modified-since-ignored",
        "FHIR-COND-02",
        "A read with If-Modified-Since is answered as one without.",
        reading(if_modified_since_heeded=False),
    ),
    fault(
        "vread-gives-current",
        "FHIR-VREAD-01",
        "A read of an older version gives the current one.",
        reading(vread_gives_current=True),
    ),
    fault(
        "unknown-version-is-current",
        "FHIR-VREAD-01",
        "A read of a version that there is not gives the current one.",
        reading(unknown_version_is_current=True),
        also=("FHIR-VREAD-02",),
    ),
    fault(
        "deleted-version-still-read",
        "FHIR-VREAD-03",
        "A read of the version of a deletion gives the one before.",
        reading(deleted_version_is_gone=False),
        "SHOULD",
    ),
    fault(
        "history-misses-versions",
        "FHIR-HIST-01",
        "Histories lack the second version.",
        reading(history=_thinned),
        also=("FHIR-HIST-07", "FHIR-HIST-08", "FHIR-DELETE-04"),
    ),
    fault(
        "history-oldest-first",
        "FHIR-HIST-02",
        "Histories begin with the oldest version.",
        reading(history=lambda versions: versions[::-1]),
    ),
    fault(
        "history-tells-no-requests",
        "FHIR-HIST-03",
        "Entries of histories have no request and response.",
        reading(history_tells_requests=False),
        also=("FHIR-HIST-06",),
    ),
    fault(
        "history-calls-updates-creations",
        "FHIR-HIST-03",
        "Entries of histories tell of updates as if they had been creates.",
        reading(history_method=lambda method: "POST" if method == "PUT" else method),
    ),
    fault(
        "history-ignores-since",
        "FHIR-HIST-04",
        "Histories ignore _since.",
        reading(history_since_heeded=False),
        "SHOULD",
    ),
    fault(
        "history-ignores-count",
        "FHIR-HIST-05",
        "Histories ignore _count.",
        reading(history_count_heeded=False),
        "SHOULD",
    ),
    fault(
        "history-deletion-holds-a-resource",
        "FHIR-HIST-06",
        "A history's entry for a deletion holds a resource.",
        reading(history_deletions_are_empty=False),
    ),
    fault(
        "history-hides-deletions",
        "FHIR-HIST-06",
        "Histories have no entries for deletions.",
        reading(history=_without_deletions),
    ),
    fault(
        "history-of-first-versions-only",
        "FHIR-HIST-07",
        "Histories have the first versions of resources only.",
        reading(history=_of_creates),
        also=("FHIR-HIST-01", "FHIR-HIST-04", "FHIR-HIST-06", "FHIR-HIST-08", "FHIR-DELETE-04"),
    ),
)
