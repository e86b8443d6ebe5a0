"""Checks of what a supplier offers with an API: documentation, sandbox, terms, fees, notice; declared and looked up.

The declaration is a small file of the supplier's (`documents.interface` in the target file), see docs/open-api.md.
"""

from decimal import Decimal
from typing import Any

from conformance.analysis.described import description_answer, description_in
from conformance.analysis.money import NoMoney, amount
from conformance.checks.documentation import page_problem
from conformance.checks.exit_plan_reading import quoted, says_something
from conformance.openapi.description import origin
from conformance.plugin import Document, Evidence, Findings, Json, NoData, NotJudgeable, check


@check("interface-declared")
def interface_declared(evidence: Evidence) -> Findings:
    """The supplier declares its API: product, version, and where documentation, terms and fees are published."""
    document, value = _declaration(evidence)
    for name in ("product", "version", "documentationUrl", "termsUrl", "feesUrl"):
        if not says_something(value.get(name)):
            yield document.finding(f"does not say {name}")


@check("interface-fees")
def interface_fees(evidence: Evidence) -> Findings:
    """Each fee has a name, a unit, a price and a currency, and what is not listed costs nothing."""
    document, value = _declaration(evidence)
    fees = value.get("fees")
    if not isinstance(fees, dict) or not isinstance(fees.get("items"), list):
        yield document.finding("lists no fees (fees.items; an empty list says that there are none)")
        return
    if fees.get("othersApply") is not False:
        yield document.finding("does not say that what is not listed costs nothing (fees.othersApply: false)")
    for number, item in enumerate(fees["items"]):
        place = f"fees.items[{number}]"
        if not isinstance(item, dict):
            yield document.finding(f"lists a fee that says nothing ({place})")
            continue
        for name in ("name", "unit"):
            if not says_something(item.get(name)):
                yield document.finding(f"does not say the {name} of a fee ({place})")
        if _price(item.get("price")) is None:
            yield document.finding(f"states no price but {quoted(item.get('price'))} ({place})")
        if not says_something(item.get("currency", fees.get("currency"))):
            yield document.finding(f"states no currency ({place})")


@check("interface-sandbox")
def interface_sandbox(evidence: Evidence) -> Findings:
    """There is a sandbox that costs nothing and that anybody can sign up for."""
    document, value = _declaration(evidence)
    sandbox = value.get("sandbox")
    if not isinstance(sandbox, dict) or not says_something(sandbox.get("url")):
        yield document.finding("names no sandbox (sandbox.url)")
        return
    fee = _price(sandbox.get("fee"))
    if fee is None or fee != 0:
        yield document.finding(
            f"asks {quoted(sandbox.get('fee'))} for the sandbox, which has to be free (sandbox.fee)"
        )
    if sandbox.get("selfService") is not True:
        yield document.finding("does not say that anybody can sign up for the sandbox (sandbox.selfService)")


@check("interface-notice")
def interface_notice(evidence: Evidence, *, days: int) -> Findings:
    """The supplier gives so many days of notice before an operation or a version ends."""
    document, value = _declaration(evidence)
    lifecycle = value.get("lifecycle")
    stated = lifecycle.get("noticeDays") if isinstance(lifecycle, dict) else None
    if isinstance(stated, bool) or not isinstance(stated, int):
        yield document.finding("does not say how many days of notice are given (lifecycle.noticeDays)")
    elif stated < days:
        yield document.finding(f"gives {stated} days of notice, not {days} or more (lifecycle.noticeDays)")


@check("interface-page-public")
def interface_page_public(evidence: Evidence, *, page: str) -> Findings:
    """The page that the declaration names answers anybody with content, and leads to no login."""
    document, value = _declaration(evidence)
    if not says_something(value.get(page)):
        yield document.finding(f"names no {page}")
        return
    hops = [answer for answer in evidence.labelled("page") if answer.about.get("page") == page]
    if not hops:
        raise NotJudgeable(f"the {page} was not asked for")
    if hops[-1].failure and not hops[-1].is_faulty:
        raise NotJudgeable(f"{hops[-1]}: {hops[-1].failure}")
    yield from page_problem(page, hops)


@check("interface-sandbox-answers")
def interface_sandbox_answers(evidence: Evidence) -> Findings:
    """The sandbox answers, and describes the same version of the API, with all the operations of the one tested."""
    _, value = _declaration(evidence)
    asked = evidence.labelled("sandbox")
    if not asked:
        raise NoData("the declaration names no sandbox that could be asked")
    answer = asked[-1]
    if answer.failure and not answer.is_faulty:
        raise NotJudgeable(f"{answer}: {answer.failure}")
    if not answer.ok:
        yield answer.finding(f"(sandbox) answered {answer.status} to who asked for its description")
        return
    own = description_in(description_answer(evidence))
    try:
        other = description_in(answer)
    except NoData as reason:
        yield answer.finding(f"(sandbox) gives no description: {reason}")
        return
    if other.info.get("version") != own.info.get("version"):
        yield answer.finding(
            f"(sandbox) is of version {quoted(other.info.get('version'))}, not {quoted(own.info.get('version'))}"
        )
    lacking = sorted({one.name for one in own.operations} - {one.name for one in other.operations})
    if lacking:
        yield answer.finding(f"(sandbox) lacks {len(lacking)} operations, among them {lacking[0]}")
    production = value.get("productionUrl")
    sandbox = value.get("sandbox")
    stated = sandbox.get("url") if isinstance(sandbox, dict) else None
    if (
        isinstance(production, str)
        and isinstance(stated, str)
        and production.rstrip("/") == stated.rstrip("/")
    ):
        yield answer.finding(f"(sandbox) is production itself ({origin(stated)[1]})")


def _declaration(evidence: Evidence) -> tuple[Document, dict[str, Any]]:
    """The supplier's declaration of the API. Raises NoData where there is none that can be read."""
    document = evidence.document("interface")
    if document is None or document.problem or document.body is None:
        raise NoData(_lacking(document))
    value = document.json_or_none()
    if not isinstance(value, dict):
        raise NoData(
            f"the declaration of the API cannot be read: {document.json_problem() or 'it is no mapping'}"
        )
    return document, value


def _lacking(document: Document | None) -> str:
    why = f" ({document.problem})" if document is not None and document.problem else ""
    return f"no declaration of the API was given{why}: documents.interface in the target file"


def _price(value: Json) -> Decimal | None:
    try:
        return amount(value)
    except NoMoney:
        return None
