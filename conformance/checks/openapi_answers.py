"""Checks of what a service answers to requests made up from its description.

That a request was right or wrong is told from the request as it was recorded, not by whoever drew it. Beside our own
judgement stands the one of Schemathesis, noted as the answers came: where it finds fault and we do not, nobody passes.
"""

from collections.abc import Iterator

from conformance.analysis.described import base_of, below, description_of
from conformance.checks.picking import REFUSED, listed
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED, SERVER_ERRORS
from conformance.model.base import NotJson, strict_json
from conformance.openapi.description import Json, Operation, Unresolved
from conformance.openapi.requests import Sent, Wrong, departures, is_json, media_of
from conformance.openapi.schemas import Undecidable, problems
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, Remark, check

RIGHT, WRONG = ("shown", "valid"), ("invalid",)
LARGEST = 8_000_000
BUSY = 429
NO_CONTENT = 204
NOT_THERE = (404, 410)
_OURS = {
    "UndefinedStatusCode": "openapi-answers-described",
    "UndefinedContentType": "openapi-answers-described",
    "MissingContentType": "openapi-answers-described",
    "MalformedMediaType": "openapi-answers-described",
    "MissingHeaders": "openapi-answers-described",
    "JsonSchemaError": "openapi-answers-described",
    "MalformedJson": "openapi-answers-described",
}
"""The check that is there for what Schemathesis finds, by the name of its finding."""


@check("openapi-answers-described")
def openapi_answers_described(evidence: Evidence, *, operation: str) -> Findings:
    """Each answer has a status, a media type, headers and a body that the operation describes, and one is a success.

    A description by `default` counts for what is no success. Only right requests that were recorded as such count.
    """
    one = _operation(evidence, operation)
    right = [each for each in _sent(evidence, RIGHT) if not _wrong(evidence, one, each)]
    if not right:
        raise NoData(f"no right request to {one.name} could be made up")
    doubts: list[str] = []
    faulted: set[str] = set()
    for answer in [*right, *evidence.labelled("unknown")]:
        try:
            for said in _departures(one, answer):
                faulted.add(answer.id)
                yield answer.finding(said)
        except (Undecidable, Unresolved) as reason:
            doubts.append(f"{answer}: {reason}")
    if not any(answer.ok for answer in right):
        told = listed(sorted({str(answer.status) for answer in right}))
        raise NoData(
            f"no right request to {one.name} succeeded (answered {told}), so its success was not seen"
        )
    refused = [answer for answer in right if not answer.ok]
    if refused:
        yield Remark(
            f"{len(refused)} of {len(right)} right requests were refused, as {refused[0]} with {refused[0].status}"
        )
    if doubts:
        raise NotJudgeable(listed(doubts))
    _heed_the_other_opinion(evidence, {answer.id for answer in right}, faulted)


@check("openapi-refuses-wrong")
def openapi_refuses_wrong(evidence: Evidence, *, operation: str) -> Findings:
    """Requests that depart from the description are refused with 4xx, where right ones succeed.

    404 refuses what is wrong in the path only.
    """
    one = _operation(evidence, operation)
    tried = [(each, _wrong(evidence, one, each)) for each in _sent(evidence, WRONG)]
    wrong = [(answer, said) for answer, said in tried if said]
    if not wrong:
        raise NoData(f"no request could be made up that {one.name} would have to refuse")
    control = [e for e in _sent(evidence, RIGHT) if not _wrong(evidence, one, e)]
    if not any(answer.ok for answer in control):
        raise NoData(
            f"no right request to {one.name} succeeded either, so that refusing a wrong one shows nothing"
        )
    unclear = []
    for answer, said in wrong:
        told = "; ".join(f"{each.said}" for each in said[:2])
        if answer.ok or 300 <= answer.status < 400:  # noqa: PLR2004 - redirects
            yield answer.finding(
                f"answered {answer.status} to a wrong request ({told}); it was to be refused"
            )
        elif answer.status in (*REFUSED, BUSY) or not _is_about_it(answer.status, said):
            unclear.append(f"{answer} answered {answer.status}")
    if unclear:
        raise NotJudgeable(
            f"it cannot be told whether these were refused for what is wrong: {listed(unclear)}"
        )


@check("openapi-no-server-error")
def openapi_no_server_error(evidence: Evidence, *, operation: str) -> Findings:
    """Nothing that was sent, right or wrong, is answered with a server error (5xx)."""
    _operation(evidence, operation)
    sent = [*_sent(evidence, (*RIGHT, *WRONG)), *evidence.labelled("unknown")]
    if not sent:
        raise NoData(f"nothing was sent to {operation}")
    for answer in sent:
        if answer.status in SERVER_ERRORS and answer.status != NOT_IMPLEMENTED:
            yield answer.finding(f"answered {answer.status}, as if the fault were its own")
    if all(answer.status in REFUSED for answer in sent):
        raise NoData(f"all that was sent to {operation} was answered {sent[0].status}")


@check("openapi-unknown-not-found")
def openapi_unknown_not_found(evidence: Evidence, *, operation: str) -> Findings:
    """What is asked for by an id that nobody gave is not found (404 or 410)."""
    sent = evidence.labelled("unknown")
    if not sent:
        raise NoData(f"{operation} is not about something with an id that could be unknown")
    for answer in sent:
        if answer.status < CLIENT_ERRORS.start:
            yield answer.finding(f"answered {answer.status} for an id that is not there, not 404")
        elif answer.status not in NOT_THERE:
            raise NotJudgeable(f"{answer} answered {answer.status}, which may be about something else")


@check("openapi-nothing-hidden")
def openapi_nothing_hidden(evidence: Evidence, *, operation: str) -> Findings:
    """No answer leads to an address, and none allows a method, that the description does not know."""
    one = _operation(evidence, operation)
    answers = [e for e in _sent(evidence, RIGHT) if e.ok]
    if not answers:
        raise NoData(f"no answer of {one.name} was got that could lead anywhere")
    answers += evidence.labelled("options")
    base, description = base_of(evidence), description_of(evidence)
    methods = {each.method for each in description.operations if each.path == one.path} | {"HEAD", "OPTIONS"}
    told: set[str] = set()
    for answer in answers:
        allowed = {
            method.strip().upper() for method in (answer.header("allow") or "").split(",") if method.strip()
        }
        if hidden := sorted(allowed - methods - told):
            told |= set(hidden)
            yield answer.finding(
                f"allows {listed(hidden)} at {one.path}, which the description does not know"
            )
        for path in _addresses(answer, base) if answer.ok else ():
            if not description.described(path) and path not in told:
                told.add(path)
                yield answer.finding(f"leads to {path}, which the description does not know")


def _operation(evidence: Evidence, name: str) -> Operation:
    """The operation of that name. Raises NotJudgeable where it has changed since it was discovered."""
    found = description_of(evidence).operation(name)
    if found is None:
        raise NoData(f"the description has no operation {name}")
    drawn_from = [e for e in evidence.labelled("description") if e.ok]
    discovered = next(iter(evidence.discovery.labelled("description")), None)
    if discovered is not None and any(e.body != discovered.body for e in drawn_from):
        raise NotJudgeable("the description was another one when the requests were drawn")
    return found


def _sent(evidence: Evidence, labels: tuple[str, ...]) -> list[Exchange]:
    return [exchange for exchange in evidence.exchanges if exchange.label in labels]


def _wrong(evidence: Evidence, one: Operation, exchange: Exchange) -> list[Wrong]:
    """How a recorded request departs from the description; an undecided one is told as such by NotJudgeable."""
    path = below(exchange.url, base_of(evidence))
    names = frozenset(name.lower() for name in exchange.request_headers)
    kind = exchange.request_body.media_type if exchange.request_body else ""
    try:
        sent = Sent(path, tuple(exchange.query), names, kind, exchange.request_content())
        return departures(one, sent)
    except (Undecidable, Unresolved) as reason:
        raise NotJudgeable(f"whether {exchange} was a right request cannot be told: {reason}") from None


def _is_about_it(status: int, said: list[Wrong]) -> bool:
    """Whether a refusal with this status can be about what is wrong: 404 about the path, 415 about the body."""
    if status in NOT_THERE:
        return any(each.place == "path" for each in said)
    return status in CLIENT_ERRORS


def _departures(one: Operation, answer: Exchange) -> Iterator[str]:
    stated = one.response(answer.status)
    if stated is None or (
        answer.ok and str(answer.status) not in one.statuses and not _by_class(one, answer.status)
    ):
        yield f"answered {answer.status}, which {one.name} does not describe (but {', '.join(one.statuses)})"
        return
    headers = stated.get("headers")
    for name, value in (headers if isinstance(headers, dict) else {}).items():
        if one.whole.resolved(value).get("required") is True and answer.header(name) is None:
            yield f"has no {name} header, which is described as required for {answer.status}"
    content = stated.get("content")
    if answer.body is None or not answer.body.size:
        if (
            isinstance(content, dict)
            and content
            and answer.ok
            and answer.status != NO_CONTENT
            and one.method != "HEAD"
        ):
            yield f"answered {answer.status} without a body, and one is described"
        return
    if not isinstance(content, dict) or not content:
        if answer.ok:
            yield f"answered {answer.status} with a body, and none is described"
        return
    described = media_of(content, answer.media_type)
    if described is None:
        kind = answer.media_type or "no stated type"
        yield f"answered {answer.status} with {kind}, and {listed(map(str, content))} is described"
    elif is_json(answer.media_type):
        yield from _of_body(one, answer, described.get("schema", {}))


def _of_body(one: Operation, answer: Exchange, schema: Json) -> Iterator[str]:
    assert answer.body is not None, "it was looked at a moment ago"
    if answer.body.size > LARGEST:
        raise Undecidable(f"the body is larger than {LARGEST:,} bytes")
    try:
        value = strict_json(answer.content())
    except NotJson as error:
        yield f"answered {answer.status} with a body that is no JSON: {error}"
        return
    for said in problems(one.whole, schema, value, "response"):
        yield f"answered {answer.status} with a body that departs from its schema: {said}"


def _by_class(one: Operation, status: int) -> bool:
    return f"{status // 100}XX" in one.statuses or f"{status // 100}xx" in one.statuses


def _heed_the_other_opinion(evidence: Evidence, right: set[str], faulted: set[str]) -> None:
    """Raise NotJudgeable where Schemathesis found fault with an answer in which we see none."""
    for step in evidence.steps:
        noted = step.notes.get("schemathesis")
        for identity, names in (noted if isinstance(noted, dict) else {}).items():
            theirs = [name for name in (names if isinstance(names, list) else []) if str(name) in _OURS]
            if theirs and identity in right and identity not in faulted:
                raise NotJudgeable(
                    f"Schemathesis finds {listed(theirs)} in {identity}, in which nothing is seen here"
                )


def _addresses(answer: Exchange, base: str) -> Iterator[str]:
    """The paths below the base to which an answer leads: in Location, Link, and the texts of its body."""
    texts = [answer.header("location") or "", *_links(answer.header("link") or "")]
    waiting = [answer.json_or_none()] if is_json(answer.media_type) else []
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
    for text in dict.fromkeys(texts):
        whole = (
            f"{base.partition('//')[0]}//{base.partition('//')[2].partition('/')[0]}{text}"
            if text[:1] == "/"
            else text
        )
        if path := below(whole, base) if " " not in whole else "":
            yield path


def _links(header: str) -> Iterator[str]:
    for part in header.split("<")[1:]:
        yield part.partition(">")[0]
