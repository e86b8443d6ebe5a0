"""Lies about starting, following and ending an export, and about what its manifest says."""

from dataclasses import replace
from typing import Any

from benchmarks.assurance.exact import written
from benchmarks.assurance.lie import Lie, lie
from benchmarks.assurance.lies.tools import BULK, is_manifest, remembered
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "export jobs"
KICK_OFF = BULK + "#bulk-data-kick-off-request"
PARAMETERS = BULK + "#query-parameters"
STATUS = BULK + "#bulk-data-status-request"
COMPLETE = BULK + "#response---complete-status"
CANCEL = BULK + "#bulk-data-delete-request"


async def _ignoring(asked: Asked, ask: Ask, *names: str) -> Answer:
    """Start the export as if these parameters had not been given, and tell the manifest's reader otherwise."""
    if not asked.is_kick_off:
        return await ask(asked)
    if asked.method == "POST" and asked.sent:
        sent = asked.sent
        kept = [p for p in sent.get("parameter", []) if p.get("name") not in names]
        return await ask(replace(asked, body=written({**sent, "parameter": kept})))
    kept_pairs = [pair for pair in asked.params if pair[0] not in names]
    return await ask(asked.with_params(kept_pairs) if len(kept_pairs) != len(asked.params) else asked)


def _ignores(name: str, level: str) -> Lie:
    """An export that takes a parameter and lets it have no effect; its manifest names the request as it was sent."""

    async def act(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await _ignoring(asked, ask, name)
        sent = remembered(memory, "sent")
        if asked.is_kick_off and answer.status == 202 and name in asked.query:
            sent[answer.header("content-location").rsplit("/", 1)[-1]] = asked.query
        job = asked.parts[1] if asked.is_job and len(asked.parts) > 1 else ""
        if is_manifest(asked, answer) and job in sent:
            told = answer.document
            return answer.with_document({**told, "request": told["request"].split("?")[0] + "?" + sent[job]})
        return answer

    plain = name.strip("_")
    says = f"{name} is accepted and has no effect on what is exported."
    return Lie(f"export-ignores-{plain}", FAMILY, level, f"{PARAMETERS}", says, act)


IGNORING = tuple(
    _ignores(name, level)
    for name, level in (
        ("_since", "SHALL"),
        ("_until", "SHOULD"),
        ("_type", "SHALL"),
        ("_typeFilter", "SHOULD"),
        ("_elements", "SHOULD"),
        ("patient", "SHALL"),
        ("_outputFormat", "SHALL"),
        ("includeAssociatedData", "SHOULD"),
    )
)


@lie(FAMILY, "SHALL", KICK_OFF)
async def post_forgets_its_parameters(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """An export that is started by POST takes no notice of any parameter."""
    if asked.is_kick_off and asked.method == "POST" and asked.body:
        return await ask(replace(asked, body=written({"resourceType": "Parameters"})))
    return await ask(asked)


@lie(FAMILY, "SHALL", PARAMETERS)
async def unknown_parameters_are_passed_over(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """Parameters that the server does not know are passed over without handling=lenient."""
    return await ask(
        asked.with_header("prefer", "respond-async, handling=lenient") if asked.is_kick_off else asked
    )


@lie(FAMILY, "SHALL", BULK + "#endpoint---group-of-patients")
async def group_exports_everybody(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """The export of a group is the export of all patients."""
    if asked.is_kick_off and asked.kind == "Group":
        return await ask(replace(asked, path="/Patient/$export"))
    return await ask(asked)


@lie(FAMILY, "SHALL", BULK + "#endpoint---system-level-export")
async def system_exports_patients_only(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """The export of the whole system is the export of all patients: what belongs to none is missing."""
    if asked.is_kick_off and len(asked.parts) == 1:
        return await ask(replace(asked, path="/Patient/$export"))
    return await ask(asked)


@lie(FAMILY, "SHALL", KICK_OFF)
def kick_off_answers_200(asked: Asked, answer: Answer) -> Answer:
    """A kick-off answers 200 in the place of 202."""
    return replace(answer, status=200) if asked.is_kick_off and answer.status == 202 else answer


@lie(FAMILY, "SHALL", KICK_OFF)
def kick_off_says_not_where(asked: Asked, answer: Answer) -> Answer:
    """A kick-off has no Content-Location."""
    return answer.with_header("content-location", None) if asked.is_kick_off else answer


@lie(FAMILY, "SHALL", KICK_OFF)
def kick_off_says_where_by_halves(asked: Asked, answer: Answer) -> Answer:
    """Content-Location is a path without scheme and host."""
    found = answer.header("content-location")
    if not (asked.is_kick_off and found):
        return answer
    return answer.with_header("content-location", "/" + found.split("/", 3)[3])


@lie(FAMILY, "SHALL", KICK_OFF)
def refused_exports_are_accepted(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """What should be refused at the kick-off is answered 202 and leads to an export that was started before."""
    if not asked.is_kick_off:
        return answer
    if answer.status == 202:
        memory["good"] = answer
    return memory.get("good", answer) if answer.status in (400, 422) else answer


@lie(FAMILY, "SHALL", KICK_OFF)
def exports_are_cached(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """Each kick-off of the same address and method leads to the first such export, whatever changed since."""
    if not (asked.is_kick_off and answer.status == 202):
        return answer
    return memory.setdefault((asked.method, asked.path, asked.query, asked.body), answer)


@lie(FAMILY, "SHALL", STATUS)
def unfinished_looks_complete(asked: Asked, answer: Answer) -> Answer:
    """A job that still works answers 200 with a manifest without files."""
    if not (asked.is_job and asked.method == "GET" and answer.status == 202):
        return answer
    made = {
        "transactionTime": "2026-01-01T00:00:00Z",
        "request": "",
        "requiresAccessToken": True,
        "output": [],
        "error": [],
    }
    return replace(answer, status=200).with_header("content-type", "application/json").with_document(made)


@lie(FAMILY, "SHALL", CANCEL)
async def cancel_does_nothing(asked: Asked, ask: Ask, _: Memory) -> Answer:
    """A cancelled export answers 202 and stays, with manifest and files."""
    if asked.is_job and asked.method == "DELETE":
        return Answer(202) if (await ask(replace(asked, method="GET"))).status < 300 else await ask(asked)
    return await ask(asked)


@lie(FAMILY, "SHALL", CANCEL)
def cancelled_still_answers_202(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """A job that was cancelled answers for ever that it works."""
    gone = remembered(memory, "gone")
    if asked.is_job and asked.method == "DELETE" and answer.status == 202:
        gone[asked.path] = True
    if asked.is_job and asked.method == "GET" and answer.status == 404 and asked.path in gone:
        return Answer(202, (("x-progress", "working"), ("retry-after", "1")))
    return answer


@lie(FAMILY, "SHALL", CANCEL)
def unknown_jobs_are_complete(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """A job that never was, or was cancelled, answers 200 with the manifest of another one."""
    if is_manifest(asked, answer) and answer.status == 200:
        memory["last"] = answer
    lost = asked.is_job and asked.method == "GET" and answer.status == 404
    return memory.get("last", answer) if lost else answer


@lie(FAMILY, "SHALL", STATUS)
def failed_polls_are_200(asked: Asked, answer: Answer) -> Answer:
    """A status request that goes wrong answers 200 with the OperationOutcome."""
    wrong = asked.is_job and asked.method == "GET" and answer.status == 404
    return replace(answer, status=200) if wrong else answer


def _tells(asked: Asked, answer: Answer, **members: Any) -> Answer:
    """The complete manifest with other members; None takes one out."""
    if not (is_manifest(asked, answer) and answer.status == 200):
        return answer
    told = {**answer.document, **members}
    return answer.with_document({name: value for name, value in told.items() if value is not None})


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_says_no_time(asked: Asked, answer: Answer) -> Answer:
    """The manifest has no transactionTime."""
    return _tells(asked, answer, transactionTime=None)


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_is_of_the_future(asked: Asked, answer: Answer) -> Answer:
    """The transactionTime is a year ahead: the next export by _since would leave out a year."""
    if not is_manifest(asked, answer):
        return answer
    time = answer.document["transactionTime"]
    return _tells(asked, answer, transactionTime=str(int(time[:4]) + 1) + time[4:])


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_is_of_long_ago(asked: Asked, answer: Answer) -> Answer:
    """The transactionTime is ten years ago, though the files hold what was written yesterday."""
    if not is_manifest(asked, answer):
        return answer
    time = answer.document["transactionTime"]
    return _tells(asked, answer, transactionTime=str(int(time[:4]) - 10) + time[4:])


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_has_a_local_time(asked: Asked, answer: Answer) -> Answer:
    """The transactionTime has no time zone."""
    if not is_manifest(asked, answer):
        return answer
    return _tells(asked, answer, transactionTime=answer.document["transactionTime"].rstrip("Z"))


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_is_of_another_request(asked: Asked, answer: Answer) -> Answer:
    """The request in the manifest is another URL than the export was started with."""
    if not is_manifest(asked, answer):
        return answer
    return _tells(
        asked, answer, request=answer.document["request"].split("?")[0].replace("$export", "$export-all")
    )


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_has_no_errors_member(asked: Asked, answer: Answer) -> Answer:
    """The manifest has no member error."""
    return _tells(asked, answer, error=None)


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_says_no_token_is_needed(asked: Asked, answer: Answer) -> Answer:
    """The manifest says that files need no token, and they do."""
    return _tells(asked, answer, requiresAccessToken=False)


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_says_true_in_quotes(asked: Asked, answer: Answer) -> Answer:
    """The manifest says requiresAccessToken as a string."""
    return _tells(asked, answer, requiresAccessToken="true")


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_is_a_fhir_resource(asked: Asked, answer: Answer) -> Answer:
    """The manifest is labelled application/fhir+json."""
    return (
        answer.with_header("content-type", "application/fhir+json") if is_manifest(asked, answer) else answer
    )


@lie(FAMILY, "SHALL", COMPLETE)
def manifest_changes_while_it_is_read(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """The second time a complete job is asked, its manifest leaves out the last file."""
    if not (is_manifest(asked, answer) and answer.status == 200):
        return answer
    times = remembered(memory, "times")
    times[asked.path] = times.get(asked.path, 0) + 1
    return _tells(asked, answer, output=answer.document["output"][:-1]) if times[asked.path] > 1 else answer


@lie(FAMILY, "SHALL", PARAMETERS)
def deletions_are_kept_quiet(asked: Asked, answer: Answer) -> Answer:
    """The manifest of an export with _since says nothing of what was deleted."""
    deleted = is_manifest(asked, answer) and answer.document.get("deleted")
    return _tells(asked, answer, deleted=[]) if deleted else answer
