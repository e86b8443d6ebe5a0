"""Checks of interactions that name a resource by a search: with no, one and several matches.

See https://hl7.org/fhir/R4/http.html#ccreate, #cond-update and #3.1.0.7.1 (conditional delete).
"""

from conformance.checks.exchanged import (
    ACCEPTED,
    BAD_REQUEST,
    CREATED,
    NOT_FOUND,
    OK,
    PRECONDITION_FAILED,
    accepted,
    resource_of,
    said,
)
from conformance.checks.picking import one, permitted
from conformance.fhir import bundles
from conformance.plugin import Evidence, Exchange, Findings, Json, NotJudgeable, check

TWO = 2


@check("conditional-create")
def conditional_create(evidence: Evidence) -> Findings:
    """A conditional create with no match creates the resource, and with one match creates nothing and answers 200."""
    none, found = permitted(one(evidence, "if-none")), accepted(one(evidence, "after-none"))
    if none.status != CREATED:
        yield none.finding(f"answered {none.status}, not 201, though nothing matches")
        return
    if _count(found) != 1:
        raise NotJudgeable(f"{found} finds {_count(found)}, not the one that was created")
    again, after = permitted(one(evidence, "if-one")), accepted(one(evidence, "after-one"))
    if again.status != OK:
        yield again.finding(f"answered {again.status}, not 200, though one matches")
    if _count(after) > 1:
        yield after.finding(f"finds {_count(after)}, though {again} had to create nothing")


@check("conditional-create-many")
def conditional_create_many(evidence: Evidence) -> Findings:
    """A conditional create with several matches is refused with 412, and creates nothing.

    Where one that nothing matches is refused as well, that shows nothing.
    """
    yield from _refused_for_many(evidence)
    control, after = one(evidence, "control-two"), accepted(one(evidence, "after-two"))
    if _count(after) > _count(control):
        yield after.finding(f"finds {_count(after)}, one more than before the create with several matches")


@check("conditional-update")
def conditional_update(evidence: Evidence) -> Findings:
    """A conditional update with no match creates the resource, and with one match updates that one."""
    none, found = permitted(one(evidence, "if-none")), accepted(one(evidence, "after-none"))
    if none.status != CREATED:
        yield none.finding(f"answered {none.status}, not 201, though nothing matches")
        return
    if _count(found) != 1:
        raise NotJudgeable(f"{found} finds {_count(found)}, not the one that was created")
    again, after = permitted(one(evidence, "if-one")), accepted(one(evidence, "after-one"))
    if again.status != OK:
        yield again.finding(f"answered {again.status}, not 200, though one matches")
        return
    if _count(after) > 1:
        yield after.finding(f"finds {_count(after)}, though {again} had to update the one that there was")
    if not evidence.labelled("read-one"):
        raise NotJudgeable(f"{none} does not say which resource it created")
    read = one(evidence, "read-one")
    if resource_of(read).get("gender") != "other":
        yield read.finding(f"shows gender {said(resource_of(read).get('gender'))}, not what {again} wrote")


@check("conditional-update-other-id")
def conditional_update_other_id(evidence: Evidence) -> Findings:
    """A conditional update whose body has an id, and not that of the one match, is refused with 400."""
    found = accepted(one(evidence, "after-one"))
    if _count(found) != 1:
        raise NotJudgeable(f"{found} finds {_count(found)}, not the one that was created")
    if not evidence.labelled("if-other"):
        raise NotJudgeable(f"{one(evidence, 'if-none')} does not say which resource it created")
    exchange, read = permitted(one(evidence, "if-other")), one(evidence, "read-other")
    if exchange.status != BAD_REQUEST:
        yield exchange.finding(f"answered {exchange.status}, not 400, though the one match has another id")
    if resource_of(read).get("gender") == "male":
        yield read.finding(f"shows what {exchange} wrote with another id")


@check("conditional-update-many")
def conditional_update_many(evidence: Evidence) -> Findings:
    """A conditional update with several matches is refused with 412, and changes none of them.

    Where one that nothing matches is refused as well, that shows nothing.
    """
    yield from _refused_for_many(evidence)
    control, after = one(evidence, "control-two"), accepted(one(evidence, "after-two"))
    if _count(after) > _count(control):
        yield after.finding(f"finds {_count(after)}, one more than before the update with several matches")
    elif "male" in _genders(after):
        yield after.finding("shows the change, though several matched")


@check("conditional-delete")
def conditional_delete(evidence: Evidence) -> Findings:
    """A conditional delete with one match deletes it, and with no match fails by no error of the server."""
    none = permitted(one(evidence, "if-none"))
    if not none.ok and none.status != NOT_FOUND:
        yield none.finding(f"answered {none.status}, though there is nothing to delete")
    control, gone = accepted(one(evidence, "control-one")), permitted(one(evidence, "if-one"))
    if _count(control) != 1:
        raise NotJudgeable(f"{control} finds {_count(control)}, not the one that was created")
    if not gone.ok:
        yield gone.finding(f"answered {gone.status}, though one matches")
        return
    after = accepted(one(evidence, "after-one"))
    if _count(after) and gone.status != ACCEPTED:
        yield after.finding(f"still finds what {gone} answered {gone.status} to delete")


@check("conditional-delete-many")
def conditional_delete_many(evidence: Evidence, *, all: bool) -> Findings:  # noqa: A002 - all of them
    """A conditional delete with several matches deletes all of them (`all`), or is refused and deletes none.

    Where one with one match is refused as well, refusing several shows nothing.
    """
    control, exchange = accepted(one(evidence, "control-two")), permitted(one(evidence, "if-two"))
    if _count(control) != TWO:
        raise NotJudgeable(f"{control} finds {_count(control)}, not the two that were created")
    after = accepted(one(evidence, "after-two"))
    left = _count(after)
    if exchange.ok and left and exchange.status != ACCEPTED:
        yield after.finding(f"still finds {left} of two, though {exchange} answered {exchange.status}")
    elif exchange.ok and not all:
        yield exchange.finding(f"answered {exchange.status}, though conditionalDelete is declared as single")
    elif not exchange.ok and left != TWO:
        yield after.finding(f"finds {left} of two, though {exchange} refused to delete ({exchange.status})")
    elif not exchange.ok and all:
        yield exchange.finding(
            f"answered {exchange.status}, though conditionalDelete is declared as multiple"
        )
    elif not exchange.ok and exchange.status != PRECONDITION_FAILED:
        yield exchange.finding(f"answered {exchange.status}, not 412, though several match")
    elif not exchange.ok:
        accepted(one(evidence, "if-one"))


def _refused_for_many(evidence: Evidence) -> Findings:
    control, exchange = accepted(one(evidence, "control-two")), permitted(one(evidence, "if-two"))
    if _count(control) < TWO:
        raise NotJudgeable(f"{control} finds {_count(control)}, not the two that were created")
    if exchange.status != PRECONDITION_FAILED:
        yield exchange.finding(f"answered {exchange.status}, not 412, though several match")
    else:
        accepted(one(evidence, "if-none"))


def _matches(search: Exchange) -> list[dict[str, Json]]:
    return bundles.matches(search.resource("Bundle") or {})


def _count(search: Exchange) -> int:
    return len(_matches(search))


def _genders(search: Exchange) -> list[Json]:
    return [resource.get("gender") for resource in _matches(search)]
