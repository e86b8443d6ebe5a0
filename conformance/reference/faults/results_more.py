"""Further faults of what searches give back: what is refused, the order of matches, parts, what is included."""

from http import HTTPStatus

from conformance.reference.faults.fault import Fault, fault
from conformance.reference.faults.results_changes import (
    address_only,
    lacking,
    results,
    shortened,
    summary_anyway,
    untagged,
    with_unknown,
)
from conformance.reference.search.subsetting import tagged

_MANDATORY = ("agent", "class", "code", "content", "intent", "patient", "status", "subject", "target", "type")

_TROUBLE = {
    "resource": {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "timeout", "diagnostics": "Some records were not searched"}],
    },
    "search": {"mode": "outcome"},
}

MORE_RESULTS_FAULTS: tuple[Fault, ...] = (
    fault(
        "unsupported-modifier-ignored",
        "FHIR-RESULT-29",
        "Modifiers that the server does not support are ignored.",
        results("reading", modifiers_refused=False),
        also=("FHIR-RESULT-30", "FHIR-SEARCH-25", "FHIR-SEARCH-47", "FHIR-SEARCH-49"),
    ),
    fault(
        "search-errors-are-422",
        "FHIR-RESULT-30",
        "Searches that cannot be understood are refused with 422.",
        results("reading", error_status=lambda status: 422 if status == HTTPStatus.BAD_REQUEST else status),
        "SHOULD",
    ),
    fault(
        "search-errors-answer-200",
        "FHIR-RESULT-31",
        "Searches that fail answer 200 with the error as the content.",
        results("reading", error_status=lambda status: 200 if status == HTTPStatus.BAD_REQUEST else status),
        also=("FHIR-RESULT-29", "FHIR-RESULT-30", "FHIR-RESULT-32", "FHIR-SEARCH-11"),
    ),
    fault(
        "malformed-count-ignored",
        "FHIR-RESULT-32",
        "A page size that is no number is ignored.",
        results("reading", bad_count_refused=False),
        "SHOULD",
    ),
    fault(
        "lenient-handling-refused",
        "FHIR-RESULT-33",
        "Unknown parameters are refused even under lenient handling.",
        results("reading", lenient_refuses=True),
        "SHOULD",
    ),
    fault(
        "search-errors-are-html",
        "FHIR-RESULT-34",
        "Searches that are refused answer HTML.",
        results("reading", errors_are_outcomes=False),
        "SHOULD",
        also=("FHIR-RESULT-30",),
        ends=0,
    ),
    fault(
        "unknown-query-accepted",
        "FHIR-RESULT-35",
        "A named query that does not exist is stated as used.",
        results("reading", named_query_refused=False, stated=with_unknown(lambda name: name == "_query")),
    ),
    fault(
        "dates-sorted-as-text",
        "FHIR-RESULT-36",
        "Dates are sorted by their text, the day first.",
        results("order", dates_as_text=True),
        also=("FHIR-RESULT-37", "FHIR-SEARCH-15"),
    ),
    fault(
        "sort-direction-ignored",
        "FHIR-RESULT-37",
        "Falling order is rising order.",
        results("order", direction_heeded=False),
        also=("FHIR-SEARCH-15",),
    ),
    fault(
        "sort-loses-those-without",
        "FHIR-RESULT-38",
        "Sorting loses matches without a value to sort by.",
        results("order", keeps_those_without=False),
    ),
    fault(
        "parts-shorten-identifiers",
        "FHIR-RESULT-39",
        "Where parts are asked for, identifiers are cut.",
        results("entries", subset=shortened),
    ),
    fault(
        "parts-without-subsetted-tag",
        "FHIR-RESULT-40",
        "Parts of resources carry no tag that says so.",
        results("entries", subset=untagged),
        "SHOULD",
    ),
    fault(
        "elements-drops-mandatory",
        "FHIR-RESULT-41",
        "Parts of resources lack mandatory elements.",
        results("entries", subset=lacking(*_MANDATORY)),
        "SHOULD",
        also=("FHIR-RESULT-45",),
    ),
    fault(
        "elements-lacks-what-was-asked",
        "FHIR-RESULT-42",
        "Parts of resources lack the identifier, though it was asked for.",
        results("entries", subset=lacking("identifier")),
        also=("FHIR-RESULT-45",),
    ),
    fault(
        "elements-ignored-yet-tagged",
        "FHIR-RESULT-43",
        "Whole resources are tagged as parts.",
        results("entries", subset=lambda part, whole: part if part == whole else tagged(whole)),
        "SHOULD",
    ),
    fault(
        "summary-text-without-text",
        "FHIR-RESULT-44",
        "The summary of the narrative lacks the narrative.",
        results("entries", subset=lacking("text")),
    ),
    fault(
        "search-tells-of-an-error",
        "FHIR-RESULT-57",
        "A search that succeeds says among its entries that some of the records could not be searched.",
        results("entries", entries=lambda entries: [*entries, _TROUBLE]),
        "SHALL NOT",
    ),
    fault(
        "summary-lacks-date-of-birth",
        "FHIR-RESULT-58",
        "Summaries of patients lack the date of birth.",
        results("entries", subset=lacking("birthDate")),
        "SHOULD",
    ),
    fault(
        "summary-data-loses-more",
        "FHIR-RESULT-45",
        "The summary without the narrative lacks the name as well.",
        results("entries", subset=lacking("name")),
    ),
    fault(
        "summary-false-is-summary",
        "FHIR-RESULT-46",
        "A search that asks for no summary gets one.",
        results("reading", given=summary_anyway),
    ),
    fault(
        "include-ignored",
        "FHIR-RESULT-47",
        "_include is stated in the self link and brings nothing.",
        results("includes", forward=False),
    ),
    fault(
        "reverse-include-ignored",
        "FHIR-RESULT-48",
        "_revinclude is stated in the self link and brings nothing.",
        results("includes", reverse=False),
    ),
    fault(
        "includes-marked-as-matches",
        "FHIR-RESULT-49",
        "What is included is marked as a match.",
        results("entries", mode=lambda _: "match"),
    ),
    fault(
        "total-counts-includes",
        "FHIR-RESULT-50",
        "The total counts what is included.",
        results("includes", counted=True),
    ),
    fault(
        "include-repeated-on-page",
        "FHIR-RESULT-51",
        "What is included stands on the page twice.",
        results("includes", repeated=True),
    ),
    fault(
        "include-brings-unreferenced",
        "FHIR-RESULT-52",
        "An include brings resources to which nothing refers.",
        results("includes", unreferenced=True),
    ),
    fault(
        "reverse-include-brings-anothers",
        "FHIR-RESULT-53",
        "A reverse include brings what refers to another.",
        results("includes", of_another=True),
    ),
    fault(
        "later-pages-without-includes",
        "FHIR-RESULT-54",
        "Only the first page holds what was to be included.",
        results("includes", on_later_pages=False),
        "SHOULD",
    ),
    fault(
        "include-iterate-ignored",
        "FHIR-RESULT-55",
        "_include:iterate is stated in the self link and does not iterate.",
        results("includes", iterates="never"),
        "MAY",
    ),
    fault(
        "include-always-iterates",
        "FHIR-RESULT-56",
        "An include goes on from what was included, asked or not.",
        results("includes", iterates="always"),
        "SHALL NOT",
    ),
    fault(
        "first-page-forever",
        "FHIR-SEARCH-03",
        "Every page of a search is the first, and has a next one.",
        results("pages", first_page_forever=True),
        also=("FHIR-RESULT-01", "FHIR-RESULT-23", "FHIR-RESULT-36", "FHIR-RESULT-37", "FHIR-RESULT-38"),
    ),
    fault(
        "post-body-ignored",
        "FHIR-SEARCH-16",
        "A search by POST ignores its body.",
        results("reading", given=address_only),
        also=("FHIR-RESULT-23", "FHIR-RESULT-24"),
    ),
)
