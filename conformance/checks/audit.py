"""Checks of what is left behind by what was done: in the log of access, and in the history of a record."""

import datetime as dt
from typing import Any

from conformance.analysis.audit import about_export, events, has_actor, is_about, texts_of_entities
from conformance.analysis.instants import http_date, instant
from conformance.checks.export_reading import kick_off_of
from conformance.checks.picking import listed
from conformance.fhir.bundles import entries
from conformance.fhir.capability import interactions, versioning
from conformance.plugin import (
    Evidence,
    Exchange,
    Findings,
    NoData,
    NotApplicable,
    NotJudgeable,
    StepEvidence,
    check,
)

REFUSED = frozenset({401, 403})
APART = dt.timedelta(minutes=5)
"""Clocks of a product and of its log may differ by so much."""
NO_LOG = (
    "the product offers no AuditEvents, and the exit plan names no audit trail (export.auditTrail.baseUrl)"
)
ACTIONS = {"C": "create", "R": "read", "U": "update", "D": "delete"}
"""What AuditEvent.action is for what was done (https://hl7.org/fhir/R4/valueset-audit-event-action.html)."""


@check("audit-trail-tells")
def audit_trail_tells(evidence: Evidence) -> Findings:
    """The audit trail has an event for each thing that was done with a record: what, by whom, and when.

    It is searched where the exit plan says that it is, else at the target itself. A server may tell of a read or a
    change in an event of its own; what was not carried out need not be told.
    """
    step, pages = _log(evidence)
    if step is None:
        yield NO_LOG
        return
    name = str(step.notes.get("patient"))
    told = [event for page in pages for event in events(page) if is_about(event, name)]
    last = pages[-1]
    for action, label in ACTIONS.items():
        done = [one for one in step.labelled(label) if one.ok]
        if not done:
            continue
        found = [event for event in told if event.get("action") == action]
        if not found:
            yield last.finding(f"tells of no {label} of {name}, which was carried out")
            continue
        if not any(has_actor(event) for event in found):
            yield last.finding(f"does not tell who carried out the {label} of {name}")
        if not any(_near(event, done) for event in found):
            yield last.finding(f"does not tell when the {label} of {name} was carried out, or another time")


@check("export-logged")
def export_logged(evidence: Evidence) -> Findings:
    """The tester's own export is in the audit trail, with who began it.

    An event that states the request has to state this one; another is told by its time.
    """
    step, pages = _log(evidence)
    if step is None:
        yield NO_LOG
        return
    request = kick_off_of(step)
    if not request.ok:
        raise NoData(f"the kick-off answered {request.status}, so that no export began")
    told = [
        event for page in pages for event in events(page) if about_export(event) and _near(event, [request])
    ]
    own = [event for event in told if _states(event, request)]
    if not own:
        yield pages[-1].finding("tells of no export at the time of this one, or only of others")
    elif not any(has_actor(event) for event in own):
        yield pages[-1].finding("tells of the export, but not who began it")


@check("history-kept")
def history_kept(evidence: Evidence) -> Findings:
    """Where the product keeps versions, the history of a record that was changed shows each of them as it was."""
    step = next((each for each in evidence.steps if each.notes.get("families")), None)
    answer = next(iter(step.labelled("history")), None) if step is not None else None
    if step is None or answer is None:
        raise NoData("no record was changed")
    statement = evidence.capability_statement or {}
    kept = versioning(statement, "Patient") in {"versioned", "versioned-update"}
    if not kept and "history-instance" not in interactions(statement, "Patient") and not answer.ok:
        raise NotApplicable("the product declares that it keeps no versions")
    if answer.status in REFUSED:
        raise NotJudgeable(f"{answer} answered {answer.status}: the tester's credentials do not permit it")
    if not answer.ok:
        yield answer.finding(f"answered {answer.status}, so that earlier versions cannot be taken along")
        return
    families = (
        [str(family) for family in step.notes["families"]] if isinstance(step.notes["families"], list) else []
    )
    shown = {family for entry in entries(answer.resource("Bundle") or {}) for family in _families(entry)}
    missing = [family for family in families if family not in shown]
    if missing:
        yield answer.finding(
            f"shows {len(families) - len(missing)} of the {len(families)} versions that the record had, without that of"
            f" {listed(missing)}"
        )
    if len(families) < 2:  # noqa: PLR2004 - a version, and an earlier one
        raise NoData("the record could not be changed, so that it had one version only")


def _log(evidence: Evidence) -> tuple[StepEvidence | None, tuple[Exchange, ...]]:
    """The step that asked for the log and the pages of it; no step where the product has none."""
    step = next((each for each in evidence.steps if "log" in each.notes), None)
    if step is None:
        raise NoData("the audit trail was not asked for")
    pages = step.labelled("audit")
    if not step.notes["log"]:
        return None, ()
    if not pages:
        raise NoData("the audit trail was not asked for")
    if pages[-1].status in REFUSED:
        raise NotJudgeable(
            f"{pages[-1]} answered {pages[-1].status}: the tester may not read the audit trail"
        )
    return step, pages


def _near(event: dict[str, Any], done: list[Exchange]) -> bool:
    recorded = instant(event.get("recorded"))
    moments = [http_date(one.header("date") or "") or instant(one.at) for one in done]
    return recorded is not None and any(
        moment is None or abs(recorded - moment) <= APART for moment in moments
    )


def _states(event: dict[str, Any], request: Exchange) -> bool:
    """Whether the event is about this request, as far as it states one."""
    stated = [text for text in texts_of_entities(event) if "_since" in text]
    since = next((value for name, value in request.query if name == "_since"), "")
    moment = since.partition("+")[0]
    return not stated or any(moment in text.replace("%3A", ":") for text in stated)


def _families(entry: dict[str, Any]) -> set[str]:
    resource = entry.get("resource")
    names = resource.get("name") if isinstance(resource, dict) else None
    return {
        str(name.get("family"))
        for name in (names if isinstance(names, list) else [])
        if isinstance(name, dict)
    }
