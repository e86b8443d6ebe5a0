"""`rehearse`: the exit drill. Export everything, verify it, load it elsewhere, compare, price, and say what it took."""

from conformance.session.rehearsal.drill import rehearse
from conformance.session.rehearsal.order import Rehearsing
from conformance.session.rehearsal.verifying import verify_rehearsal

__all__ = ["Rehearsing", "rehearse", "verify_rehearsal"]
