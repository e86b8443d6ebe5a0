"""What a check says is well said, in whichever test it says it.

A finding goes on from the exchange that shows it, and a reason from "not judged:", so both begin with a small letter,
or with a reference. One that begins otherwise was given no text, or that of something else.
"""

import re
from typing import Any

import pytest

from conformance.errors import NotJudgeable
from conformance.model.evidence import Finding

SAID = re.compile(r"""(?:[A-Z]+ \S+ |[A-Z][A-Za-z]+/)?[a-z0-9"'(_\[].*""", re.DOTALL)


@pytest.fixture(autouse=True)
def well_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a finding, or the reason for having none, begins with anything else."""
    make, give = Finding.__new__, NotJudgeable.__init__

    def found(cls: type[Finding], text: str, shown_by: str = "") -> Finding:
        assert SAID.fullmatch(text), f"a finding reads {text!r}"
        return make(cls, text, shown_by)

    def reasoned(self: NotJudgeable, *said: Any) -> None:
        assert all(isinstance(text, str) and SAID.fullmatch(text) for text in said), f"a reason reads {said}"
        give(self, *said)

    monkeypatch.setattr(Finding, "__new__", found)
    monkeypatch.setattr(NotJudgeable, "__init__", reasoned)
