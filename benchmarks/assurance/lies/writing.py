"""Lies about creating, changing and deleting, and about several of them at once."""

from dataclasses import replace

from benchmarks.assurance.exact import written
from benchmarks.assurance.lie import lie
from benchmarks.assurance.lies.tools import R4, is_bundle, remembered
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "writing"
CREATE = f"{R4}/http.html#create"
UPDATE = f"{R4}/http.html#update"
DELETE = f"{R4}/http.html#delete"
TOGETHER = f"{R4}/http.html#transaction"


def _creates(asked: Asked) -> bool:
    return asked.method == "POST" and bool(asked.kind) and len(asked.parts) == 1


def _updates(asked: Asked) -> bool:
    return asked.method == "PUT" and bool(asked.kind) and len(asked.parts) == 2


def _is_together(asked: Asked) -> bool:
    return asked.method == "POST" and not asked.outside and not asked.parts


@lie(FAMILY, "SHALL", CREATE)
async def created_is_not_kept(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A create answers 201 with a Location at which there is nothing: it is deleted again at once."""
    answer = await ask(asked)
    if _creates(asked) and answer.status == 201 and "/fhir/" in answer.header("location"):
        path = "/" + "/".join(answer.header("location").split("/fhir/")[1].split("/")[:2])
        await ask(replace(asked, method="DELETE", path=path, query="", body=b""))
    return answer


@lie(FAMILY, "SHALL", CREATE)
def created_without_location(asked: Asked, answer: Answer) -> Answer:
    """A create does not say where the new resource is."""
    return answer.with_header("location", None) if _creates(asked) and answer.status == 201 else answer


@lie(FAMILY, "SHALL", CREATE)
def created_elsewhere(asked: Asked, answer: Answer) -> Answer:
    """The Location of a create names another id than the resource got."""
    if not (_creates(asked) and answer.status == 201):
        return answer
    return answer.with_header("location", answer.header("location").replace("/_history", "0/_history"))


@lie(FAMILY, "SHALL", CREATE)
async def creates_with_the_clients_id(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A create takes the id that stands in the body, where the server has to choose one."""
    own = asked.sent.get("id") if _creates(asked) else None
    if isinstance(own, str):
        return await ask(
            replace(asked, method="PUT", path=f"{asked.path}/{own}").with_header("if-none-exist", None)
        )
    return await ask(asked)


@lie(FAMILY, "SHALL", CREATE)
def create_answers_200(asked: Asked, answer: Answer) -> Answer:
    """A create answers 200 in the place of 201."""
    return replace(answer, status=200) if _creates(asked) and answer.status == 201 else answer


@lie(FAMILY, "SHALL", f"{R4}/http.html#ccreate")
async def if_none_exist_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A conditional create makes another one each time."""
    return await ask(asked.with_header("if-none-exist", None))


@lie(FAMILY, "SHALL", UPDATE)
async def update_is_not_kept(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """An update answers 200 with what was sent, and changes nothing."""
    if not (_updates(asked) and "json" in asked.header("content-type") and not asked.header("if-match")):
        return await ask(asked)
    now = await ask(replace(asked, method="GET", body=b"").with_header("accept", "application/fhir+json"))
    document = now.document
    if now.status != 200 or document is None:
        return await ask(asked)
    version = str(int(document["meta"]["versionId"]) + 1)
    sent = asked.sent
    if sent.get("id") != document["id"] or sent.get("resourceType") != asked.kind:
        return await ask(asked)
    told = {**sent, "meta": {**document["meta"], "versionId": version}}
    return now.with_header("etag", f'W/"{version}"').with_document(told)


@lie(FAMILY, "SHALL", f"{R4}/http.html#concurrency")
async def if_match_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Whoever updates an old version overwrites the newer one: If-Match has no effect."""
    return await ask(asked.with_header("if-match", None))


@lie(FAMILY, "SHALL", UPDATE)
async def update_takes_any_id(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """An update whose body has another id, or none, than the address is carried out."""
    if _updates(asked) and asked.sent and asked.sent.get("id") != asked.parts[1]:
        return await ask(replace(asked, body=written({**asked.sent, "id": asked.parts[1]})))
    return await ask(asked)


@lie(FAMILY, "SHALL", f"{R4}/http.html#versions")
def update_keeps_the_version(asked: Asked, answer: Answer) -> Answer:
    """The answer to an update says the version that was there before."""
    document = answer.document
    if not (_updates(asked) and answer.status == 200 and document and "meta" in document):
        return answer
    before = str(max(int(document["meta"]["versionId"]) - 1, 1))
    told = {**document, "meta": {**document["meta"], "versionId": before}}
    return answer.with_document(told).with_header("etag", f'W/"{before}"')


@lie(FAMILY, "SHALL", UPDATE)
async def new_by_update_answers_200(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """An update that makes a new resource answers 200 in the place of 201."""
    answer = await ask(asked)
    return replace(answer, status=200) if _updates(asked) and answer.status == 201 else answer


@lie(FAMILY, "SHALL", DELETE)
async def delete_does_nothing(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A delete answers 204 and deletes nothing."""
    if asked.method == "DELETE" and asked.kind and len(asked.parts) == 2:
        there = await ask(replace(asked, method="GET"))
        return Answer(204) if there.status == 200 else await ask(asked)
    return await ask(asked)


@lie(FAMILY, "SHOULD", DELETE)
async def delete_is_seen_late(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Searches still find a resource after it was deleted: the index does not know of it."""
    found = remembered(memory, "found")
    if asked.method == "DELETE" and asked.kind and len(asked.parts) == 2:
        there = await ask(replace(asked, method="GET").with_header("accept", "application/fhir+json"))
        if there.status == 200 and there.document:
            found[asked.kind] = there.document
    answer = await ask(asked)
    dead = found.get(asked.kind)
    if asked.is_search and is_bundle(answer, "searchset") and dead and answer.document.get("total") == 0:
        full = f"https://{asked.header('host')}/fhir/{asked.kind}/{dead['id']}"
        entry = {"fullUrl": full, "resource": dead, "search": {"mode": "match"}}
        return answer.with_document({**answer.document, "total": 1, "entry": [entry]})
    return answer


@lie(FAMILY, "SHALL", CREATE)
async def anything_is_accepted(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """What is no valid resource is taken with 201: what was wrong with it is thrown away and not said."""
    answer = await ask(asked)
    if _creates(asked) and answer.status in (400, 422):
        empty = written({"resourceType": asked.kind})
        kept = await ask(replace(asked, body=empty).with_header("content-type", "application/fhir+json"))
        return kept if kept.status == 201 else answer
    return answer


@lie(FAMILY, "SHALL", f"{R4}/http.html#Status-Codes")
def refused_with_200(asked: Asked, answer: Answer) -> Answer:
    """What was refused for being wrong answers 200, with the OperationOutcome in its body."""
    refused = asked.method in ("POST", "PUT", "PATCH") and answer.status in (400, 409, 412, 422)
    return replace(answer, status=200) if refused and not asked.outside else answer


@lie(FAMILY, "SHOULD", f"{R4}/http.html#ops")
async def prefer_return_is_ignored(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Prefer: return=minimal, representation or OperationOutcome has no effect."""
    return await ask(asked.with_header("prefer", None) if "return=" in asked.header("prefer") else asked)


@lie(FAMILY, "SHALL", f"{R4}/http.html#patch")
async def patch_changes_nothing(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A patch answers 200 with the resource as it was, and is not carried out."""
    if asked.method != "PATCH" or len(asked.parts) != 2:
        return await ask(asked)
    there = await ask(replace(asked, method="GET", body=b""))
    return there if there.status == 200 else await ask(asked)


@lie(FAMILY, "SHALL", TOGETHER)
async def transaction_is_a_batch(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A transaction is carried out as a batch: what can be done is done though another part fails, and 200 is said."""
    if not (_is_together(asked) and b'"transaction"' in asked.body and b"urn:uuid" not in asked.body):
        return await ask(asked)
    sent = asked.sent
    if sent.get("type") != "transaction":
        return await ask(asked)
    answer = await ask(replace(asked, body=written({**sent, "type": "batch"})))
    if not is_bundle(answer):
        return answer
    return answer.with_document({**answer.document, "type": "transaction-response"})


@lie(FAMILY, "SHALL", TOGETHER)
def failed_transaction_leaves_no_word(asked: Asked, answer: Answer) -> Answer:
    """A transaction that failed answers 200 with a response that claims success for each entry."""
    if not (_is_together(asked) and answer.status >= 400 and b'"transaction"' in asked.body):
        return answer
    done = [{"response": {"status": "200 OK"}} for _ in asked.sent.get("entry", [])]
    told = {"resourceType": "Bundle", "type": "transaction-response", "entry": done}
    return replace(answer, status=200).with_document(told)


@lie(FAMILY, "SHALL", TOGETHER)
def batch_response_is_out_of_order(asked: Asked, answer: Answer) -> Answer:
    """The entries of a response to a batch or transaction come in the opposite order."""
    if not (_is_together(asked) and is_bundle(answer)):
        return answer
    return answer.with_document({**answer.document, "entry": answer.document.get("entry", [])[::-1]})


@lie(FAMILY, "SHALL", TOGETHER)
def batch_response_is_short(asked: Asked, answer: Answer) -> Answer:
    """The response to a batch or transaction leaves out the last entry."""
    if not (_is_together(asked) and is_bundle(answer) and len(answer.document.get("entry", [])) > 1):
        return answer
    return answer.with_document({**answer.document, "entry": answer.document["entry"][:-1]})


@lie(FAMILY, "SHALL", TOGETHER)
def transaction_response_is_mislabelled(asked: Asked, answer: Answer) -> Answer:
    """Responses to transactions say batch-response and the other way round."""
    other = {"batch-response": "transaction-response", "transaction-response": "batch-response"}
    if not (_is_together(asked) and is_bundle(answer)):
        return answer
    return answer.with_document(
        {**answer.document, "type": other.get(answer.document["type"], "batch-response")}
    )


@lie(FAMILY, "SHALL", TOGETHER)
async def transaction_keeps_placeholders(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """References between the parts of a transaction stay placeholders (urn:uuid) of the request."""
    if not (_is_together(asked) and b'"transaction"' in asked.body):
        return await ask(asked)
    sent = asked.sent
    for number, entry in enumerate(sent.get("entry", [])):
        if str(entry.get("fullUrl", "")).startswith("urn:uuid:"):
            entry["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-{number:012}"
    return await ask(replace(asked, body=written(sent)))
