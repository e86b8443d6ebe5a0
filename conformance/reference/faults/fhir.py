"""The faults of a FHIR R4 server: capabilities, reads, searches and writes."""

from collections.abc import Sequence
from typing import Any

from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, drawn, fault, rest, search

_JSON = "application/json"
_EMPTY_SHARE = 0.3
_OTHER_SHARE = 0.5
_POST_SHARE = 1 / 3
# Parameters that no requirement but the one about declared parameters looks at.
_SPARE_PARAMETERS = (
    ("Observation", "status"),
    ("Encounter", "status"),
    ("Condition", "clinical-status"),
    ("DiagnosticReport", "status"),
    ("Procedure", "status"),
    ("MedicationRequest", "status"),
    ("Immunization", "status"),
)

Json = dict[str, Any]


def _without_kind(statement: Json) -> Json:
    return {name: value for name, value in statement.items() if name != "kind"}


def _other_version(statement: Json) -> Json:
    return {**statement, "fhirVersion": "4.3.0"}


def _failing_parameter(draw: Draw) -> Change:
    return search(failing_parameter=_SPARE_PARAMETERS[draw.position(len(_SPARE_PARAMETERS))])


def _empty_members(draw: Draw) -> Change:
    def shown(name: str, text: bytes) -> bytes:
        if not draw.hits(_EMPTY_SHARE, name):
            return text
        empty = b'"contained":[]' if b'"contained"' not in text else b'"implicitRules":null'
        return text[: text.rindex(b"}")] + b"," + empty + b"}"

    return rest(shown=shown)


def _reads_other(draw: Draw) -> Change:
    return rest(reads_other=lambda identifier: draw.hits(_OTHER_SHARE, identifier))


def _loses_on_later_pages(draw: Draw) -> Change:
    def lost(identifiers: Sequence[str]) -> set[str]:
        return draw.some(identifiers, _OTHER_SHARE, *identifiers[:1])

    return search(lost_on_later_pages=lost)


def _counts_wrong(draw: Draw) -> Change:
    return search(counted=lambda count: count + draw.among().randint(1, 5))


def _larger_pages(draw: Draw) -> Change:
    return search(page_size=lambda size: size + draw.among().randint(1, 3))


def _loses_when_posted(draw: Draw) -> Change:
    def lost(identifiers: Sequence[str]) -> set[str]:
        return draw.some(identifiers, _POST_SHARE)

    return search(lost_when_posted=lost)


def without_extensions(value: Any) -> Any:
    """A resource without its extensions, and without what held nothing else."""
    if isinstance(value, list):
        return [without_extensions(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {
        name: without_extensions(item)
        for name, item in value.items()
        if name not in {"extension", "modifierExtension"}
    }
    return {name: item for name, item in kept.items() if item not in ({}, [], [{}])}


FHIR_FAULTS: tuple[Fault, ...] = (
    fault(
        "metadata-lacks-kind",
        "FHIR-CAP-01",
        "The CapabilityStatement has no kind.",
        rest(capability=_without_kind),
    ),
    fault(
        "metadata-states-other-version",
        "FHIR-CAP-02",
        "fhirVersion is 4.3.0, not 4.0.1.",
        rest(capability=_other_version),
    ),
    fault(
        "declared-search-parameter-fails",
        "FHIR-CAP-03",
        "One search parameter that is declared answers 500.",
        drawn(_failing_parameter),
        also=("FHIR-SEARCH-23",),
    ),
    fault(
        "resource-labelled-plain-json",
        "FHIR-FMT-01",
        "Reads and searches are labelled application/json.",
        rest(media_type=_JSON),
        also=("FHIR-FMT-10",),
    ),
    fault(
        "resources-with-empty-arrays",
        "FHIR-JSON-01",
        "Some resources come with an empty array or a null.",
        drawn(_empty_members),
        also=("FHIR-FMT-11", "FHIR-STRUCT-01"),
    ),
    fault(
        "read-returns-other-resource",
        "FHIR-READ-01",
        "A read of about half of the ids answers another resource.",
        drawn(_reads_other),
        also=("FHIR-RESULT-14", "FHIR-RESULT-16", "FHIR-REF-01"),
    ),
    fault(
        "unknown-id-answers-200",
        "FHIR-READ-02",
        "A read of an unknown id answers 200.",
        rest(unknown_id_status=200),
    ),
    fault(
        "errors-are-html",
        "FHIR-READ-03",
        "A read that fails answers HTML.",
        rest(read_errors_as_html=True),
        "SHOULD",
    ),
    fault("read-without-etag", "FHIR-READ-04", "Reads have no ETag.", rest(etag_on_read=False), "SHOULD"),
    fault(
        "unknown-type-answers-200",
        "FHIR-TYPE-01",
        "A search of a type that does not exist answers 200 and nothing found.",
        rest(unknown_type_is_empty=True),
    ),
    fault(
        "search-bundle-is-collection",
        "FHIR-SEARCH-01",
        "Searches answer a Bundle of type collection.",
        search(bundle_type="collection"),
    ),
    fault(
        "search-without-self-link",
        "FHIR-SEARCH-02",
        "Searches have no self link.",
        search(self_link=False),
        also=("FHIR-RESULT-06",),
    ),
    fault(
        "search-misses-second-page",
        "FHIR-SEARCH-03",
        "About half of the matches are lost on page 2 and later.",
        drawn(_loses_on_later_pages),
        also=("FHIR-RESULT-01", "FHIR-RESULT-10", "FHIR-RESULT-23", "FHIR-RESULT-38"),
    ),
    fault(
        "search-total-is-page-size",
        "FHIR-SEARCH-04",
        "Bundle.total is the number of matches on the page.",
        search(total_is_page_size=True),
        also=("FHIR-RESULT-10", "FHIR-RESULT-11"),
    ),
    fault(
        "token-search-ignores-system",
        "FHIR-SEARCH-05",
        "A search for an identifier looks at its value only.",
        search(identifier_system_matters=False),
        also=("FHIR-SEARCH-21",),
    ),
    fault(
        "string-search-case-sensitive",
        "FHIR-SEARCH-06",
        "String searches tell upper from lower case.",
        search(strings_case_sensitive=True),
        also=("FHIR-SEARCH-28", "FHIR-SEARCH-65"),
    ),
    fault(
        "id-search-returns-more",
        "FHIR-SEARCH-07",
        "A search by _id finds another one too.",
        search(id_brings_another=True),
        also=(
            "FHIR-RESULT-02",
            "FHIR-RESULT-16",
            "FHIR-RESULT-18",
            "FHIR-RESULT-19",
            "FHIR-RESULT-20",
            "FHIR-RESULT-26",
        ),
    ),
    fault(
        "date-ge-excludes-equal",
        "FHIR-SEARCH-08",
        "The prefix ge works as gt.",
        search(ge_includes_equal=False),
        also=("FHIR-SEARCH-37",),
    ),
    fault(
        "reference-search-by-prefix",
        "FHIR-SEARCH-09",
        "A search for one patient's resources finds another patient's too.",
        search(patient_brings_another=True),
        also=("FHIR-SEARCH-44", "FHIR-SEARCH-45", "FHIR-SEARCH-47", "FHIR-SEARCH-54", "FHIR-RESULT-27"),
    ),
    fault(
        "no-match-answers-404",
        "FHIR-SEARCH-10",
        "A search that finds nothing is 404.",
        search(empty_status=404),
        also=("FHIR-RESULT-20", "FHIR-CAP-04", "FHIR-SEARCH-58"),
    ),
    fault(
        "strict-handling-ignored",
        "FHIR-SEARCH-11",
        "Unknown parameters are ignored even under strict handling.",
        search(strict_is_heeded=False),
        "SHOULD",
    ),
    fault(
        "count-summary-is-wrong",
        "FHIR-SEARCH-12",
        "_summary=count gives a wrong total.",
        drawn(_counts_wrong),
        also=("FHIR-RESULT-11", "FHIR-SEARCH-24", "FHIR-SEARCH-27"),
    ),
    fault(
        "count-parameter-exceeded",
        "FHIR-SEARCH-13",
        "Pages are longer than _count.",
        drawn(_larger_pages),
        also=("FHIR-RESULT-11", "FHIR-RESULT-23"),
    ),
    fault(
        "last-updated-ignored",
        "FHIR-SEARCH-14",
        "_lastUpdated is ignored.",
        search(last_updated_heeded=False),
        also=("FHIR-RESULT-20",),
    ),
    fault(
        "sort-ignored",
        "FHIR-SEARCH-15",
        "_sort is ignored.",
        search(sort_heeded=False),
        also=("FHIR-RESULT-36", "FHIR-RESULT-37"),
    ),
    fault(
        "post-search-differs",
        "FHIR-SEARCH-16",
        "A search by POST loses matches that the same search by GET has.",
        drawn(_loses_when_posted),
        also=("FHIR-RESULT-23", "FHIR-RESULT-24"),
    ),
    fault(
        "create-without-location",
        "FHIR-CREATE-01",
        "A create has no Location.",
        rest(location_on_create=False),
    ),
    fault(
        "create-drops-extensions",
        "FHIR-CREATE-02",
        "Created resources lose extensions.",
        rest(created=without_extensions),
        "SHOULD",
        also=("FHIR-CREATE-05",),
        ends=0,
    ),
    fault(
        "create-keeps-client-id", "FHIR-CREATE-03", "A create uses the body's id.", rest(create_keeps_id=True)
    ),
    fault(
        "update-is-not-kept",
        "FHIR-UPDATE-01",
        "An update answers 200 and changes nothing.",
        rest(update_kept=False),
        also=(
            "FHIR-UPDATE-04",
            "FHIR-UPDATE-05",
            "FHIR-PATCH-01",
            "FHIR-PATCH-05",
            "FHIR-COND-05",
            "FHIR-BATCH-01",
            "FHIR-TXN-05",
            "FHIR-FRESH-01",
            "FHIR-FRESH-02",
            "FHIR-FRESH-03",
        ),
    ),
    fault(
        "stale-update-accepted",
        "FHIR-UPDATE-02",
        "An update with an old version in If-Match is accepted.",
        rest(stale_update_refused=False),
    ),
    fault(
        "update-accepts-mismatched-id",
        "FHIR-UPDATE-03",
        "An update whose body has another id than the address is accepted.",
        rest(mismatched_id_refused=False),
    ),
    fault(
        "deleted-resource-still-read",
        "FHIR-DELETE-01",
        "A deleted resource can still be read.",
        rest(deleted_still_read=True),
        also=("FHIR-BATCH-01", "FHIR-TXN-05"),
    ),
    fault(
        "transaction-keeps-half",
        "FHIR-TXN-01",
        "A transaction that fails keeps what came before the failing entry.",
        rest(transaction_is_atomic=False),
    ),
)
