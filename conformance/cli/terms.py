"""What `run` and `verify` are told about time and procurement."""

import datetime as dt

from pydantic import ValidationError

from conformance.errors import UsageError
from conformance.model.dsse import first_problem
from conformance.model.predicate import instant
from conformance.model.report import Binding
from conformance.session.order import Terms


def terms(nonce: str, procurement_ref: str, valid_until: str, valid_days: int) -> Terms:
    """What the report is bound to, and until when it counts. Raises UsageError."""
    if valid_until and valid_days:
        raise UsageError("--valid-until and --valid-days both say when a report ends: give one of them")
    for option, text in (("--nonce", nonce), ("--procurement-ref", procurement_ref)):
        if not text.isprintable():
            raise UsageError(f"{option} holds control characters")
    try:
        binding = Binding(nonce=nonce, procurement_ref=procurement_ref)
    except ValidationError as error:
        raise UsageError(f"what the report is to be bound to: {first_problem(error)}") from None
    end = moment("--valid-until", valid_until, last=True) if valid_until else None
    if end is not None and end < dt.datetime.now(dt.UTC):
        raise UsageError(f"--valid-until {valid_until} has gone by: such a report would never count")
    return Terms(binding, end.isoformat().replace("+00:00", "Z") if end else "", valid_days)


def moment(option: str, text: str, *, last: bool) -> dt.datetime:
    """The moment that a day (its first or its last second, in UTC) or an RFC 3339 text names. Raises UsageError."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        try:
            return instant(text)
        except ValueError:
            raise UsageError(
                f"{option} is to be a day, as in 2026-11-22, or a moment, as in 2026-11-22T17:00:00Z, not {text!r}"
            ) from None
    return dt.datetime.combine(day, dt.time(23, 59, 59) if last else dt.time(), dt.UTC)
