"""What a rehearsal comes to, by what was counted, exported and lost."""

import pytest

from conformance.model.rehearsal import LossLine, StoreOutcome
from conformance.session.rehearsal.outcome import Facts, judged

WHOLE = StoreOutcome(name="our loader", ours=True, resources=3, kept=3)
LOSS = LossLine(path="Patient.name", kind="lost", aspect="other", count=1, resources=1, first="Patient.name")


def outcome(before=3, after=3, exported=3, errors=(), store=WHOLE):
    facts = Facts({"Patient": before}, {"Patient": after}, {"Patient": exported}, errors, (store,))
    found = judged(facts)
    return found.result, " ".join((*found.errors, *found.unsure))


@pytest.mark.parametrize("numbers", [(3, 3, 3), (3, 5, 3), (3, 5, 4), (5, 3, 4)])
def test_a_number_between_both_countings_passes(numbers):
    assert outcome(*numbers)[0] == "passed"


@pytest.mark.parametrize(
    ("changes", "result", "why"),
    [
        ({"exported": 2}, "failed", "the export holds 2"),
        ({"exported": 4}, "failed", "the export holds 4"),
        ({"errors": ("a line is no JSON",)}, "failed", "no JSON"),
        ({"after": 5, "exported": 2}, "inconclusive", "changed meanwhile"),
        ({"before": None}, "inconclusive", "tells no number"),
        ({"after": None}, "inconclusive", "tells no number"),
        ({"before": 0, "after": 0, "exported": 0}, "inconclusive", "holds no resource"),
        ({"store": WHOLE.model_copy(update={"losses": (LOSS,)})}, "failed", "1 element paths"),
        ({"store": WHOLE.model_copy(update={"refusals": 1})}, "failed", "did not take 1"),
        ({"store": WHOLE.model_copy(update={"unsure": ("it is full",)})}, "inconclusive", "it is full"),
    ],
)
def test_what_is_wrong_fails_and_what_cannot_be_told_is_inconclusive(changes, result, why):
    found, said = outcome(**changes)
    assert found == result
    assert why in said
