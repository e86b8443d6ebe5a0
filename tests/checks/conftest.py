"""What a check says is well said, in whichever test it says it.

A finding goes on from the exchange or document that shows it, and a reason from "not judged:". So both begin with a
small letter, or with a reference; one that begins otherwise was given no text, or that of something else.
"""

import re
from typing import Any

import pytest

from conformance.errors import NotJudgeable
from conformance.model.evidence import Document, Exchange, Finding

GOES_ON = re.compile(r"""[a-z0-9"'(_\[].*""", re.DOTALL)
REASON = re.compile(r"""(?:[A-Z]+ \S+ |[A-Z][A-Za-z]+/)?[a-z0-9"'(_\[].*""", re.DOTALL)


@pytest.fixture(autouse=True)
def well_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a finding, or the reason for having none, begins with anything else."""
    give = NotJudgeable.__init__

    def found(self: Exchange | Document, text: str) -> Finding:
        assert GOES_ON.fullmatch(text), f"a finding goes on {text!r}"
        return Finding(f"{self} {text}", self.id)

    def reasoned(self: NotJudgeable, *said: Any) -> None:
        assert all(isinstance(text, str) and REASON.fullmatch(text) for text in said), (
            f"a reason reads {said}"
        )
        give(self, *said)

    monkeypatch.setattr(Exchange, "finding", found)
    monkeypatch.setattr(Document, "finding", found)
    monkeypatch.setattr(NotJudgeable, "__init__", reasoned)
