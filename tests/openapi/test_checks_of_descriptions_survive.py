"""The checks of described services survive whatever a service describes and answers: they never crash."""

import datetime as dt
import hashlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_services import described

from conformance.catalog import built_in
from conformance.errors import NotJudgeable
from conformance.model.evidence import Body, Evidence, Exchange, StepEvidence
from conformance.model.target import TargetCard

BASE = "http://api.example"
NAMES = [
    name
    for name in built_in().names("check")
    if name.startswith(("openapi-", "deprecation-", "interface-", "problem-details"))
]
ARGUMENTS = {"operation": "GET /things", "page": "termsUrl", "days": 180}
LABELS = [
    *(
        "shown",
        "valid",
        "invalid",
        "unknown",
        "anonymous",
        "bad-token",
        "options",
        "listed",
        "export",
        "sandbox",
    ),
    *("page", "nowhere", "description", "description-again", "description-anonymous"),
]
WORDS = ["get", "$ref", "schema", "type", "in", "name", "content", "200", "application/json", "/things", "x"]
HEADERS = ["content-type", "deprecation", "sunset", "allow", "location", "link", "api-version"]
VALUES = ["application/json", "application/problem+json", "@1", "@x", "", "</a>; rel=next"]
leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5)
trees = st.recursive(
    leaves | st.sampled_from(["$ref", "#/components/x", "string"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(WORDS), below, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(["safe", "deprecated", "protected", "refusing", "placed"])


@st.composite
def descriptions(draw):
    """The small description with some member of it, at any depth, replaced by something else."""
    whole = json.loads(json.dumps(described()))
    places = [(whole, name) for name in whole]
    waiting = [whole]
    while waiting:
        value = waiting.pop()
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, below in pairs:
            places.append((value, name))
            waiting += [below] if isinstance(below, dict | list) else []
    holder, name = places[draw(st.integers(0, len(places) - 1))]
    holder[name] = draw(trees)
    return whole


def exchange(label, body, **more):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    held = Body(sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="application/json")
    given = {"method": "GET", "url": f"{BASE}/things?limit=1", "status": 200} | more
    return Exchange(id=f"s.{label}", label=label, body=held, **given).connected(lambda _: iter([data]))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_survives(name, data):
    whole = data.draw(descriptions())
    answers = [
        exchange(
            label,
            data.draw(trees | st.binary(max_size=20)),
            status=data.draw(st.sampled_from([200, 201, 204, 302, 400, 401, 404, 500])),
            headers=tuple(
                data.draw(
                    st.dictionaries(
                        st.sampled_from(HEADERS), st.sampled_from(VALUES) | st.text(max_size=9), max_size=4
                    )
                ).items()
            ),
        )
        for label in data.draw(st.lists(st.sampled_from(LABELS), max_size=6))
    ]
    discovery = StepEvidence(step="discovery", exchanges=(exchange("description", whole), *answers))
    seen = Evidence(
        steps=(StepEvidence(step="s", exchanges=tuple(answers), notes={"schemathesis": data.draw(trees)}),),
        discovery=discovery,
        target=TargetCard(endpoint=BASE),
        as_of=dt.date(2026, 11, 26),
    )
    check = built_in().find("check", name)
    arguments = {one: ARGUMENTS[one] for one in check.arguments.model_fields if one in ARGUMENTS}
    try:
        found = list(check(seen, **arguments))
    except NotJudgeable:
        return
    assert all(isinstance(sentence, str) and sentence for sentence in found)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(whole=descriptions(), choice=st.integers(0, 2**31), kind=KINDS)
def test_the_operations_of_any_description_are_listed_alike_each_time(whole, choice, kind):
    discovery = StepEvidence(
        step="discovery", exchanges=(exchange("description", whole), exchange("listed", [{"id": "a"}]))
    )
    seen = Evidence(
        steps=(), discovery=discovery, target=TargetCard(endpoint=BASE), as_of=dt.date(2026, 11, 26)
    )
    enumerate_them = built_in().find("enumerator", "openapi-operation")
    try:
        first = list(enumerate_them(seen, choice, **{kind: True}))
    except NotJudgeable:
        return
    assert first == list(enumerate_them(seen, choice, **{kind: True}))
    assert len({row.key for row in first}) == len(first)
