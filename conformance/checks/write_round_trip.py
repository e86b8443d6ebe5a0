"""Checks that what was written is what is read: every element, every digit.

See https://hl7.org/fhir/R4/http.html#create and https://hl7.org/fhir/R4/updates.html.
"""

from typing import Literal

from conformance.checks.exchanged import CREATED, OK, noted, resource_of
from conformance.checks.picking import one, permitted
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.fhir.sameness import Loss, losses
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check


@check("round-trip")
def round_trip(evidence: Evidence, *, by: Literal["create", "update"] = "create") -> Findings:
    """A valid resource that was written is read back with all that was sent, unaltered. The server may add to it.

    A server may refuse it by its own rules (4xx), which shows nothing; an error of its own (5xx) is none of these.
    """
    write = permitted(one(evidence, by))
    if not write.ok and write.status not in CLIENT_ERRORS:
        yield write.finding(f"answered {write.status} to a valid resource")
        return
    read, lost = _compared(evidence, write)
    for loss in lost:
        if not loss.is_number:
            yield read.finding(str(loss))


@check("keeps-decimals")
def keeps_decimals(evidence: Evidence, *, by: Literal["create", "update"] = "create") -> Findings:
    """Each number is read back with the digits that were sent, those behind the point that are zero too."""
    write = permitted(one(evidence, by))
    if "." not in str(noted(evidence, "sent")):
        raise NoData("the resource that was sent has no decimal")
    read, lost = _compared(evidence, write)
    for loss in lost:
        if loss.is_number:
            yield read.finding(str(loss))


def _compared(evidence: Evidence, write: Exchange) -> tuple[Exchange, list[Loss]]:
    """The read after a create or update, and what it lacks. Raises NotJudgeable where there is no such read."""
    if write.status in CLIENT_ERRORS:
        raise NotJudgeable(f"{write} answered {write.status}: the target refused a valid resource")
    if write.status not in {OK, CREATED} or not evidence.labelled("read-back"):
        raise NotJudgeable(f"{write} answered {write.status} and does not say which resource it wrote")
    read = one(evidence, "read-back")
    resource_of(read)
    return read, losses(str(noted(evidence, "sent")).encode(), read.content())
