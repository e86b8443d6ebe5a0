"""What a profile changes of others stands in the report, with by whom, why and by whose leave."""

import io

import pytest
from report_samples import RECORD, of_every_kind
from rich.console import Console

from conformance.model.composition import Change
from conformance.views import terminal
from conformance.views.html import html
from conformance.views.signature import UNSIGNED

LOWERED = Change(
    kind="lowered",
    name="FHIR-READ-03",
    of="base@0.4.0",
    by="mine@1.0.0",
    was="SHALL",
    now="SHOULD",
    reason="<b>old</b> wards\x1b[31m",
    derogation="NHSE-7",
)
LEFT_OUT = Change(kind="left out", name="requirements", of="base@0.4.0", by="mine@1.0.0", was=1200, now=3)


def on_page(report):
    return html(report, RECORD, UNSIGNED)


def on_terminal(report):
    out = io.StringIO()
    Console(file=out, width=400, color_system=None).print(terminal.heading(report, RECORD, UNSIGNED))
    return out.getvalue()


@pytest.mark.parametrize("shown", [on_page, on_terminal])
def test_a_report_tells_what_its_profile_changed(shown):
    told = shown(of_every_kind().model_copy(update={"changes": (LOWERED, LEFT_OUT)}))
    assert "FHIR-READ-03 of base@0.4.0: lowered from SHALL to SHOULD by mine@1.0.0" in told
    assert "derogation NHSE-7" in told
    assert "mine@1.0.0 takes over 3 of its 1,200 requirements" in told
    assert "\x1b" not in told


def test_the_reason_of_a_change_is_escaped_on_the_page():
    assert "<b>old" not in on_page(of_every_kind().model_copy(update={"changes": (LOWERED,)}))


def test_where_nothing_was_changed_nothing_is_said_of_it():
    assert "changes of others" not in on_page(of_every_kind())
