"""The faults of what searches give back: pages, links, totals, order, parts of resources, what is included."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from conformance.reference.behaviour.results import Pairs
from conformance.reference.faults.fault import Fault, fault
from conformance.reference.faults.results_changes import (
    results,
    with_unknown,
)

_SMALL = 10
_THIRD = 3

Json = dict[str, Any]
Subset = Callable[[Json, Json], Json]


def _small_pages_lose(keys: list[int], size: int) -> list[int]:
    return keys if size >= _SMALL else [key for place, key in enumerate(keys) if place % _THIRD < _THIRD - 1]


def _previous_is_last(links: Mapping[str, int]) -> Mapping[str, int]:
    return {name: links["last"] if name == "previous" else number for name, number in links.items()}


def _with_token(link: str) -> str:
    return f"{link}&access_token={secrets.token_urlsafe(24)}"


def _rounded(total: int | None, mode: str) -> int | None:
    return total if total is None or mode != "accurate" else -(-total // 10) * 10


def _without(*names: str) -> Callable[[Pairs, Pairs], Pairs]:
    return lambda heeded, _: [pair for pair in heeded if pair[0] not in names]


def _first_id(address: Pairs, body: Pairs) -> Pairs:
    return [(n, v.split(",")[0] if n == "_id" else v) for n, v in [*address, *body]]


def _first_of_each(address: Pairs, body: Pairs) -> Pairs:
    given = [*address, *body]
    names = [name for name, _ in given]
    return [
        pair
        for place, pair in enumerate(given)
        if pair[0] not in names[:place] or pair[0].startswith("_incl")
    ]


def _no_metadata_beside_ids(address: Pairs, body: Pairs) -> Pairs:
    given = [*address, *body]
    if not any(name == "_id" for name, _ in given):
        return given
    return [pair for pair in given if pair[0] not in {"_lastUpdated", "_profile", "_security", "_tag"}]


def _nothing_after_count(address: Pairs, body: Pairs) -> Pairs:
    given = [*address, *body]
    names = [name for name, _ in given]
    return given[: names.index("_count") + 1] if "_count" in names else given


def _claiming(heeded: Pairs, _: Pairs) -> Pairs:
    return [*heeded, ("_lastUpdated", "lt1990")]


def _body_or_address(address: Pairs, body: Pairs) -> Pairs:
    return body or address


def _older(_: str, text: bytes) -> bytes:
    resource = orjson.loads(text)
    if "versionId" not in resource.get("meta", {}):
        return text
    return text.replace(b'"versionId":"', b'"versionId":"0', 1)


def _elsewhere(address: str) -> str:
    return "https://old-harbour.example/fhir/" + "/".join(address.rsplit("/", 2)[1:])


def _with_stranger(entries: list[Json]) -> list[Json]:
    stranger = {"resourceType": "Basic", "id": "note", "code": {"text": "see also"}}
    return [*entries, {**entries[0], "fullUrl": _elsewhere("/Basic/note"), "resource": stranger}]


RESULTS_FAULTS: tuple[Fault, ...] = (
    fault(
        "matches-lost-with-small-pages",
        "FHIR-RESULT-01",
        "A search that asks for small pages loses every third match.",
        results("pages", found=_small_pages_lose),
        also=("FHIR-RESULT-23", "FHIR-RESULT-38"),
    ),
    fault(
        "next-link-loses-criteria",
        "FHIR-RESULT-02",
        "From page 2 on, a search goes through all resources of the type.",
        results("pages", unfiltered_later=True),
        also=(
            "FHIR-RESULT-01",
            "FHIR-RESULT-10",
            "FHIR-RESULT-23",
            "FHIR-RESULT-36",
            "FHIR-RESULT-37",
            "FHIR-RESULT-38",
        ),
    ),
    fault(
        "previous-link-is-wrong",
        "FHIR-RESULT-03",
        "The link to the previous page leads to the last one.",
        results("pages", links=_previous_is_last),
    ),
    fault(
        "page-can-be-had-once",
        "FHIR-RESULT-04",
        "The address of a page works one time only.",
        results("pages", page_kept=False),
        "SHOULD",
        also=("FHIR-RESULT-03",),
    ),
    fault(
        "page-links-carry-token",
        "FHIR-RESULT-05",
        "Links to pages carry an access token.",
        results("pages", link=_with_token),
        "SHOULD NOT",
    ),
    fault(
        "self-link-lacks-criterion",
        "FHIR-RESULT-06",
        "The self link leaves out _id, though it was used.",
        results("reading", stated=_without("_id")),
    ),
    fault(
        "ignored-parameter-in-self-link",
        "FHIR-RESULT-07",
        "The self link states parameters that were ignored.",
        results("reading", stated=with_unknown(lambda name: not name.startswith("_"))),
    ),
    fault(
        "self-link-claims-a-criterion",
        "FHIR-RESULT-07",
        "The self link states a criterion that nobody asked for, and that had no part in the search.",
        results("reading", stated=_claiming),
    ),
    fault(
        "unknown-sort-in-self-link",
        "FHIR-RESULT-08",
        "The self link states an order by a parameter that does not exist.",
        results("reading", stated=with_unknown(lambda name: name == "_sort")),
    ),
    fault(
        "unknown-include-in-self-link",
        "FHIR-RESULT-09",
        "The self link states an include that does not exist.",
        results("reading", stated=with_unknown(lambda name: name == "_include")),
        "SHOULD",
    ),
    fault(
        "accurate-total-is-rounded",
        "FHIR-RESULT-10",
        "The total is rounded up to tens where an accurate one is asked for.",
        results("pages", total=_rounded),
    ),
    fault(
        "count-zero-gives-a-match",
        "FHIR-RESULT-11",
        "A search with _count=0 answers pages of one match.",
        results("pages", zero_is_count=False),
    ),
    fault(
        "search-finds-other-type",
        "FHIR-RESULT-12",
        "Each page has a match of another type.",
        results("entries", entries=_with_stranger),
        also=(
            "FHIR-RESULT-02",
            "FHIR-RESULT-10",
            "FHIR-RESULT-11",
            "FHIR-RESULT-18",
            "FHIR-RESULT-23",
            "FHIR-RESULT-28",
            "FHIR-RESULT-36",
            "FHIR-RESULT-37",
            "FHIR-RESULT-50",
            "FHIR-SEARCH-05",
            "FHIR-SEARCH-06",
            "FHIR-SEARCH-07",
            "FHIR-SEARCH-08",
            "FHIR-SEARCH-09",
            "FHIR-SEARCH-14",
            "FHIR-SEARCH-03",
            "FHIR-SEARCH-04",
            "FHIR-SEARCH-13",
            "FHIR-SEARCH-56",
            "FHIR-SEARCH-57",
        ),
    ),
    fault(
        "full-url-names-version",
        "FHIR-RESULT-13",
        "fullUrl names a version.",
        results("entries", full_url=lambda address: f"{address}/_history/1"),
    ),
    fault(
        "full-url-of-another-server",
        "FHIR-RESULT-14",
        "fullUrl is an address of another server.",
        results("entries", full_url=_elsewhere),
        "SHOULD",
    ),
    fault(
        "matches-without-search-mode",
        "FHIR-RESULT-15",
        "Entries of matches have no search mode.",
        results("entries", mode=lambda mode: None if mode == "match" else mode),
        "SHOULD",
    ),
    fault(
        "found-resource-is-older",
        "FHIR-RESULT-16",
        "Searches give resources with the id of another version.",
        results("entries", shown=_older),
    ),
    fault(
        "search-results-flicker",
        "FHIR-RESULT-17",
        "Every second time a search is asked it loses its last match.",
        results("pages", flickers=True),
        also=(
            "FHIR-RESULT-01",
            "FHIR-RESULT-02",
            "FHIR-RESULT-10",
            "FHIR-RESULT-18",
            "FHIR-RESULT-19",
            "FHIR-RESULT-20",
            "FHIR-RESULT-21",
            "FHIR-RESULT-22",
            "FHIR-RESULT-23",
            "FHIR-RESULT-24",
            "FHIR-RESULT-25",
            "FHIR-RESULT-26",
            "FHIR-RESULT-27",
            "FHIR-RESULT-33",
            "FHIR-RESULT-38",
            "FHIR-RESULT-39",
            "FHIR-RESULT-47",
            "FHIR-RESULT-48",
            "FHIR-RESULT-49",
            "FHIR-RESULT-50",
            "FHIR-SEARCH-03",
            "FHIR-SEARCH-16",
        ),
    ),
    fault(
        "id-list-finds-first-only",
        "FHIR-RESULT-18",
        "Of several ids only the first is searched for.",
        results("reading", given=_first_id),
        also=(
            "FHIR-RESULT-19",
            "FHIR-RESULT-20",
            "FHIR-RESULT-47",
            "FHIR-SEARCH-22",
            "FHIR-SEARCH-23",
            "FHIR-SEARCH-26",
            "FHIR-SEARCH-34",
            "FHIR-SEARCH-62",
        ),
    ),
    fault(
        "repeated-parameter-ignored",
        "FHIR-RESULT-19",
        "Of a parameter that is given twice only the first counts.",
        results("reading", given=_first_of_each),
        also=("FHIR-SEARCH-37",),
    ),
    fault(
        "metadata-criterion-ignored",
        "FHIR-RESULT-20",
        "Criteria on the metadata are ignored beside _id.",
        results("reading", given=_no_metadata_beside_ids),
    ),
    fault(
        "parameters-after-count-ignored",
        "FHIR-RESULT-21",
        "What stands behind _count is ignored.",
        results("reading", given=_nothing_after_count),
        "SHOULD",
        also=("FHIR-RESULT-11", "FHIR-RESULT-23", "FHIR-RESULT-47", "FHIR-RESULT-48"),
    ),
    fault(
        "empty-parameter-refused",
        "FHIR-RESULT-22",
        "A parameter without a value is an error.",
        results("reading", empty_refused=True),
    ),
    fault(
        "post-address-ignored",
        "FHIR-RESULT-23",
        "A search by POST ignores the parameters in its address.",
        results("reading", given=_body_or_address),
    ),
    fault(
        "post-with-charset-refused",
        "FHIR-RESULT-24",
        "A form that names its character set is refused.",
        results("reading", form_parameters_refused=True),
    ),
    fault(
        "format-parameter-refused",
        "FHIR-RESULT-25",
        "A search with _format is refused.",
        results("reading", format_refused=True),
        "SHOULD",
    ),
    fault(
        "type-parameter-ignored",
        "FHIR-RESULT-26",
        "A search of all types ignores _type.",
        results("context", types_heeded=False),
    ),
    fault(
        "compartment-loses-some",
        "FHIR-RESULT-27",
        "A search in a compartment loses about a third of what is there.",
        results("context", compartment_loses=True),
    ),
    fault(
        "compartment-leaks",
        "FHIR-RESULT-28",
        "A search in a patient's compartment finds what is about others.",
        results("context", compartment_leaks=True),
        "SHALL NOT",
    ),
)
