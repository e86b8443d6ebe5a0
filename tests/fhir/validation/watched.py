"""A validator that asks the quick path as well, which may accept nothing in which there is an error."""

from functools import cached_property
from typing import Any

import pytest
from wellformed import wellformed

from conformance.fhir.validation.accept import Acceptor, engine
from conformance.fhir.validation.issues import Outcome
from conformance.fhir.validation.validator import Validator

__all__ = ["Watched", "acceptors"]


def acceptors(*given: Any) -> list[Acceptor]:
    """An acceptor with each walk that there is."""
    made = []
    for pure in ("1", "0") if engine() == "compiled" else ("1",):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CONFORMANCE_PURE", pure)
            made.append(Acceptor(*given))
    return made


class Watched(Validator):
    """Judges as the validator does, and looks whether every finding is whole and the quick path agrees."""

    @cached_property
    def acceptors(self) -> list[Acceptor]:
        """The quick path over the same definitions, with each walk."""
        return acceptors(self.definitions, self.terminology, self.structures)

    def explain_resource(self, value: Any) -> Outcome:
        """Everything that is wrong with a resource; no walk may accept what has an error."""
        outcome = wellformed(super().explain_resource(value))
        accepted = {acceptor.accepts(value) for acceptor in self.acceptors}
        assert len(accepted) == 1, value
        assert outcome.valid or accepted == {False}, value
        return outcome
