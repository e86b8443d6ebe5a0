"""Lies about what a search finds."""

from dataclasses import replace
from urllib.parse import urlencode

from benchmarks.assurance.lie import lie
from benchmarks.assurance.lies.tools import (
    R4,
    chosen,
    entries,
    is_bundle,
    matches,
    patients_of,
    remembered,
    with_entries,
)
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "searching"
SEARCH = f"{R4}/http.html#search"
RULES = f"{R4}/search.html"
Params = list[tuple[str, str]]


def _found(asked: Asked, answer: Answer) -> bool:
    return asked.is_search and is_bundle(answer, "searchset") and bool(matches(answer))


def _total(answer: Answer, more: int) -> int | None:
    total = answer.document.get("total")
    return total + more if isinstance(total, int) else None


async def _asking(asked: Asked, ask: Ask, params: Params) -> Answer:
    """The search with other parameters, wherever they stand."""
    if asked.method == "POST" and asked.is_search and asked.body:
        return await ask(replace(asked, body=urlencode(params).encode()))
    return await ask(asked.with_params(params))


def _given(asked: Asked) -> Params:
    return asked.form if asked.method == "POST" and asked.body else asked.params


@lie(FAMILY, "SHALL", SEARCH)
def search_loses_its_last_match(asked: Asked, answer: Answer) -> Answer:
    """A search of one page leaves out its last match, and counts without it."""
    if not (_found(asked, answer) and len(matches(answer)) > 1):
        return answer
    lost = matches(answer)[-1]
    return with_entries(answer, [e for e in entries(answer) if e != lost], total=_total(answer, -1))


@lie(FAMILY, "SHALL", SEARCH)
def search_hides_some_resources(asked: Asked, answer: Answer) -> Answer:
    """One resource in five is found by no search but by a read: an index that was never rebuilt."""
    if not _found(asked, answer):
        return answer
    kept = [e for e in entries(answer) if not chosen(e.get("resource", {}).get("id", ""), 5)]
    return with_entries(answer, kept, total=_total(answer, len(kept) - len(entries(answer))))


@lie(FAMILY, "SHALL", SEARCH)
def search_finds_nothing(asked: Asked, answer: Answer) -> Answer:
    """Searches with a parameter of the resource find nothing at all, in good form."""
    own = [name for name, _ in _given(asked) if not name.startswith("_")]
    return with_entries(answer, [], total=0) if own and _found(asked, answer) else answer


@lie(FAMILY, "SHALL", SEARCH)
def posted_search_finds_nothing(asked: Asked, answer: Answer) -> Answer:
    """Searches by POST find nothing where the same by GET do."""
    return with_entries(answer, [], total=0) if asked.method == "POST" and _found(asked, answer) else answer


@lie(FAMILY, "SHALL", f"{R4}/bundle.html#searchset")
def total_is_one_too_many(asked: Asked, answer: Answer) -> Answer:
    """The total of a search is one more than there is."""
    if not (_found(asked, answer) and "total" in answer.document):
        return answer
    return answer.with_document({**answer.document, "total": answer.document["total"] + 1})


@lie(FAMILY, "SHALL", f"{R4}/bundle.html#searchset")
def total_counts_the_page(asked: Asked, answer: Answer) -> Answer:
    """The total of a search is the number of matches on the page."""
    if not (_found(asked, answer) and "total" in answer.document):
        return answer
    return answer.with_document({**answer.document, "total": len(matches(answer))})


@lie(FAMILY, "SHALL", RULES + "#count")
def counting_is_off(asked: Asked, answer: Answer) -> Answer:
    """_summary=count tells half of what there is."""
    if not (asked.is_search and "_summary=count" in asked.query and is_bundle(answer)):
        return answer
    return answer.with_document({**answer.document, "total": answer.document["total"] // 2})


@lie(FAMILY, "SHALL", SEARCH)
async def search_adds_a_stranger(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """A search also gives one resource of the type that does not match, and counts it."""
    answer = await ask(asked)
    if not (_found(asked, answer) and asked.kind and _given(asked)):
        return answer
    pool = memory.get(asked.kind)
    if pool is None:
        all_of_them = await ask(
            replace(asked, method="GET", path=f"/{asked.kind}", query="_count=50", body=b"").with_header(
                "content-type", None
            )
        )
        pool = memory[asked.kind] = matches(all_of_them) if is_bundle(all_of_them) else []
    here = {e["resource"]["id"] for e in matches(answer)}
    stranger = next((e for e in pool if e["resource"]["id"] not in here), None)
    if stranger is None or "next" in {one["relation"] for one in answer.document.get("link", [])}:
        return answer
    return with_entries(answer, [*entries(answer), stranger], total=_total(answer, 1))


@lie(FAMILY, "SHALL", f"{R4}/compartmentdefinition.html")
async def search_by_patient_leaks(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """What is asked for by one patient comes with one record of another patient."""
    answer = await ask(asked)
    if not is_bundle(answer, "searchset"):
        return answer
    seen = remembered(memory, asked.kind)
    for entry in matches(answer):
        resource = entry["resource"]
        if resource["resourceType"] == asked.kind != "Patient":
            for patient in patients_of(resource):
                seen.setdefault(patient, entry)
    by = [value.split("/")[-1] for name, value in _given(asked) if name in ("patient", "subject")]
    if len(asked.parts) == 3:
        by = [asked.parts[1]]
    other = next((entry for patient, entry in seen.items() if by and patient not in by), None)
    if not (other and _found(asked, answer)):
        return answer
    return with_entries(answer, [*entries(answer), other], total=_total(answer, 1))


@lie(FAMILY, "SHALL", f"{R4}/compartmentdefinition.html")
async def compartment_is_everybody(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A search in the compartment of one patient searches among all patients."""
    if asked.is_search and len(asked.parts) == 3:
        return await ask(replace(asked, path=f"/{asked.parts[2]}"))
    return await ask(asked)


@lie(FAMILY, "SHALL", SEARCH)
def search_doubles_a_match(asked: Asked, answer: Answer) -> Answer:
    """A search gives its first match twice, and counts it twice."""
    if not _found(asked, answer):
        return answer
    return with_entries(answer, [entries(answer)[0], *entries(answer)], total=_total(answer, 1))


@lie(FAMILY, "SHALL", SEARCH)
async def filters_are_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Only parameters that begin with an underscore have an effect; a search finds all that there is."""
    given = _given(asked)
    kept = [pair for pair in given if pair[0].startswith("_")]
    return (
        await _asking(asked, ask, kept) if asked.is_search and len(kept) != len(given) else await ask(asked)
    )


@lie(FAMILY, "SHALL", RULES + "#combining")
async def only_the_first_filter_counts(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Of several parameters of the resource only the first has an effect."""
    own = [pair for pair in _given(asked) if not pair[0].startswith("_")]
    if not (asked.is_search and len(own) > 1):
        return await ask(asked)
    return await _asking(asked, ask, [own[0], *(pair for pair in _given(asked) if pair[0].startswith("_"))])


@lie(FAMILY, "SHALL", RULES + "#combining")
async def only_the_first_of_alternatives_counts(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Of values that are separated by commas only the first is looked for."""
    given = _given(asked)
    own = [(n, v if n.startswith("_") else v.split(",")[0]) for n, v in given]
    return await _asking(asked, ask, own) if asked.is_search and own != given else await ask(asked)


@lie(FAMILY, "SHALL", RULES + "#modifiers")
async def modifiers_are_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Modifiers (:exact, :contains, :not, :missing) are accepted and have no effect."""
    given = _given(asked)
    plain = [(n.split(":")[0] if n.split(":")[-1].islower() and ":" in n else n, v) for n, v in given]
    return await _asking(asked, ask, plain) if asked.is_search and plain != given else await ask(asked)


@lie(FAMILY, "SHALL", RULES + "#prefix")
async def prefixes_are_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Both gt and ge are taken for ge, lt and le for le: the bound itself is always found."""
    given = _given(asked)
    turned = [
        (n, {"gt": "ge", "lt": "le"}.get(v[:2], v[:2]) + v[2:] if v[2:3].isdigit() else v) for n, v in given
    ]
    return await _asking(asked, ask, turned) if asked.is_search and turned != given else await ask(asked)


@lie(FAMILY, "SHALL", RULES + "#prefix")
async def before_and_after_change_places(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """With lt a search finds what gt should, and the other way round."""
    swap = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}
    given = _given(asked)
    turned = [(n, swap.get(v[:2], v[:2]) + v[2:] if v[2:3].isdigit() else v) for n, v in given]
    return await _asking(asked, ask, turned) if asked.is_search and turned != given else await ask(asked)


@lie(FAMILY, "SHALL", RULES + "#token")
async def systems_are_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A token is looked for without its system: the same code of another system is found too."""
    given = _given(asked)
    plain = [
        (n, ",".join(part.split("|")[1] or part if part.count("|") == 1 else part for part in v.split(",")))
        for n, v in given
    ]
    return await _asking(asked, ask, plain) if asked.is_search and plain != given else await ask(asked)


@lie(FAMILY, "SHALL", RULES + "#string")
def search_minds_the_case(asked: Asked, answer: Answer) -> Answer:
    """A search by name only finds names written just as in the question."""
    wanted = [v for n, v in _given(asked) if n in ("name", "family", "given")]
    if not (_found(asked, answer) and wanted):
        return answer
    kept = [e for e in entries(answer) if all(v in str(e["resource"].get("name")) for v in wanted)]
    return with_entries(answer, kept, total=_total(answer, len(kept) - len(entries(answer))))


@lie(FAMILY, "SHALL", RULES + "#lastUpdated")
async def last_updated_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """_lastUpdated is accepted and has no effect."""
    kept = [pair for pair in _given(asked) if pair[0] != "_lastUpdated"]
    return await _asking(asked, ask, kept) if asked.is_search and kept != _given(asked) else await ask(asked)


@lie(FAMILY, "SHALL", RULES + "#sort")
async def sort_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """_sort is accepted and has no effect."""
    kept = [pair for pair in _given(asked) if pair[0] != "_sort"]
    return await _asking(asked, ask, kept) if asked.is_search and kept != _given(asked) else await ask(asked)


@lie(FAMILY, "SHALL", RULES + "#sort")
async def sort_knows_one_direction(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """_sort always sorts upwards."""
    given = _given(asked)
    turned = [(n, v.replace("-", "") if n == "_sort" else v) for n, v in given]
    return await _asking(asked, ask, turned) if asked.is_search and turned != given else await ask(asked)


@lie(FAMILY, "SHALL", RULES + "#include")
def included_is_left_out(asked: Asked, answer: Answer) -> Answer:
    """_include and _revinclude are accepted, and bring nothing."""
    if not (asked.is_search and is_bundle(answer, "searchset")):
        return answer
    kept = [e for e in entries(answer) if e.get("search", {}).get("mode") != "include"]
    return with_entries(answer, kept) if len(kept) != len(entries(answer)) else answer


@lie(FAMILY, "SHALL", RULES + "#include")
def one_included_is_left_out(asked: Asked, answer: Answer) -> Answer:
    """One of the included resources is missing."""
    if not (asked.is_search and is_bundle(answer, "searchset")):
        return answer
    extra = [e for e in entries(answer) if e.get("search", {}).get("mode") == "include"]
    return with_entries(answer, [e for e in entries(answer) if e != extra[-1]]) if extra else answer


@lie(FAMILY, "SHALL", f"{R4}/bundle.html#searchset")
def included_counts_as_match(asked: Asked, answer: Answer) -> Answer:
    """What was included is marked as a match."""
    if not (asked.is_search and is_bundle(answer, "searchset")):
        return answer
    return with_entries(answer, [{**e, "search": {"mode": "match"}} for e in entries(answer)])


@lie(FAMILY, "SHALL", SEARCH)
def finding_nothing_is_an_error(asked: Asked, answer: Answer) -> Answer:
    """A search that finds nothing answers 404."""
    empty = (
        asked.is_search
        and is_bundle(answer, "searchset")
        and not entries(answer)
        and "_summary" not in asked.query
    )
    if not empty:
        return answer
    issue = {"severity": "error", "code": "not-found", "diagnostics": "Nothing was found"}
    return replace(answer, status=404).with_document({"resourceType": "OperationOutcome", "issue": [issue]})


@lie(FAMILY, "SHALL", f"{R4}/search.html#errors")
async def strict_handling_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Unknown parameters are passed over though the client asked for strict handling."""
    return await ask(asked.with_header("prefer", None) if asked.is_search else asked)


@lie(FAMILY, "SHALL", SEARCH)
def search_is_cached(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """A search gives for ever what it gave the first time, whatever was written since."""
    if not (asked.is_search and answer.status == 200):
        return answer
    return memory.setdefault(
        (asked.method, asked.path, asked.query, asked.body, asked.header("accept")), answer
    )


@lie(FAMILY, "SHALL", SEARCH)
def search_shows_old_versions(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """Searches show each resource as it was when they first found it, also after it was updated."""
    if not _found(asked, answer) or "_elements" in asked.query or "_summary" in asked.query:
        return answer
    kept = entries(answer)
    for entry in kept:
        resource = entry.get("resource", {})
        key = (resource.get("resourceType"), resource.get("id"))
        entry["resource"] = memory.setdefault(key, resource)
    return with_entries(answer, kept)
