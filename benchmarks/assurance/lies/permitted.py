"""What the standards permit: nothing may fail for it. Each names the clause by which it is permitted."""

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

from benchmarks.assurance.lie import ALLOWED, lie
from benchmarks.assurance.lies.tools import (
    BULK,
    R4,
    changed,
    each_line,
    entries,
    files_changed,
    files_rewritten,
    is_bundle,
    is_manifest,
    remembered,
    with_entries,
)
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FORM = "permitted form"
TIME = "permitted pace"


def _turned(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _turned(node[key]) for key in reversed(node)}
    return [_turned(value) for value in node] if isinstance(node, list) else node


def own_json(asked: Asked, answer: Answer) -> bool:
    """Whether this is an answer of the FHIR API with JSON in it."""
    return not asked.outside and answer.document is not None


@lie(FORM, ALLOWED, "https://www.rfc-editor.org/rfc/rfc8259#section-4")
async def members_in_another_order(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """The members of JSON objects come in the opposite order, resourceType last; in files too."""
    answer = await files_changed(asked, ask, memory, lambda lines: each_line(lines, _turned))
    return answer.with_document(_turned(answer.document)) if answer.document is not None else answer


@lie(FORM, ALLOWED, "https://www.rfc-editor.org/rfc/rfc8259#section-2")
def json_with_much_space(asked: Asked, answer: Answer) -> Answer:
    """JSON is indented and ends with an empty line."""
    if answer.document is None:
        return answer
    pretty = answer.with_document(answer.document, indent=3)
    return replace(pretty, body=b"\n" + pretty.body + b"\n\n")


@lie(FORM, ALLOWED, "https://www.rfc-editor.org/rfc/rfc8259#section-7")
async def letters_are_escaped(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Letters beyond ASCII are written as escapes in JSON and in files."""

    def escaped(body: bytes) -> bytes:
        return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in body.decode()).encode()

    answer = await files_rewritten(asked, ask, memory, escaped)
    return replace(answer, body=escaped(answer.body)) if answer.document is not None else answer


@lie(FORM, ALLOWED, "https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1")
def media_types_in_other_words(asked: Asked, answer: Answer) -> Answer:
    """Media types carry charset=UTF-8 in capitals and fhirVersion."""
    found = answer.header("content-type")
    if "fhir+json" not in found and "fhir+xml" not in found:
        return answer
    return answer.with_header("content-type", found.split(";")[0] + "; fhirVersion=4.0; charset=UTF-8")


@lie(FORM, ALLOWED, "https://github.com/ndjson/ndjson-spec")
async def lines_end_like_on_windows(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Lines of files end with carriage return and line feed."""
    return await files_rewritten(asked, ask, memory, lambda body: body.replace(b"\n", b"\r\n"))


@lie(FORM, ALLOWED, "https://github.com/ndjson/ndjson-spec")
async def no_line_end_at_the_end(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """The last line of a file has no end."""
    return await files_rewritten(asked, ask, memory, lambda body: body.rstrip(b"\n"))


@lie(FORM, ALLOWED, "https://www.rfc-editor.org/rfc/rfc9110#section-8.4")
def all_is_compressed(asked: Asked, answer: Answer) -> Answer:
    """Whatever the client takes compressed is compressed."""
    fits = "gzip" in asked.header("accept-encoding") and answer.body and not answer.header("content-encoding")
    return answer.compressed().with_header("vary", "Accept, Accept-Encoding") if fits else answer


@lie(FORM, ALLOWED, "https://www.rfc-editor.org/rfc/rfc9112#section-7.1")
def bodies_in_pieces(asked: Asked, answer: Answer) -> Answer:
    """Bodies come in seven chunks, without Content-Length."""
    return replace(answer, pieces=7)


@lie(FORM, ALLOWED, f"{R4}/datatypes.html#instant")
async def other_words_for_the_same_instant(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """meta.lastUpdated has the offset +00:00 in the place of Z."""

    def change(resource: dict[str, Any]) -> dict[str, Any]:
        meta = resource.get("meta", {})
        if not str(meta.get("lastUpdated", "")).endswith("Z"):
            return resource
        return {**resource, "meta": {**meta, "lastUpdated": meta["lastUpdated"][:-1] + "+00:00"}}

    answer = await files_changed(asked, ask, memory, lambda lines: each_line(lines, change))
    return (
        changed(answer, change) if own_json(asked, answer) and "resourceType" in answer.document else answer
    )


@lie(FORM, ALLOWED, f"{R4}/search.html#sort")
def unsorted_in_another_order(asked: Asked, answer: Answer) -> Answer:
    """The matches of a page come in the opposite order where no order was asked for."""
    if not (
        asked.is_search
        and is_bundle(answer, "searchset")
        and "_sort" not in asked.query + asked.body.decode("latin-1")
    ):
        return answer
    return with_entries(answer, entries(answer)[::-1])


@lie(FORM, ALLOWED, f"{R4}/bundle.html#searchset")
def no_totals(asked: Asked, answer: Answer) -> Answer:
    """Searches say no total, except where one is asked for."""
    words = asked.query + asked.body.decode("latin-1")
    wanted = "_total" in words or "_summary=count" in words or "_count=0" in words
    if wanted or not (asked.is_search and is_bundle(answer, "searchset")):
        return answer
    return answer.with_document({k: v for k, v in answer.document.items() if k != "total"})


@lie(FORM, ALLOWED, f"{R4}/search.html#count")
async def short_pages(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Pages have at most seven matches, however many are asked for."""
    if not (asked.method == "GET" and asked.is_search and asked.kind and not asked.query.startswith("_page")):
        return await ask(asked)
    given = dict(asked.params).get("_count", "7")
    if not given.isdigit() or (int(given) <= 7 and "_count" in asked.query):
        return await ask(asked)
    return await ask(asked.with_params([p for p in asked.params if p[0] != "_count"] + [("_count", "7")]))


@lie(FORM, ALLOWED, f"{BULK}#response---complete-status")
def files_in_another_order(asked: Asked, answer: Answer) -> Answer:
    """The manifest names its files in the opposite order and has no counts."""
    if not is_manifest(asked, answer):
        return answer
    files = [{k: v for k, v in one.items() if k != "count"} for one in answer.document["output"][::-1]]
    return answer.with_document({**answer.document, "output": files})


@lie(FORM, ALLOWED, f"{BULK}#response---complete-status")
def files_at_other_addresses(asked: Asked, answer: Answer) -> Answer:
    """File addresses have a query, as those that are signed by a store do."""
    if not is_manifest(asked, answer):
        return answer
    files = [{**one, "url": one["url"] + "?part=1&of=1"} for one in answer.document["output"]]
    return answer.with_document({**answer.document, "output": files})


@lie(FORM, ALLOWED, "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1")
def more_than_one_challenge(asked: Asked, answer: Answer) -> Answer:
    """401 offers another scheme beside Bearer, with a scope and a realm."""
    if answer.status != 401 or not answer.header("www-authenticate"):
        return answer
    told = re.sub('realm="[^"]*"', 'realm="the, clinic"', answer.header("www-authenticate"))
    return answer.with_header("www-authenticate", f'Negotiate, {told.lower()}, scope="system/*.rs"')


@lie(FORM, ALLOWED, f"{R4}/xml.html")
def xml_with_comments(asked: Asked, answer: Answer) -> Answer:
    """XML has a declaration in single quotes and a comment before its root."""
    if "xml" not in answer.header("content-type") or not answer.body:
        return answer
    plain = re.sub(rb"^\s*<\?xml[^>]*\?>\s*", b"", answer.body)
    return replace(answer, body=b"<?xml version='1.0' encoding='UTF-8'?>\n<!-- made by hand -->\n" + plain)


@lie(TIME, ALLOWED, "https://www.rfc-editor.org/rfc/rfc9110")
async def slower_answers(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Each answer takes 80 ms longer."""
    await asyncio.sleep(0.08)
    return await ask(asked)


@lie(TIME, ALLOWED, "https://www.rfc-editor.org/rfc/rfc6585#section-4")
async def too_many_requests(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """One request in fifty of the API answers 429 with Retry-After."""
    memory["asked"] = memory.get("asked", 0) + 1
    if memory["asked"] % 50 == 0 and not asked.outside and asked.method == "GET":
        return Answer(429, (("retry-after", "1"), ("content-type", "text/plain")), b"slow down")
    return await ask(asked)


@lie(TIME, ALLOWED, f"{BULK}#response---error-status-1")
async def status_is_busy_at_times(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """The first status request of each job answers 503 with Retry-After."""
    seen = remembered(memory, "seen")
    if asked.is_job and asked.method == "GET" and asked.path not in seen:
        seen[asked.path] = True
        return Answer(503, (("retry-after", "1"),))
    return await ask(asked)


@lie(TIME, ALLOWED, f"{BULK}#response---in-progress-status")
async def jobs_take_longer(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Each job answers two times more that it works, without telling how far it is.

    Where the status of a job is told apart from that of the request for it, there is nothing to delay by 202.
    """
    answer = await ask(asked)
    times = remembered(memory, "times")
    if asked.is_kick_off and "separate-export-status" in asked.header("prefer"):
        times[answer.header("content-location").rpartition("/")[2]] = 2
    if not (is_manifest(asked, answer) and answer.status == 200 and len(asked.parts) == 2):
        return answer
    job = asked.parts[-1]
    times[job] = times.get(job, 0) + 1
    return Answer(202, (("retry-after", "1"),)) if times[job] <= 2 else answer
