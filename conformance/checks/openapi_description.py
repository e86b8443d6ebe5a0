"""Checks of an OpenAPI description: that everybody gets it, always the same, and that it says something."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from conformance.analysis.described import base_of, description_answer, description_in
from conformance.checks.picking import listed, quoted
from conformance.openapi.description import Description
from conformance.openapi.form import flaws, loose, outward
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, Remark, check

ANONYMOUS = "description-anonymous"
_MAJOR = re.compile(r"v(\d+)", re.IGNORECASE)
_VERSION = re.compile(r"[vV]?(\d+)(\.\d+)*([-+.].+)?")


@check("openapi-public")
def openapi_public(evidence: Evidence) -> Findings:
    """Anybody gets the description without credentials, and it is an OpenAPI 3 document that can be read."""
    asked = evidence.labelled(ANONYMOUS)
    if not asked:
        raise NoData("nothing was asked for")
    for answer in asked:
        if answer.ok and _is_one(answer):
            return
    broken = [answer for answer in asked if answer.ok]
    with_credentials = [*evidence.labelled("description"), *evidence.labelled("description-own")]
    if broken:
        yield from (answer.finding(f"is no OpenAPI 3 description: {_problem(answer)}") for answer in broken)
    elif any(answer.ok for answer in with_credentials):
        yield asked[-1].finding(
            f"answered {asked[-1].status} without credentials: the description is not for everybody"
        )
    elif all(answer.failure for answer in asked):
        raise NotJudgeable(f"{asked[0]}: {asked[0].failure}")
    else:
        told = listed(f"{answer} ({answer.status})" for answer in asked)
        yield asked[0].finding(f"shows no description; asked were {told}")


@check("openapi-form")
def openapi_form(evidence: Evidence) -> Findings:
    """The description keeps the form that OpenAPI asks for, and no reference within it leads nowhere."""
    answer = description_answer(evidence)
    for said in flaws(description_in(answer)):
        yield answer.finding(f"breaks the form of OpenAPI: {said}")


@check("openapi-self-contained")
def openapi_self_contained(evidence: Evidence) -> Findings:
    """All that the description refers to is in it. Other documents are not fetched: what they say is not judged."""
    answer = description_answer(evidence)
    if elsewhere := outward(description_in(answer)):
        yield answer.finding(f"refers {len(elsewhere)} times to other documents: {listed(elsewhere)}")


@check("openapi-tight")
def openapi_tight(evidence: Evidence) -> Findings:
    """The description says for each operation what a success is, by a schema that something can depart from."""
    answer = description_answer(evidence)
    description = _with_operations(description_in(answer))
    for said in loose(description):
        yield answer.finding(f"is so loose that anything agrees with it: {said}")


@check("openapi-same-for-all")
def openapi_same_for_all(evidence: Evidence) -> Findings:
    """The description is the same each time it is asked for, with credentials and without."""
    first = description_answer(evidence)
    others = [e for e in evidence.discovery.labelled("description-again") if e.ok and not e.failure]
    later = [e for e in evidence.labelled("description") if e.ok and not e.failure]
    if not others:
        raise NoData("the description was got only once")
    wanted = description_in(first).value
    for other in (*others, *later):
        if other.body == first.body:
            continue
        try:
            got = description_in(other).value
        except NoData as reason:
            yield other.finding(f"gave something else than before: {reason}")
            continue
        if got != wanted:
            yield other.finding(
                f"gave another description than before: it differs at {_first_difference(wanted, got)}"
            )


@check("openapi-versioned")
def openapi_versioned(evidence: Evidence) -> Findings:
    """The description states a version, the one that the service and its supplier state.

    Compared are the major version in the address of the service, where it names one, the version that the supplier's
    declaration gives, and the `API-Version` of answers that carry it.
    """
    answer = description_answer(evidence)
    description = description_in(answer)
    stated = str(description.info.get("version", "")).strip()
    match = _VERSION.fullmatch(stated)
    if match is None:
        yield answer.finding(f"states {quoted(stated)} as info.version, which is no version")
        return
    segments = urlsplit(base_of(evidence)).path.split("/")
    for major in (m[1] for segment in segments if (m := _MAJOR.fullmatch(segment))):
        if major != match[1]:
            yield answer.finding(
                f"states the version {stated}, but the service is at v{major} ({base_of(evidence)})"
            )
    declared = evidence.document("interface")
    value = declared.json_or_none() if declared is not None and not declared.problem else None
    if isinstance(value, dict) and isinstance(value.get("version"), str) and value["version"] != stated:
        yield answer.finding(
            f"states the version {stated}, but the supplier declares {quoted(value['version'])}"
        )
    for seen in (*evidence.exchanges, *evidence.discovery.labelled("listed")):
        told = seen.header("api-version")
        if told is not None and told.strip() != stated and not told.startswith("[redacted"):
            yield seen.finding(f"states the version {quoted(told)}, and the description {stated}")
            return


@check("openapi-names-this-server")
def openapi_names_this_server(evidence: Evidence) -> Findings:
    """The description names the service under test among its servers."""
    answer = description_answer(evidence)
    servers = description_in(answer).servers(answer.url)
    if base_of(evidence) not in servers:
        yield answer.finding(f"names {listed(servers)} as its servers, and not {evidence.target.endpoint}")


@check("openapi-documents-itself")
def openapi_documents_itself(evidence: Evidence) -> Findings:
    """The description leads to the documentation and the terms, and says what each operation is for."""
    answer = description_answer(evidence)
    description = _with_operations(description_in(answer))
    docs = description.value.get("externalDocs")
    if not (isinstance(docs, dict) and docs.get("url")):
        yield answer.finding("names no documentation (externalDocs)")
    if not description.info.get("termsOfService"):
        yield answer.finding("names no terms (info.termsOfService)")
    silent = [
        one.name
        for one in description.operations
        if not (one.value.get("summary") or one.value.get("description"))
    ]
    if silent:
        yield answer.finding(f"does not say what {len(silent)} operations are for: {listed(silent)}")
    yield Remark(f"{len(description.operations)} operations are described")


def _with_operations(description: Description) -> Description:
    if not description.operations:
        raise NoData("the description describes no operation")
    return description


def _is_one(answer: Exchange) -> bool:
    try:
        description_in(answer)
    except NoData:
        return False
    return True


def _problem(answer: Exchange) -> str:
    try:
        description_in(answer)
    except NoData as reason:
        return str(reason)
    return ""


def _first_difference(one: Any, other: Any) -> str:
    """The place of the first difference, as names joined by dots."""
    return next(iter(_differences("", one, other)), "the whole")


def _differences(place: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            below = f"{place}.{name}" if place else name
            if name not in one or name not in other:
                yield below
            elif one[name] != other[name]:
                yield from _differences(below, one[name], other[name])
    elif one != other:
        yield place
