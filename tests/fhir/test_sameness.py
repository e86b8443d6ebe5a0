"""What counts as lost, and what a server may do."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.fhir.sameness import losses
from conformance.generators.choosing import Choices
from conformance.generators.resources import made, written


def compared(sent, read):
    texts = (
        json.dumps({"resourceType": "Patient"} | value) if isinstance(value, dict) else value
        for value in (sent, read)
    )
    return [str(loss) for loss in losses(*(text.encode() for text in texts))]


X = {"extension": [{"url": "u", "valueBoolean": True}]}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"gender": "male"}, {"gender": "male", "active": True, "id": "1", "text": {"status": "generated"}}),
        (
            {"meta": {"tag": [{"code": "a"}]}},
            {"meta": {"versionId": "1", "tag": [{"code": "b"}, {"code": "a"}]}},
        ),
        ({"meta": {"versionId": "7", "lastUpdated": "2001"}}, {"meta": {"versionId": "1"}}),
        (
            {"name": [{"family": "A"}, {"family": "B"}]},
            {"name": [{"family": "B"}, {"family": "A", "use": "old"}]},
        ),
        (
            {"link": {"reference": "Patient/1"}},
            {"link": {"reference": "https://x.example/fhir/Patient/1/_history/3"}},
        ),
        ({"d": "2019-11-30T23:59:58+05:30"}, {"d": "2019-11-30T18:29:58.000Z"}),
        ({"birthDate": "2000", "_birthDate": X}, {"birthDate": "2000", "_birthDate": X}),
        ({"given": ["a", None], "_given": [None, X]}, {"given": ["a", None], "_given": [None, X]}),
        (
            {"contained": [{"id": "c", "active": True}], "org": {"reference": "#c"}},
            {"contained": [{"id": "1", "active": True}], "org": {"reference": "#1"}},
        ),
    ],
)
def test_a_server_may_do_this(sent, read):
    assert compared(sent, read) == []


@pytest.mark.parametrize(
    ("sent", "read", "found"),
    [
        ({"gender": "male"}, {}, "lacks what was sent as gender"),
        ({"gender": "male"}, {"gender": "female"}, "gives gender as 'female', though 'male' was sent"),
        ({"active": True}, {"active": 1}, "gives active as 1, though True was sent"),
        (
            {"name": [{"family": "A"}, {"family": "A"}]},
            {"name": [{"family": "A"}]},
            "lacks what was sent as name[1]",
        ),
        ({"given": ["a", "b"]}, {"given": ["b", "a"]}, "gives given[1] as 'a', though 'b' was sent"),
        (
            {"birthDate": "2000", "_birthDate": X},
            {"birthDate": "2000"},
            "lacks what was sent as birthDate.extension",
        ),
        ({"given": ["a", None], "_given": [None, X]}, {"given": ["a"]}, "lacks what was sent as given[1]"),
        ({"d": "2019-11-30T23:59:58+05:30"}, {"d": "2019-11-30T23:59:58Z"}, None),
        ({"d": "2019-11"}, {"d": "2019-11-01"}, None),
        ({"family": "Zoe\u0308"}, {"family": "Zo\u00eb"}, None),
        ({"link": {"reference": "Patient/1"}}, {"link": {"reference": "Patient/2"}}, None),
        ({"contained": [{"id": "c", "active": True}]}, {}, "lacks what was sent as contained"),
        ('{"v":1.50}', '{"v":1.5}', "gives v as 1.5, though 1.50 was sent"),
        ('{"v":100}', '{"v":1E+2}', None),
        ('{"v":1}', "[]", None),
    ],
)
def test_this_is_a_loss(sent, read, found):
    told = compared(sent, read)
    assert len(told) == 1
    assert found is None or told == [found]


@given(st.binary(max_size=600), st.sampled_from(["Patient", "Observation", "CareTeam"]))
def test_what_comes_back_as_it_was_has_lost_nothing(drawn, kind):
    text = written(made(kind, Choices(drawn))).encode()
    assert losses(text, text) == []
    assert losses(text, json.dumps({"id": "1", "resourceType": kind}).encode()) != []
