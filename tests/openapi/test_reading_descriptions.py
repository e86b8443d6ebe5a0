"""Whatever is served as a description is read in bounded time, or it is said what is wrong with it."""

import json
import time

import pytest

from conformance.openapi.description import Unresolved, described_by
from conformance.openapi.form import flaws, loose, outward
from conformance.openapi.reading import DEEPEST, LARGEST_JSON, LARGEST_YAML, Unreadable

INFO = {"title": "T", "version": "1.0.0"}
DONE = {"200": {"description": "Done"}}


def described(paths=None, openapi="3.1.0", **more):
    whole = {"openapi": openapi, "info": INFO, "paths": paths or {}, **more}
    return described_by(json.dumps(whole).encode())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no mapping"),
        (b"[1]", "no mapping"),
        (b'{"openapi": "3.1.0",}', r"no JSON: .*line 1"),
        (b'{"openapi": "3.1.0", "openapi": "3.0.0"}', "stands twice"),
        (b"openapi: [3.1.0\ninfo: {", r"no YAML: .*line"),
        (b"openapi: '3.1.0'\ninfo: &a {title: T}\nx: *a\n", r"YAML aliases \(line 3\)"),
        (b"openapi: '3.1.0'\nx: !!python/object:os.system {}\n", "no YAML"),
        (b"? [a, b]\n: 1\n", "no YAML|no text"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"swagger": "2.0", "info": {}, "paths": {}}', "Swagger 2.0.*convert it"),
        (b'{"openapi": "2.0"}', "OpenAPI '2.0'; 3.0 and 3.1"),
        (b'{"openapi": 3}', "no `openapi` version"),
        (b"x: " + b"[" * (DEEPEST + 5), "nested deeper"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply|no JSON"),
        (b" " * (LARGEST_JSON + 1) + b"{}", "larger than 16,000,000"),
        (b"a: " + b"b" * LARGEST_YAML, "larger than 4,000,000"),
    ],
)
def test_what_is_no_description_is_told(text, said):
    with pytest.raises(Unreadable, match=said):
        described_by(text)


def test_yaml_reads_as_json_does_with_statuses_and_dates_as_text():
    text = b"""
openapi: 3.0.3
info: {title: T, version: 1.0.0, x-date: 2026-11-26}
paths:
  /a:
    get:
      responses: {200: {description: Done}}
"""
    description = described_by(text)
    assert description.operation("GET /a").statuses == ["200"]
    assert description.info["x-date"] == "2026-11-26"


def test_references_are_followed_and_those_that_lead_nowhere_are_told():
    description = described(
        {"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/Lost"}}}}},
        components={"responses": {"Round": {"$ref": "#/components/responses/Round"}}},
    )
    assert list(flaws(description)) == ["it refers to '#/components/responses/Lost', which is not there"]
    with pytest.raises(Unresolved, match="circle"):
        description.resolved({"$ref": "#/components/responses/Round"})


def test_other_documents_are_named_and_never_followed():
    description = described(
        {"/a": {"get": {"responses": {"200": {"$ref": "https://elsewhere.example/a.json#/x"}}}}}
    )
    assert outward(description) == ["https://elsewhere.example/a.json#/x"]
    with pytest.raises(Unresolved, match="another document: that is not fetched"):
        description.operation("GET /a").response(200)


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"responses": {}}, "no response is described"),
        ({"responses": {"ok": {}}}, "'ok' is no status"),
        ({"responses": DONE, "security": [{"key": []}]}, "the security scheme 'key' is not described"),
        ({"responses": DONE, "parameters": [{"name": "a", "in": "body", "schema": {}}]}, "stands in 'body'"),
        ({"responses": DONE, "parameters": [{"name": "a", "in": "query"}]}, "has no schema"),
        (
            {"responses": DONE, "parameters": [{"name": "b", "in": "path", "schema": {}}]},
            "'b' is not in the path",
        ),
    ],
)
def test_a_broken_operation_is_told_with_its_name(operation, said):
    assert any(
        text.startswith("GET /a: ") and said in text for text in flaws(described({"/a": {"get": operation}}))
    )


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {},
        True,
        {"type": "object"},
        {"additionalProperties": True},
        {"$ref": "#/components/schemas/Any"},
        {"anyOf": [{}]},
    ],
)
def test_a_schema_that_refuses_nothing_is_loose(schema):
    content = {"application/json": {} if schema is None else {"schema": schema}}
    paths = {"/a": {"get": {"responses": {"200": {"description": "", "content": content}}}}}
    assert list(loose(described(paths, components={"schemas": {"Any": {}}})))


def test_a_schema_that_refuses_something_is_not_loose():
    content = {
        "application/json": {
            "schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
        }
    }
    paths = {"/a": {"get": {"responses": {"200": {"description": "", "content": content}}}}}
    assert not list(loose(described(paths)))


def test_five_thousand_operations_are_read_and_looked_through_in_seconds():
    schema = {"$ref": "#/components/schemas/Node"}
    content = {"application/json": {"schema": schema}}
    one = {"get": {"responses": {"200": {"description": "Done", "content": content}}}}
    node = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "next": schema}}
    began = time.process_time()
    description = described({f"/a{n}/b": one for n in range(5_000)}, components={"schemas": {"Node": node}})
    assert len(description.operations) == 5_000
    assert not list(flaws(description))
    assert not list(loose(description))
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("servers", "endpoint", "base"),
    [
        ([{"url": "/v1"}], "https://api.example", "https://api.example/v1"),
        ([{"url": "https://api.example/v1"}], "https://api.example/v1", "https://api.example/v1"),
        ([{"url": "https://other.example/v1"}], "https://api.example", "https://api.example"),
        (
            [{"url": "https://{host}/v1", "variables": {"host": {"default": "api.example"}}}],
            "https://api.example",
            "https://api.example/v1",
        ),
        ("nonsense", "https://api.example/v1", "https://api.example/v1"),
    ],
)
def test_paths_begin_at_the_server_below_the_endpoint_and_nowhere_else(servers, endpoint, base):
    assert described(servers=servers).base("https://api.example/openapi.json", endpoint) == base
