"""Lies about single resources, their versions and their histories."""

from dataclasses import replace
from typing import Any

from benchmarks.assurance.lie import lie
from benchmarks.assurance.lies.tools import R4, entries, is_bundle, remembered, with_entries
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "reading"
READ = f"{R4}/http.html#read"
VREAD = f"{R4}/http.html#vread"
HISTORY = f"{R4}/http.html#history"
VERSIONS = f"{R4}/http.html#versions"


@lie(FAMILY, "SHALL", READ)
def read_gives_another_patient(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """A read of a patient gives the record of the patient who was read before, under the id that was asked for."""
    if not (asked.is_read and asked.kind == "Patient" and answer.status == 200 and answer.document):
        return answer
    document, before = answer.document, memory.get("before")
    memory["before"] = document
    if before is None or before["id"] == document["id"]:
        return answer
    return answer.with_document({**before, "id": document["id"], "meta": document.get("meta", {})})


@lie(FAMILY, "SHALL", READ)
def read_changes_the_id(asked: Asked, answer: Answer) -> Answer:
    """The resource that a read gives has another id than the one asked for."""
    if not (asked.is_read and answer.status == 200 and answer.document):
        return answer
    return answer.with_document({**answer.document, "id": answer.document["id"][:-1] + "x"})


@lie(FAMILY, "SHALL", f"{R4}/http.html#delete")
async def deleted_can_still_be_read(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A read of a deleted resource gives its last version with 200, as if nothing had been deleted."""
    answer = await ask(asked)
    if not (asked.is_read and answer.status == 410):
        return answer
    history = await ask(
        replace(asked, path=f"{asked.path}/_history").with_header("accept", "application/fhir+json")
    )
    kept = [e["resource"] for e in (history.document or {}).get("entry", []) if "resource" in e]
    if not kept:
        return answer
    version = f'W/"{kept[0]["meta"]["versionId"]}"'
    return Answer(200, history.headers).with_header("etag", version).with_document(kept[0])


@lie(FAMILY, "SHALL", READ)
def read_is_stale_after_an_update(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """A read gives for ever what the first read of that resource gave: a cache that nothing clears."""
    if asked.is_read and answer.status == 200:
        return memory.setdefault((asked.path, asked.header("accept")), answer)
    return answer


@lie(FAMILY, "SHALL", READ)
def first_read_after_an_update_is_stale(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """The first read after an update gives the state before it; from the second on it is right."""
    seen = remembered(memory, "seen")
    key = (asked.path, asked.header("accept"), asked.query)
    if not asked.is_read or answer.status != 200:
        return answer
    before = seen.get(key)
    seen[key] = answer
    return before if before is not None and before.header("etag") != answer.header("etag") else answer


@lie(FAMILY, "SHALL", READ)
def unknown_id_answers_200(asked: Asked, answer: Answer) -> Answer:
    """A read of what is not there answers 200 with the OperationOutcome that belongs to the 404."""
    return replace(answer, status=200) if asked.is_read and answer.status == 404 else answer


@lie(FAMILY, "SHALL", READ)
def unknown_id_answers_an_empty_resource(asked: Asked, answer: Answer) -> Answer:
    """A read of what is not there answers 200 with a resource of that type and id that says nothing."""
    if not (asked.is_read and answer.status == 404):
        return answer
    made = {"resourceType": asked.kind, "id": asked.parts[1]}
    return (
        replace(answer, status=200).with_header("content-type", "application/fhir+json").with_document(made)
    )


@lie(FAMILY, "SHALL", VERSIONS)
def etag_is_of_another_version(asked: Asked, answer: Answer) -> Answer:
    """The ETag names the version after the one that is in the body."""
    found = answer.header("etag")
    if not (asked.is_read and found.startswith('W/"') and found[3:-1].isdigit()):
        return answer
    return answer.with_header("etag", f'W/"{int(found[3:-1]) + 1}"')


@lie(FAMILY, "SHALL", VERSIONS)
def version_in_the_body_differs(asked: Asked, answer: Answer) -> Answer:
    """meta.versionId is another than the ETag's."""
    document = answer.document
    if not (asked.is_read and answer.status == 200 and document and "meta" in document):
        return answer
    return answer.with_document({**document, "meta": {**document["meta"], "versionId": "7"}})


@lie(FAMILY, "SHOULD", VERSIONS)
def etag_is_missing(asked: Asked, answer: Answer) -> Answer:
    """Reads give no ETag, though the versions are kept."""
    return answer.with_header("etag", None) if asked.is_read else answer


@lie(FAMILY, "SHALL", READ)
def last_modified_is_a_year_ago(asked: Asked, answer: Answer) -> Answer:
    """Last-Modified is one year before meta.lastUpdated."""
    found = answer.header("last-modified")
    if not (asked.is_read and found):
        return answer
    year = found.split()[3]
    return answer.with_header("last-modified", found.replace(year, str(int(year) - 1)))


@lie(FAMILY, "SHALL", f"{R4}/resource.html#Meta.lastUpdated")
def last_updated_never_changes(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """meta.lastUpdated (and Last-Modified with it) stays at the first version's, whatever is updated."""
    document = answer.document
    if not (asked.is_read and answer.status == 200 and document and "meta" in document):
        return answer
    first = memory.setdefault(asked.path, (document["meta"]["lastUpdated"], answer.header("last-modified")))
    changed = answer.with_document({**document, "meta": {**document["meta"], "lastUpdated": first[0]}})
    return changed.with_header("last-modified", first[1]) if first[1] else changed


@lie(FAMILY, "SHALL", VREAD)
async def vread_gives_the_current_version(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A read of an old version gives the current one under the number that was asked for."""
    answer = await ask(asked)
    if not (asked.is_vread and answer.status == 200):
        return answer
    now = await ask(replace(asked, path="/" + "/".join(asked.parts[:2])))
    document = now.document
    if now.status != 200 or document is None:
        return answer
    document["meta"] = {**document["meta"], "versionId": asked.parts[3]}
    return answer.with_document(document)


@lie(FAMILY, "SHALL", VREAD)
async def unknown_version_gives_the_current(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A read of a version that never was gives the current one."""
    answer = await ask(asked)
    if asked.is_vread and answer.status == 404:
        return await ask(replace(asked, path="/" + "/".join(asked.parts[:2])))
    return answer


@lie(FAMILY, "SHALL", HISTORY)
def history_loses_the_oldest(asked: Asked, answer: Answer) -> Answer:
    """The history of a resource leaves out its first version, and counts without it."""
    if not (asked.is_history and len(asked.parts) == 3 and is_bundle(answer) and len(entries(answer)) > 1):
        return answer
    kept = entries(answer)[:-1]
    return with_entries(answer, kept, total=len(kept))


@lie(FAMILY, "SHALL", HISTORY)
def history_is_oldest_first(asked: Asked, answer: Answer) -> Answer:
    """Histories begin with the oldest version."""
    return with_entries(answer, entries(answer)[::-1]) if asked.is_history and is_bundle(answer) else answer


@lie(FAMILY, "SHALL", HISTORY)
def history_hides_deletions(asked: Asked, answer: Answer) -> Answer:
    """Histories leave out the entries that say that something was deleted."""
    if not (asked.is_history and is_bundle(answer)):
        return answer
    kept = [e for e in entries(answer) if e.get("request", {}).get("method") != "DELETE"]
    return with_entries(answer, kept, total=len(kept)) if len(kept) != len(entries(answer)) else answer


@lie(FAMILY, "SHALL", f"{R4}/bundle.html#history")
def history_says_not_what_was_done(asked: Asked, answer: Answer) -> Answer:
    """Entries of histories have no request."""
    if not (asked.is_history and is_bundle(answer)):
        return answer
    return with_entries(answer, [{k: v for k, v in e.items() if k != "request"} for e in entries(answer)])


@lie(FAMILY, "SHALL", f"{R4}/bundle.html#history")
def history_calls_updates_creations(asked: Asked, answer: Answer) -> Answer:
    """Entries of histories say POST where it was PUT."""
    if not (asked.is_history and is_bundle(answer)):
        return answer
    kept = entries(answer)
    for entry in kept:
        if entry.get("request", {}).get("method") == "PUT":
            entry["request"] = {
                **entry["request"],
                "method": "POST",
                "url": entry["request"]["url"].split("/")[0],
            }
    return with_entries(answer, kept)


@lie(FAMILY, "SHALL", HISTORY)
def history_calls_itself_a_search(asked: Asked, answer: Answer) -> Answer:
    """Histories are Bundles of the type searchset."""
    if not (asked.is_history and is_bundle(answer)):
        return answer
    return answer.with_document({**answer.document, "type": "searchset"})


@lie(FAMILY, "SHALL", HISTORY)
async def history_ignores_since(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Histories take no notice of _since."""
    if asked.is_history:
        asked = (
            asked.with_params([pair for pair in asked.params if pair[0] != "_since"])
            if "_since" in asked.query
            else asked
        )
    return await ask(asked)


@lie(FAMILY, "SHALL", f"{R4}/http.html#cread")
def everything_is_unchanged(asked: Asked, answer: Answer) -> Answer:
    """A conditional read always answers 304, whatever changed."""
    conditional = asked.header("if-none-match") or asked.header("if-modified-since")
    return Answer(304, answer.headers) if asked.is_read and conditional and answer.status == 200 else answer


@lie(FAMILY, "SHOULD", f"{R4}/http.html#cread")
async def conditions_on_reads_are_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A conditional read is answered in full though nothing changed, in spite of what is declared."""
    if asked.is_read:
        asked = asked.with_header("if-none-match", None).with_header("if-modified-since", None)
    return await ask(asked)


@lie(FAMILY, "SHALL", f"{R4}/search.html#summary")
async def summary_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """_summary and _elements are accepted and have no effect."""
    kept = [pair for pair in asked.params if pair[0] not in ("_summary", "_elements")]
    return await ask(asked.with_params(kept) if len(kept) != len(asked.params) else asked)


@lie(FAMILY, "SHOULD", f"{R4}/search.html#summary")
def parts_look_whole(asked: Asked, answer: Answer) -> Answer:
    """Resources of which only a part is given carry no tag SUBSETTED."""
    if not ("_summary" in asked.query or "_elements" in asked.query) or answer.document is None:
        return answer
    return answer.with_document(_untagged(answer.document))


def _untagged(node: Any) -> Any:
    if isinstance(node, list):
        return [_untagged(value) for value in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _untagged(value) for key, value in node.items()}
    tags = (
        [tag for tag in kept.get("tag", []) if tag.get("code") != "SUBSETTED"]
        if isinstance(kept.get("tag"), list)
        else []
    )
    return {**kept, "tag": tags} if tags else {key: value for key, value in kept.items() if key != "tag"}
