"""Checks of records that the buyer entered by hand: exported while they are there, and gone once they are erased."""

from typing import Any

from conformance.analysis.entered import NoRecords, content, missing, records
from conformance.analysis.export import output_files
from conformance.analysis.facts import facts_of, resources
from conformance.checks.exit_plan_reading import read_plan
from conformance.checks.export_reading import job
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed
from conformance.fhir.bundles import matches
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

REFUSED = frozenset({401, 403})
GONE = frozenset({404, 410})


@check("may-write-or-lacks-canaries")
def may_write_or_lacks_canaries(evidence: Evidence) -> Findings:
    """A gate for tests that write: closed only where the tester may not, and has records that were entered by hand."""
    if not evidence.target.may_write and evidence.target.canaries_entered:
        yield "the target file gives no permission to write, and names records that were entered by hand instead"


@check("canaries-entered")
def canaries_entered(evidence: Evidence) -> Findings:
    """A gate: the target file names records that the buyer entered by hand (documents.canaries)."""
    if not evidence.target.canaries_entered:
        yield "the target file names no records that were entered by hand (documents.canaries)"


@check("entered-canaries-exported")
def entered_canaries_exported(evidence: Evidence, *, at_least: int = 1) -> Findings:
    """Each record that the buyer entered by hand is in the export, with all that it says.

    It is matched by its content, not by its id: a resource of its type has to hold every element as it was entered, and
    may hold more. With fewer records than `at_least` too little was tried.
    """
    expected = _entered(evidence)
    _, answer = whole_export(evidence)
    kinds = {record["resourceType"] for record in expected}
    held: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for file in output_files(job(evidence)):
        if not kinds.isdisjoint(facts_of(file).counts):
            for resource in resources(file):
                if resource["resourceType"] in kinds:
                    held[resource["resourceType"]].append(resource)
    for number, record in enumerate(expected, start=1):
        kind, wanted = record["resourceType"], content(record)
        best = min((missing(wanted, one) for one in held[kind]), key=len, default=None)
        if best is None:
            yield answer.finding(
                f"led to an export without any {kind}, though one was entered (record {number})"
            )
        elif best:
            yield answer.finding(
                f"led to an export without the {kind} that was entered as record {number}: the likest one has not its"
                f" {listed(best)}"
            )
    if len(expected) < at_least:
        raise NoData(
            f"{len(expected)} records were entered by hand, fewer than the {at_least} that are asked for"
        )


@check("data-erased")
def data_erased(evidence: Evidence) -> Findings:
    """Once the supplier states that the data is erased, the records that the buyer knows of are not given any more.

    That is so where each answers 404 or 410 and no search finds it, or where nobody is let in any more.
    """
    plan = read_plan(evidence)
    completed = plan.date("deletion.completedOn")
    if completed is None or completed > evidence.as_of:
        raise NoData("the supplier does not state that it has erased the data (deletion.completedOn)")
    answers = (*evidence.labelled("erased"), *evidence.labelled("erased-search"))
    if not answers:
        raise NoData("no record is known by its id or identifier that could be asked for")
    for answer in answers:
        if answer.ok and _shows(answer):
            yield answer.finding(f"still gives data, which the supplier states to have erased on {completed}")
    doubtful = [answer for answer in answers if not answer.ok and answer.status not in REFUSED | GONE]
    if doubtful:
        raise NotJudgeable(
            f"{doubtful[0]} answered {doubtful[0].status}, which does not tell whether the data is gone"
        )


def _shows(answer: Exchange) -> bool:
    if answer.label == "erased":
        return True
    bundle = answer.resource("Bundle")
    return bool(bundle is None or matches(bundle) or bundle.get("total"))


def _entered(evidence: Evidence) -> list[dict[str, Any]]:
    document = evidence.document("canaries")
    if document is None or document.problem or document.body is None:
        raise NoData(
            f"no records entered by hand could be read: {document.problem if document else 'there is no file'}"
        )
    try:
        return records(document)
    except NoRecords as reason:
        raise NoData(f"the file of records that were entered by hand cannot be used: {reason}") from None
