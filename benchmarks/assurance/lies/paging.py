"""Lies about the pages of a search and the links between them."""

from typing import Any
from urllib.parse import urlsplit

from benchmarks.assurance.lie import lie
from benchmarks.assurance.lies.tools import R4, entries, is_bundle, matches, remembered, with_entries
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "paging"
PAGING = f"{R4}/http.html#paging"
BUNDLE = f"{R4}/bundle.html"


def _links(answer: Answer) -> dict[str, str]:
    return {link["relation"]: link["url"] for link in answer.document.get("link", [])}


def _with_link(answer: Answer, relation: str, url: str | None) -> Answer:
    kept = [link for link in answer.document.get("link", []) if link["relation"] != relation]
    links = [*kept, {"relation": relation, "url": url}] if url else kept
    document: dict[str, Any] = {**answer.document, "link": links}
    return answer.with_document(document if links else {k: v for k, v in document.items() if k != "link"})


def _paged(asked: Asked, answer: Answer) -> bool:
    return asked.method in ("GET", "POST") and is_bundle(answer, "searchset") and "next" in _links(answer)


def _is_a_later_page(asked: Asked, answer: Answer, memory: Memory) -> bool:
    """Whether this page was reached by a link that an earlier one gave."""
    known = remembered(memory, "next")
    if is_bundle(answer, "searchset") and "next" in _links(answer):
        parts = urlsplit(_links(answer)["next"])
        known[parts.path.removeprefix("/fhir"), parts.query] = True
    return (asked.path, asked.query) in known


@lie(FAMILY, "SHALL", PAGING)
def next_leads_back_to_the_first(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """The second page's link to the next one leads to the first page: paging never ends."""
    if not _paged(asked, answer):
        return answer
    later = _is_a_later_page(asked, answer, memory)
    first = memory.setdefault("first", _links(answer).get("self"))
    return _with_link(answer, "next", first) if later and first else answer


@lie(FAMILY, "SHALL", PAGING)
def next_leads_to_itself(asked: Asked, answer: Answer) -> Answer:
    """The link to the next page leads to the page on which it stands."""
    if not (_paged(asked, answer) and asked.method == "GET"):
        return answer
    mark = "?" + asked.query if asked.query else ""
    return _with_link(answer, "next", f"https://{asked.header('host')}/fhir{asked.path}{mark}")


@lie(FAMILY, "SHALL", PAGING)
def later_pages_skip_one(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """Each page after the first leaves out its first match; the total still counts it."""
    later = _is_a_later_page(asked, answer, memory)
    return (
        with_entries(answer, entries(answer)[1:])
        if later and is_bundle(answer, "searchset") and matches(answer)
        else answer
    )


@lie(FAMILY, "SHALL", PAGING)
def later_pages_repeat_one(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """Each page after the first begins with the last match of the page that was asked for before it."""
    if not is_bundle(answer, "searchset") or not matches(answer):
        return answer
    later = _is_a_later_page(asked, answer, memory)
    last = memory.get(("last", asked.path, asked.query))
    if "next" in _links(answer):
        parts = urlsplit(_links(answer)["next"])
        memory["last", parts.path.removeprefix("/fhir"), parts.query] = matches(answer)[-1]
    return with_entries(answer, [last, *entries(answer)]) if later and last else answer


@lie(FAMILY, "SHALL", PAGING)
def pages_end_after_the_first(asked: Asked, answer: Answer) -> Answer:
    """There is no link to the second page; the total counts all."""
    return _with_link(answer, "next", None) if _paged(asked, answer) else answer


@lie(FAMILY, "SHALL", PAGING)
def pages_end_after_the_first_and_the_total_agrees(asked: Asked, answer: Answer) -> Answer:
    """There is no link to the second page, and the total counts the first page only."""
    if not _paged(asked, answer):
        return answer
    cut = _with_link(answer, "next", None)
    return cut.with_document({**cut.document, "total": len(matches(cut))}) if "total" in cut.document else cut


@lie(FAMILY, "SHALL", PAGING)
def next_leads_nowhere(asked: Asked, answer: Answer) -> Answer:
    """The link to the next page leads to an address at which there is nothing."""
    if not _paged(asked, answer):
        return answer
    return _with_link(answer, "next", f"https://{asked.header('host')}/fhir/no-such-page?page=2")


@lie(FAMILY, "SHALL", PAGING)
def the_second_page_is_the_first(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """The second page has the entries of the first again, under another address."""
    if not is_bundle(answer, "searchset"):
        return answer
    later = _is_a_later_page(asked, answer, memory)
    if "next" in _links(answer) and not later:
        parts = urlsplit(_links(answer)["next"])
        memory["page", parts.path.removeprefix("/fhir"), parts.query] = entries(answer)
    again = memory.get(("page", asked.path, asked.query))
    return with_entries(answer, again) if again else answer


@lie(FAMILY, "SHALL", f"{R4}/search.html#count")
async def count_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Pages are as long as the server likes, longer than _count asks for."""
    if not (asked.is_search and "_count=" in asked.query):
        return await ask(asked)
    return await ask(
        asked.with_params([(n, "100" if n == "_count" and v != "0" else v) for n, v in asked.params])
    )


@lie(FAMILY, "SHALL", f"{R4}/search.html#conformance")
def self_link_is_missing(asked: Asked, answer: Answer) -> Answer:
    """Search results have no self link."""
    return _with_link(answer, "self", None) if asked.is_search and is_bundle(answer, "searchset") else answer


@lie(FAMILY, "SHALL", f"{R4}/search.html#conformance")
def self_link_tells_what_was_not_done(asked: Asked, answer: Answer) -> Answer:
    """The self link claims a parameter that had no part in the search."""
    if not (asked.is_search and is_bundle(answer, "searchset") and "self" in _links(answer)):
        return answer
    old = _links(answer)["self"]
    return _with_link(answer, "self", old + ("&" if "?" in old else "?") + "active=false")


@lie(FAMILY, "SHALL", BUNDLE + "#bundle-unique")
def full_urls_are_missing(asked: Asked, answer: Answer) -> Answer:
    """Entries of search results have no fullUrl."""
    if not (asked.is_search and is_bundle(answer, "searchset")):
        return answer
    return with_entries(answer, [{k: v for k, v in e.items() if k != "fullUrl"} for e in entries(answer)])


@lie(FAMILY, "SHALL", BUNDLE + "#references")
def full_urls_are_of_others(asked: Asked, answer: Answer) -> Answer:
    """The fullUrls of two entries have changed places."""
    kept = entries(answer) if asked.is_search and is_bundle(answer, "searchset") else []
    if len(kept) < 2 or "fullUrl" not in kept[0]:
        return answer
    kept[0]["fullUrl"], kept[-1]["fullUrl"] = kept[-1]["fullUrl"], kept[0]["fullUrl"]
    return with_entries(answer, kept)


@lie(FAMILY, "SHALL", BUNDLE + "#searchset")
def searches_call_themselves_collections(asked: Asked, answer: Answer) -> Answer:
    """Search results are Bundles of the type collection."""
    if not (asked.is_search and is_bundle(answer, "searchset")):
        return answer
    return answer.with_document({**answer.document, "type": "collection"})
