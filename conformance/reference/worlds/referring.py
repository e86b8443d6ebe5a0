"""What a directory with bookings and referrals lets in: no slot is given twice, and no referral goes back.

Slots follow the appointments that name them. A referral that was revoked or completed has ended.
"""

from typing import Any

import orjson

from conformance.reference.behaviour.referral import ReferralBehaviour
from conformance.reference.forms.dates import MILLISECOND, now
from conformance.reference.forms.outcomes import RequestError, bad_request
from conformance.reference.records.store import Version
from conformance.reference.supplier import Rules, Supplier

Json = dict[str, Any]

REQUEST_STATUSES = frozenset(
    {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
)
_STANDING = frozenset({"proposed", "pending", "booked", "arrived", "checked-in"})
_GIVEN_BACK = frozenset({"cancelled", "entered-in-error", "noshow"})
_SECOND = 1000 * MILLISECOND


def _before(supplier: Supplier, resource: Json, replaced: Json | None) -> Json:
    if resource["resourceType"] == "Appointment":
        return _appointment(supplier, resource, replaced)
    if resource["resourceType"] == "ServiceRequest":
        return _referral(supplier.behaviour.referral, resource, replaced)
    return resource


def _appointment(supplier: Supplier, resource: Json, replaced: Json | None) -> Json:
    behaviour = supplier.behaviour.referral
    was, status = (replaced or {}).get("status"), resource.get("status")
    if replaced is not None and was in _STANDING and status in _GIVEN_BACK:
        if not behaviour.cancellation_kept:
            return replaced
        return behaviour.cancelled(resource)
    if status not in _STANDING:
        return resource
    if replaced is None and not behaviour.bookings_taken:
        raise _conflict(behaviour, "Bookings are taken by telephone")
    if was in _GIVEN_BACK and behaviour.reinstated_refused:
        raise _conflict(behaviour, "What was cancelled is not brought back: make a new booking")
    new = [
        name for name in slots_of(resource) if was not in _STANDING or name not in slots_of(replaced or {})
    ]
    for name in new:
        _claim(supplier, name, reinstated=was in _GIVEN_BACK)
    return behaviour.booked(resource)


def _claim(supplier: Supplier, name: str, *, reinstated: bool) -> None:
    """Refuse a slot that is not there, or taken."""
    behaviour = supplier.behaviour.referral
    version = supplier.store.get("Slot", name)
    if version is None or version.deleted:
        if behaviour.unknown_slot_refused:
            raise RequestError(422, "not-found", f"There is no Slot/{name}")
        return
    if not behaviour.taken_refused or reinstated:
        return
    if _is_taken(supplier, name, version):
        raise _conflict(behaviour, f"Slot/{name} is not free any more")
    if not behaviour.freed_can_be_booked and version.version > 1:
        raise _conflict(behaviour, f"Slot/{name} was booked before")


def _is_taken(supplier: Supplier, name: str, version: Version) -> bool:
    """Whether the slot is not free, or an appointment that stands has it, whatever the slot says."""
    lag = supplier.behaviour.referral.slots_lag
    if lag and now() - version.updated < lag * _SECOND:
        return False
    if orjson.loads(version.text).get("status") != "free":
        return True
    key = supplier.store.parameter_key("Appointment", "slot")
    rows = supplier.store.select(
        "SELECT c.pk FROM current c JOIN reference_index r ON r.pk = c.pk WHERE r.p = ? AND r.id = ? AND c.deleted = 0",
        (key, name),
    )
    held = [orjson.loads(one.text) for one in supplier.store.fetch([pk for (pk,) in rows])]
    return any(one.get("status") in _STANDING for one in held)


def _conflict(behaviour: ReferralBehaviour, diagnostics: str) -> RequestError:
    return RequestError(behaviour.refusal_status, "conflict", diagnostics)


def _referral(behaviour: ReferralBehaviour, resource: Json, replaced: Json | None) -> Json:
    status, was = resource.get("status"), (replaced or {}).get("status")
    if status not in REQUEST_STATUSES and not behaviour.any_status:
        raise bad_request(f"The status {status!r} is none that a referral can have", "value")
    final = {"revoked": behaviour.revoked_is_final, "completed": behaviour.completed_is_final}
    if status not in {was, "entered-in-error"} and final.get(str(was)):
        raise RequestError(422, "business-rule", f"A referral that was {was} has ended")
    if replaced is not None and status == "revoked" and not behaviour.revocation_kept:
        return replaced
    return behaviour.referral(resource)


def _after(supplier: Supplier, resource: Json, replaced: Json | None) -> None:
    if resource["resourceType"] != "Appointment":
        return
    behaviour = supplier.behaviour.referral
    was, status = (replaced or {}).get("status"), resource.get("status")
    if status in _STANDING and was not in _STANDING and behaviour.takes_slot:
        _mark(supplier, slots_of(resource), "busy")
    if was in _STANDING and status in _GIVEN_BACK:
        if behaviour.frees_slot:
            _mark(supplier, slots_of(replaced or {}), "free")
        if behaviour.cancelled_removed:
            supplier.store.delete("Appointment", resource["id"])


def _mark(supplier: Supplier, slots: list[str], status: str) -> None:
    for name in slots:
        version = supplier.store.get("Slot", name)
        if version is not None and not version.deleted:
            supplier.store.put({**orjson.loads(version.text), "status": status})


def slots_of(appointment: Json) -> list[str]:
    """The ids of the slots that an appointment names."""
    listed = appointment.get("slot")
    references = (
        [one.get("reference") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    )
    return [str(one).rpartition("Slot/")[2] for one in references]


REFERRING = Rules(_before, _after)
