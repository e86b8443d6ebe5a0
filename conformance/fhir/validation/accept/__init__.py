"""The quick path: says "certainly no error", or says nothing; sound, and deliberately incomplete.

`Acceptor.accepts` is True only where `explain` would find no error; False means that `explain` has to look.
"""

from conformance.fhir.validation.accept.acceptor import Acceptor
from conformance.fhir.validation.accept.engine import engine

__all__ = ["Acceptor", "engine"]
