"""The searchset Bundle that goes out for one page of a search.

See https://hl7.org/fhir/R4/bundle.html#searchset and https://hl7.org/fhir/R4/http.html#paging.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.responses import Response

from conformance.reference.access.tokens import EVERYTHING, Grant
from conformance.reference.forms import jsontext
from conformance.reference.forms.outcomes import fhir_response
from conformance.reference.records.store import Version
from conformance.reference.search.including import included
from conformance.reference.search.query import Query
from conformance.reference.search.subsetting import subset, tagged
from conformance.reference.supplier import Supplier


@dataclass(frozen=True)
class Found:
    """One page of a search: the keys of its matches, how many there are in all, and which page it is.

    `word` is the word by which the other pages are found; empty where there are none.
    """

    path: str
    query: Query
    keys: Sequence[int]
    total: int | None
    word: str = ""
    number: int = 1
    last: int = 1
    grant: Grant = EVERYTHING


def bundled(supplier: Supplier, found: Found, status: int = 200) -> Response:
    """The answer that shows this page."""
    behaviour = supplier.behaviour
    matches = supplier.store.fetch(found.keys)
    others = _included(supplier, found, matches)
    total = found.total
    if behaviour.search.total_is_page_size and not found.query.shape.only_count:
        total = len(matches)
    if total is not None and behaviour.results.includes.counted:
        total += len(others)
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": behaviour.search.bundle_type}
    if total is not None:
        bundle["total"] = total
    links = list(_links(supplier, found))
    if links:
        bundle["link"] = links
    entries = [_entry(supplier, version, found.query, "match") for version in matches]
    entries += [_entry(supplier, version, found.query, "include") for version in others]
    if entries:
        bundle["entry"] = behaviour.results.entries.entries(entries)
    return fhir_response(bundle, status, media_type=behaviour.rest.media_type)


def shown(supplier: Supplier, version: Version) -> Version:
    """A version as it goes out to readers and searchers."""
    return version._replace(text=supplier.behaviour.rest.shown(f"{version.type}/{version.id}", version.text))


def _included(supplier: Supplier, found: Found, matches: Sequence[Version]) -> list[Version]:
    behaviour = supplier.behaviour.results.includes
    if found.number > 1 and not behaviour.on_later_pages:
        return []
    others = included(supplier.store, found.query.shape.includes, matches, behaviour)
    permitted = [v for v in others if found.grant.allows("r", v.type) or behaviour.beyond_scope]
    return permitted * 2 if behaviour.repeated else permitted


def _links(supplier: Supplier, found: Found) -> Iterator[dict[str, str]]:
    """Links to this page and to others, in the order in which a reader would look for them."""
    pages = supplier.behaviour.results.pages
    if supplier.behaviour.search.self_link:
        place = f"{found.word}.{found.number}" if found.number > 1 else None
        yield {"relation": "self", "url": _link(supplier, found, place)}
    if not found.word:
        return
    leads = {"first": 1, "previous": found.number - 1, "next": found.number + 1, "last": found.last}
    there = {name: number for name, number in leads.items() if 1 <= number <= found.last}
    for relation, number in pages.links(there).items():
        yield {"relation": relation, "url": pages.link(_link(supplier, found, f"{found.word}.{number}"))}


def _link(supplier: Supplier, found: Found, page: str | None = None) -> str:
    words = [*found.query.heeded, *([("_page", page)] if page else [])]
    address = f"{supplier.settings.base_url}/{found.path}".rstrip("/")
    return f"{address}?{urlencode(words)}" if words else address


def _entry(supplier: Supplier, version: Version, query: Query, mode: str) -> dict[str, Any]:
    behaviour = supplier.behaviour.results.entries
    entry: dict[str, Any] = {}
    address = behaviour.full_url(supplier.address(version.type, version.id))
    if address is not None:
        entry["fullUrl"] = address
    entry["resource"] = orjson.Fragment(_text(supplier, version, query, mode))
    told = behaviour.mode(mode)
    if told is not None:
        entry["search"] = {"mode": told}
    return entry


def _text(supplier: Supplier, version: Version, query: Query, mode: str) -> bytes:
    """A resource as this search wants it; `_elements` is for the matches only."""
    behaviour = supplier.behaviour.results.entries
    text = behaviour.shown(f"{version.type}/{version.id}", shown(supplier, version).text)
    shape = query.shape if mode == "match" else replace(query.shape, elements=())
    if not shape.elements and not shape.summary:
        return text
    whole = jsontext.parse(text)
    part = subset(whole, shape)
    marked = part if part == whole else tagged(part)
    return jsontext.dump(behaviour.subset(marked, whole))
