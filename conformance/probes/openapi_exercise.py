"""One operation of a description, tried with requests that are right and with requests that are wrong."""

import uuid
from dataclasses import replace
from typing import Any

from conformance.analysis.described import LABEL, description_in
from conformance.errors import NoData
from conformance.model.target import Environment
from conformance.openapi.description import Operation, Unresolved
from conformance.openapi.drawing import NotInstalled, draw, drawn_by
from conformance.openapi.examples import Drawn, shown
from conformance.openapi.opinions import opinion
from conformance.openapi.places import above, identity, is_of_a_list
from conformance.openapi.schemas import Undecidable
from conformance.plugin import Credentials, Exchange, Untestable, Wire, probe
from conformance.probes.openapi_discover import ACCEPT

INSTALL = (
    "Schemathesis, which draws the requests, is not installed: pip install 'conformance-harness[openapi]'"
)
UNKNOWN = "unknown"
NOT_IN_PRODUCTION = "made-up requests that write are not sent to production, whoever permits it"
JSON_OR_PROBLEM = "application/json, application/problem+json, */*;q=0.5"


@probe("openapi-exercise")
def exercise(  # noqa: PLR0913 - what there is to say of an operation
    wire: Wire,
    *,
    operation: str,
    description: str,
    base: str,
    path: str,
    seed: int,
    valid: int = 3,
    invalid: int = 20,
) -> None:
    """Try an operation that reads: as the description shows it, with drawn requests (`valid`), with wrong ones.

    The labels are `shown`, `valid`, `invalid` and, at an address of something that is not there, `unknown`. What
    Schemathesis thinks of the answers is noted under `schemathesis`, the libraries that drew under `drawn-by`.
    """
    one = _operation(wire, description, operation)
    opinions: dict[str, list[str]] = {}
    requests = _requests(wire, one, path, seed, valid, invalid)
    for made in requests:
        _sent(wire, one, base, made, opinions)
    if made_up := _unknown(one, path, seed, [made.drawn_path for made in requests if made.kind == "valid"]):
        wire.send(
            "GET",
            f"{base}{made_up.url}",
            label=UNKNOWN,
            accept=JSON_OR_PROBLEM,
            about={"operation": one.name},
        )
    wire.note("schemathesis", opinions)


@probe("openapi-exercise-writing", writes=True)
def exercise_writing(  # noqa: PLR0913 - as above
    wire: Wire,
    *,
    operation: str,
    description: str,
    base: str,
    path: str,
    made_by: str,
    seed: int,
    valid: int = 2,
    invalid: int = 20,
) -> None:
    """Try an operation that writes, never in production: on what was made for it by the operation `made_by`, if named.

    The labels are those of `openapi-exercise`, and `made` for what was made first. What was created is deleted again
    where the description has an operation that deletes it.
    """
    if wire.target.environment is Environment.PRODUCTION:
        raise Untestable(NOT_IN_PRODUCTION)
    one = _operation(wire, description, operation)
    if made_by:
        path = _made(wire, one, _operation(wire, description, made_by), base)
    opinions: dict[str, list[str]] = {}
    once = one.method == "DELETE"
    requests = _requests(wire, one, path, seed, 0 if once else valid, invalid)
    answers = [_sent(wire, one, base, made, opinions) for made in requests]
    wire.note("schemathesis", opinions)
    for answer in answers:
        _cleared(wire, one, base, answer)
    if made_by and not once:
        _delete(wire, one, base, path)


@probe("openapi-strangers-writing", writes=True)
def strangers_writing(
    wire: Wire, *, operation: str, description: str, base: str, path: str, made_by: str
) -> None:
    """Ask an operation that writes without credentials, with a token that nobody issued, and as oneself (`shown`).

    Never in production; on what was made for it by the operation `made_by`, if named, and deleted again if it can be.
    """
    if wire.target.environment is Environment.PRODUCTION:
        raise Untestable(NOT_IN_PRODUCTION)
    one = _operation(wire, description, operation)
    if made_by:
        path = _made(wire, one, _operation(wire, description, made_by), base)
    made = shown(one, path)
    if made is None:
        raise Untestable(
            f"the description shows no request to {one.name} that fits it (an example of its body)"
        )
    answers = [
        _sent(wire, one, base, replace(made, kind=label), {}, credentials)  # type: ignore[arg-type]
        for label, credentials in (("anonymous", "none"), ("bad-token", "bad"), ("shown", "own"))
    ]
    for answer in answers:
        _cleared(wire, one, base, answer)
    if made_by and one.method != "DELETE":
        _delete(wire, one, base, path)


def _operation(wire: Wire, description: str, name: str) -> Operation:
    answer = wire.send("GET", description, label=LABEL, accept=ACCEPT, shared=True)
    try:
        found = description_in(answer).operation(name) if answer.ok else None
    except NoData as reason:
        raise Untestable(str(reason)) from None
    if found is None:
        raise Untestable(f"the description, asked for again, has no operation {name}")
    return found


def _requests(wire: Wire, one: Operation, path: str, seed: int, valid: int, invalid: int) -> list[Drawn]:
    """What is to be sent, right ones first; the same for the same description, number and libraries."""
    try:
        first = shown(one, path)
        drawn = draw(one, path, seed, valid, invalid)
        wire.note("drawn-by", drawn_by())
    except NotInstalled:
        raise Untestable(INSTALL) from None
    except (Undecidable, Unresolved) as reason:
        raise Untestable(f"{one.name} cannot be tried: {reason}") from None
    if one.method == "DELETE" and first is None:
        drawn = [each for each in drawn if each.kind == "invalid"]
    wrong_first = one.method == "DELETE"  # once it is gone, nothing can be refused on it any more
    every = [*([first] if first else []), *drawn]
    return sorted(every, key=lambda each: (each.kind == "invalid") is not wrong_first)


def _sent(
    wire: Wire,
    one: Operation,
    base: str,
    made: Drawn,
    opinions: dict[str, list[str]],
    credentials: Credentials = "own",
) -> Exchange:
    answer = wire.send(
        one.method,
        f"{base}{made.url}",
        label=made.kind,
        about={"operation": one.name, "wrong": made.said if made.kind == "invalid" else ""},
        headers=made.headers,
        accept=JSON_OR_PROBLEM,
        credentials=credentials,
        **_content(made),
    )
    if found := opinion(made, answer.status, dict(answer.headers), answer.content()):
        opinions[answer.id] = found
    return answer


def _content(made: Drawn) -> dict[str, Any]:
    return {"body": made.sent.body, "media_type": made.sent.media_type} if made.sent.body else {}


def _made(wire: Wire, one: Operation, maker: Operation, base: str) -> str:
    """The address of something that was made for the operation. Raises Untestable where nothing could be made."""
    try:
        made = shown(maker, maker.path) if "{" not in maker.path else None
    except Unresolved:
        made = None
    if made is None:
        raise Untestable(
            f"{maker.name}, which makes what it is about, has no example in the description that fits it"
        )
    answer = wire.send(
        maker.method,
        f"{base}{made.url}",
        label="made",
        headers=made.headers,
        accept=JSON_OR_PROBLEM,
        **_content(made),
    )
    found = _identity(answer, above(one.path)[1])
    if not found:
        raise Untestable(
            f"{answer} answered {answer.status}, and nothing with an id was made to try {one.name} on"
        )
    wire.created(f"{_below_endpoint(wire, base)}{maker.path.lstrip('/')}/{found}")
    list_path, parameter = above(one.path)
    return one.path.replace(f"{list_path}/{{{parameter}}}", f"{list_path}/{found}", 1)


def _identity(answer: Exchange, parameter: str) -> str:
    value = answer.json_or_none() if answer.ok else None
    return identity(value, parameter) if isinstance(value, dict) else ""


def _cleared(wire: Wire, one: Operation, base: str, answer: Exchange) -> None:
    """Delete what an answer says to have been created, where the description has an operation for it."""
    if one.method != "POST" or "{" in one.path:
        return
    for other in one.whole.operations:
        parent, parameter = above(other.path)
        removes = other.method == "DELETE" and parent == one.path and other.path.endswith("}")
        if removes and (found := _identity(answer, parameter)):
            wire.created(f"{_below_endpoint(wire, base)}{one.path.lstrip('/')}/{found}")
            _delete(wire, other, base, f"{one.path}/{found}")


def _delete(wire: Wire, one: Operation, base: str, path: str) -> None:
    list_path, parameter = above(one.path)
    whole = f"{list_path}/{{{parameter}}}"
    if one.whole.operation(f"DELETE {whole}") is None:
        return
    address = "/".join(path.split("/")[: len(whole.split("/"))])
    if wire.send("DELETE", f"{base}{address}", label="clean-up", accept=JSON_OR_PROBLEM).ok:
        wire.deleted(f"{_below_endpoint(wire, base)}{address.lstrip('/')}")


def _below_endpoint(wire: Wire, base: str) -> str:
    """The part of the base that stands below the endpoint, from which what is created is named."""
    rest = base.removeprefix(wire.base).strip("/")
    return f"{rest}/" if rest else ""


def _unknown(one: Operation, path: str, seed: int, drawn: list[str]) -> Drawn | None:
    """A request for something that is not there: with an id that fits and that nobody gave; None without one."""
    if one.method != "GET" or not is_of_a_list(one):
        return None
    parent, _ = above(one.path)
    parts = path.split("/")
    place = len(parent.rstrip("/").split("/"))
    ids = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"htest:{seed}")), str(2_000_000_000 + seed % 100_000_000)]
    ids += [each.split("/")[place] for each in drawn if len(each.split("/")) == len(parts)]
    for value in ids:
        if value != parts[place] and (
            made := shown(one, "/".join([*parts[:place], value, *parts[place + 1 :]]))
        ):
            return made
    return None
