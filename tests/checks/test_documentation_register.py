"""The public register names what is exported."""

import dataclasses

import pytest
from evidence_builder import exchange
from plan_builder import about, document, plan
from test_completeness import NDJSON, OBSERVATION, PATIENTS, exported

from conformance.catalog import built_in
from conformance.errors import NoData, NotJudgeable

REGISTER = {"structures": [{"type": "Patient"}, {"type": "Observation"}], "formats": [NDJSON]}


def judged(body=REGISTER, files=(PATIENTS, [OBSERVATION]), pages=1, kind="application/json", **others):
    page = exchange(
        url="https://127.0.0.1/docs/register.json",
        body=body,
        label="documentation",
        about={"page": "registerUrl"},
        headers={"content-type": kind},
        **others,
    )
    made = about(document(plan()), exchanges=[page] * pages)
    made = dataclasses.replace(made, steps=(*made.steps, exported(*files, name="step-2")))
    return list(built_in().find("check", "documentation-register")(made))


def test_a_register_that_names_all_is_right():
    assert judged() == []


@pytest.mark.parametrize(
    ("body", "others", "said"),
    [
        (REGISTER | {"structures": [{"type": "Patient"}]}, {}, "does not name Observation"),
        (
            REGISTER | {"structures": [{"type": "Patient"}, {"type": "ObservationX"}]},
            {},
            "does not name Observation",
        ),
        (REGISTER | {"formats": ["text/csv"]}, {}, "does not name the format"),
        (b"", {}, "no register that could be read"),
        (REGISTER, {"status": 404}, "answered 404"),
    ],
)
def test_a_register_that_leaves_something_out_is_not(body, others, said):
    assert said in " ".join(judged(body, **others))


def test_what_nobody_can_read_here_is_neither():
    with pytest.raises(NotJudgeable, match="somebody has to read it"):
        judged(b"%PDF-1.7", kind="application/pdf")
    with pytest.raises(NoData):
        judged(pages=0)
