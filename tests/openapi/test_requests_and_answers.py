"""What fits a description and what does not: requests by their own look, values by its schemas."""

import json

import pytest

from conformance.openapi.description import described_by
from conformance.openapi.places import above, addresses, identity, items
from conformance.openapi.requests import Sent, departures
from conformance.openapi.schemas import Undecidable, problems, refuses_nothing

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}}
STATE = {"name": "state", "in": "query", "required": True, "schema": {"enum": ["a", "b"]}}
TAGS = {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "string"}, "maxItems": 2}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
VERSION = {"name": "X-Version", "in": "header", "required": True, "schema": {"type": "string"}}
NEW = {
    "type": "object",
    "required": ["name", "id"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string"},
        "word": {"type": "string", "writeOnly": True},
    },
}
DONE = {"200": {"description": "Done"}}


def description(openapi="3.1.0", **schemas):
    paths = {
        "/things": {
            "get": {"parameters": [LIMIT, STATE, TAGS], "responses": DONE},
            "post": {
                "parameters": [VERSION],
                "requestBody": {"required": True, "content": {"application/json": {"schema": NEW}}},
                "responses": DONE,
            },
        },
        "/things/{id}": {"parameters": [ID], "get": {"responses": DONE}},
    }
    whole = {
        "openapi": openapi,
        "info": {"title": "T", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    return described_by(json.dumps(whole).encode())


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ([("state", "a")], []),
        ([("state", "a"), ("limit", "9")], []),
        ([("state", "a"), ("tag", "x"), ("tag", "y")], []),
        ([("state", "a"), ("tag", "7")], []),
        ([("state", "a"), ("unknown", "x")], []),
        ([], ["the required parameter state is missing"]),
        ([("state", "c")], ["is not one of"]),
        ([("state", "a"), ("limit", "10")], ["greater than the maximum"]),
        ([("state", "a"), ("limit", "x")], ["is not of type 'integer'"]),
        ([("state", "a"), ("limit", "1.5")], ["is not of type 'integer'"]),
        ([("state", "a"), ("limit", "")], ["is not of type 'integer'"]),
        ([("state", "a"), ("tag", "x"), ("tag", "y"), ("tag", "z")], ["too long"]),
        ([("state", "redacted-0123456789ab")], []),
    ],
)
def test_a_query_is_right_if_it_can_be_read_as_described(query, said):
    found = departures(description().operation("GET /things"), Sent("/things", tuple(query)))
    assert len(found) == len(said)
    assert all(part in wrong.said and wrong.place == "query" for part, wrong in zip(said, found, strict=True))


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"body": b'{"name": "x"}'}, ""),
        ({"body": b""}, "body"),
        ({"body": b"{"}, "body"),
        ({"body": b'{"name": 1}'}, "body"),
        ({"body": b"{}"}, "body"),
        ({"body": b'{"name": "x"}', "media_type": "text/plain"}, "body"),
        ({"body": b'{"name": "x"}', "headers": frozenset()}, "header"),
    ],
)
def test_a_body_is_right_if_it_fits_what_is_taken(sent, place):
    whole = {"media_type": "application/json", "headers": frozenset({"x-version"})} | sent
    found = departures(description().operation("POST /things"), Sent("/things", **whole))
    assert {wrong.place for wrong in found} == ({place} if place else set())


def test_a_path_is_held_against_its_parameters():
    one = description().operation("GET /things/{id}")
    assert [wrong.place for wrong in departures(one, Sent("/things/7"))] == ["path"]
    assert departures(one, Sent("/things/3b241101-e2bb-4255-8caf-4136c566a962")) == []
    with pytest.raises(Undecidable, match="no address of"):
        departures(one, Sent("/others/7"))


def test_what_only_answers_or_only_requests_hold_is_not_asked_of_the_other():
    whole = description()
    assert problems(whole, NEW, {"name": "x"}, "request") == []
    assert problems(whole, NEW, {"name": "x"}, "response") == ["'id' is a required property (at $)"]
    only_sent = {**NEW, "required": ["name", "word"]}
    assert problems(whole, only_sent, {"name": "x"}, "response") == []
    assert problems(whole, only_sent, {"name": "x"}, "request") == ["'word' is a required property (at $)"]


@pytest.mark.parametrize(
    ("openapi", "schema", "value", "fits"),
    [
        ("3.0.3", {"type": "string", "nullable": True}, None, True),
        ("3.0.3", {"type": "string", "enum": ["a"], "nullable": True}, None, True),
        ("3.1.0", {"type": "string", "nullable": True}, None, False),
        ("3.1.0", {"type": ["string", "null"]}, None, True),
        ("3.0.3", {"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 1, False),
        ("3.1.0", {"type": "integer", "exclusiveMinimum": 1}, 1, False),
        ("3.1.0", {"type": "integer", "format": "int32"}, 2**31, False),
        ("3.1.0", {"type": "string", "format": "date-time"}, "2026-02-30T00:00:00Z", False),
        ("3.1.0", {"type": "string", "format": "date-time"}, "2026-02-28T00:00:00Z", True),
        ("3.1.0", {"type": "string", "format": "date"}, "28/02/2026", False),
        ("3.1.0", {"type": "string", "format": "uri"}, "no uri", False),
        ("3.1.0", {"type": "string", "format": "somebody's own"}, "anything", True),
        ("3.1.0", {"type": "object", "patternProperties": {"^x": {"type": "integer"}}}, {"xa": "1"}, False),
    ],
)
def test_values_are_held_against_the_dialect_of_the_description(openapi, schema, value, fits):
    assert (problems(description(openapi), schema, value, "response") == []) is fits


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        ({"$ref": "#/components/schemas/Round"}, 1, "circular"),
        ({"$ref": "#/components/schemas/Lost"}, 1, "not in the document"),
        ({"$ref": "https://elsewhere.example/a.json"}, 1, "not in the document"),
        ({"type": 7}, 1, "is none"),
        ({"pattern": "("}, "x", "is none"),
        ({"pattern": "(?:x+x+)+y"}, "x" * 5_000, "takes too long"),
    ],
)
def test_what_no_schema_can_decide_is_said_to_be_undecided(schema, value, why):
    whole = description(Round={"$ref": "#/components/schemas/Round"})
    with pytest.raises(Undecidable, match=why):
        problems(whole, schema, value, "response")


def test_a_schema_that_refers_to_itself_is_held_against_a_value_of_any_depth():
    tree = {
        "type": "object",
        "required": ["id"],
        "properties": {"below": {"$ref": "#/components/schemas/Tree"}},
    }
    whole = description(Tree=tree)
    assert problems(whole, tree, {"id": 1, "below": {"id": 2, "below": {}}}, "response") == [
        "'id' is a required property (at $.below.below)"
    ]
    assert not refuses_nothing(whole, tree)


@pytest.mark.parametrize(
    ("path", "seen", "found"),
    [
        ("/things", {}, ["/things"]),
        ("/things/{id}", {}, []),
        ("/things/{id}", {"/things": [[{"id": 7}, {"name": "x"}]]}, ["/things/7"]),
        ("/things/{thingId}", {"/things": [{"items": [{"thingId": "a/b"}]}]}, ["/things/a%2Fb"]),
        ("/things/{id}/parts", {"/things": [{"data": [{"id": "a"}]}]}, ["/things/a/parts"]),
        (
            "/things/{id}/parts/{part}",
            {"/things": [[{"id": "a"}]], "/things/a/parts": [{"parts": [{"id": "p"}]}]},
            ["/things/a/parts/p"],
        ),
        ("/{id}", {"/": [[{"id": "a"}]]}, ["/a"]),
    ],
)
def test_addresses_are_learned_from_the_lists_above_them(path, seen, found):
    assert addresses(path, seen) == found


@pytest.mark.parametrize(
    "answer", [None, 7, "x", [], {}, [1, 2], {"items": "x"}, {"items": None}, [{"id": True}, {"id": None}]]
)
def test_answers_that_list_nothing_lead_nowhere(answer):
    assert [identity(item) for item in items(answer) if identity(item)] == []
    assert addresses("/things/{id}", {"/things": [answer]}) == []


def test_the_list_above_a_path_is_that_of_its_last_parameter():
    assert above("/a/{x}/b/{y}/c") == ("/a/{x}/b", "y")
    assert above("/a") == ("", "")
