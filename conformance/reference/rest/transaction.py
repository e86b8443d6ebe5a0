"""POST [base]: batches, whose entries stand alone, and transactions, which are kept as a whole or not at all.

See https://hl7.org/fhir/R4/http.html#transaction.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.access.tokens import Grant
from conformance.reference.forms.negotiation import read_resource, require_json
from conformance.reference.forms.outcomes import RequestError, bad_request, fhir_response, operation_outcome
from conformance.reference.rest.conditional import matching
from conformance.reference.rest.entries import CHANGES, ORDER, Entry, asked, carry_out, condition_of
from conformance.reference.rest.linking import (
    has_conditional,
    identities_of,
    linked,
    refuse_conditional,
    resolved,
)
from conformance.reference.supplier import Supplier


async def bundle(supplier: Supplier, request: Request) -> Response:
    """Answer POST [base]."""
    grant = supplier.authorise(request)
    require_json(request)
    body = await read_resource(request)
    kind, entries = body.get("type"), body.get("entry", [])
    if body.get("resourceType") != "Bundle" or kind not in {"batch", "transaction"}:
        raise bad_request("Expected a Bundle of type batch or transaction")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise bad_request("Bundle.entry is not a list of objects", "structure")
    if kind == "batch":
        answers = _one_by_one(supplier, grant, entries)
    elif supplier.behaviour.rest.transaction_is_atomic:
        with supplier.store.transaction():
            answers = _together(supplier, grant, entries)
    else:
        answers = _together(supplier, grant, entries)
    answers = supplier.behaviour.life.together.answers(kind, answers)
    answer: dict[str, Any] = {"resourceType": "Bundle", "type": f"{kind}-response"}
    if answers:
        answer["entry"] = answers
    return fhir_response(answer)


def _one_by_one(supplier: Supplier, grant: Grant, entries: list[Entry]) -> list[Entry]:
    answers: list[Entry] = []
    stopped = False
    for entry in entries:
        if stopped:
            answers.append(_failed(RequestError(424, "processing", "An entry before this one failed")))
            continue
        try:
            refuse_conditional(entry.get("resource"))
            answers.append(carry_out(supplier, grant, entry, None))
        except RequestError as error:
            answers.append(_failed(error))
            stopped = not supplier.behaviour.life.together.batch_goes_on
    return answers


def _failed(error: RequestError) -> Entry:
    outcome = operation_outcome(error.code, error.diagnostics)
    return {"response": {"status": str(error.status), "outcome": outcome}}


@dataclass
class _Plan:
    """What the entries of a transaction will become: where each stands, and how others may refer to it."""

    new_ids: dict[int, str] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)


def _together(supplier: Supplier, grant: Grant, entries: list[Entry]) -> list[Entry]:
    behaviour = supplier.behaviour.life.together
    plan = _Plan()
    for index, entry in enumerate(entries):
        _enter(supplier, plan, index, entry)
    answers: dict[int, Entry] = {}
    for index in _order(supplier, entries):
        entry = entries[index]
        try:
            if "resource" in entry and behaviour.references_linked:
                entry = {**entry, "resource": linked(entry["resource"], plan.identities)}
            if "resource" in entry and behaviour.conditional_references_resolved:
                entry = {**entry, "resource": resolved(supplier, entry["resource"])}
            answers[index] = carry_out(supplier, grant, entry, plan.new_ids.get(index))
        except RequestError as error:
            told = f"Entry {index}: {error.diagnostics}"
            raise RequestError(error.status, error.code, told) from error
    return [answers[index] for index in range(len(entries))]


def _enter(supplier: Supplier, plan: _Plan, index: int, entry: Entry) -> None:
    """Enter in the plan where an entry's resource is going to stand; refuses (400) one that already is in it."""
    method, url = asked(supplier, entry)
    path, _, query = url.partition("?")
    search = condition_of(entry) if method == "POST" else query if method in CHANGES else ""
    found = matching(supplier, path, search) if search and path in supplier.types else []
    if len(found) == 1:
        path = f"{path}/{found[0].id}"
    elif method == "POST":
        plan.new_ids[index] = str(uuid.uuid4())
        path = f"{path}/{plan.new_ids[index]}"
    changes = method in CHANGES and "/" in path and not (method == "POST" and found)
    if changes and path in plan.touched and supplier.behaviour.life.together.duplicates_refused:
        raise bad_request(f"The transaction changes {path} more than once")
    if changes:
        plan.touched.add(path)
    if method in {"POST", "PUT"} and "/" in path and isinstance(entry.get("fullUrl"), str):
        plan.identities |= identities_of(entry["fullUrl"], path)


def _order(supplier: Supplier, entries: list[Entry]) -> list[int]:
    """The order of carrying out: by method, and what refers by a search after what the search may find."""

    def place(index: int) -> tuple[int, bool]:
        method = asked(supplier, entries[index])[0]
        late = method != "DELETE" and has_conditional(entries[index].get("resource"))
        return max(ORDER[method], 2 * late), late

    indexes = list(range(len(entries)))
    return sorted(indexes, key=place) if supplier.behaviour.life.together.own_order else indexes
