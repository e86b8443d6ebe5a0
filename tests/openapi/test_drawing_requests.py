"""What is drawn from a description is the same each time, and is what it is said to be."""

import uuid

import pytest

from conformance.openapi import drawing
from conformance.openapi.description import Description
from conformance.openapi.drawing import NotInstalled, draw, drawn_by
from conformance.openapi.examples import shown
from conformance.openapi.opinions import opinion
from conformance.openapi.requests import departures
from conformance.openapi.schemas import Undecidable
from conformance.reference.open_api.description import description, in_3_0

TERN = description("https://tern.example")
BOTH = [pytest.param(Description(TERN), id="3.1"), pytest.param(Description(in_3_0(TERN)), id="3.0")]


@pytest.mark.parametrize("whole", BOTH)
def test_the_same_number_draws_the_same_requests_each_right_or_wrong_as_it_is_said(whole):
    one = whole.operation("POST /messages")
    drawn = draw(one, "/messages", 7, 2, 30)
    assert drawn == draw(one, "/messages", 7, 2, 30)
    assert drawn == draw(Description(whole.value).operation("POST /messages"), "/messages", 7, 2, 30)
    assert [each.kind for each in drawn].count("valid") == 2
    for each in drawn:
        assert bool(departures(one, each.sent)) is (each.kind == "invalid")


@pytest.mark.parametrize("whole", BOTH)
def test_what_was_drawn_for_one_path_does_not_show_in_what_is_drawn_for_another(whole):
    name, first, second = (
        "GET /messages/{messageId}",
        f"/messages/{uuid.UUID(int=1)}",
        f"/messages/{uuid.UUID(int=2)}",
    )
    one = whole.operation(name)
    assert [each.url for each in draw(one, first, 7, 3, 30) if each.kind == "valid"] == [first]
    drawn = draw(one, second, 7, 3, 30)
    assert [each.url for each in drawn if each.kind == "valid"] == [second]
    assert drawn == draw(Description(whole.value).operation(name), second, 7, 3, 30)


@pytest.mark.parametrize("whole", BOTH)
def test_another_number_draws_other_requests(whole):
    one = whole.operation("POST /messages")
    assert draw(one, "/messages", 7, 2, 30) != draw(one, "/messages", 8, 2, 30)


@pytest.mark.parametrize("whole", BOTH)
def test_a_second_opinion_on_a_case_is_the_same_however_often_it_is_asked_for(whole):
    one = whole.operation("POST /messages")
    answer = 202, {"content-type": "text/plain"}, b"{}"
    asked = [[opinion(made, *answer) for made in draw(one, "/messages", 7, 2, 5)] for _ in range(3)]
    assert asked[0] == asked[1] == asked[2]
    assert any(asked[0])


@pytest.mark.parametrize("whole", BOTH)
def test_each_rule_of_a_description_is_broken_alone_at_least_once(whole):
    wrong = draw(whole.operation("POST /messages"), "/messages", 7, 0, 40)
    alone = {
        (found[0].rule.split()[0], found[0].rule.split()[1])
        for each in wrong
        if len(found := departures(whole.operation("POST /messages"), each.sent)) == 1 and found[0].rule
    }
    assert {
        ("$.recipient.nhsNumber", "pattern"), ("$.recipient.nhsNumber", "type"), ("$.channel", "enum"),
        ("$.templateId", "format"), ("$.reference", "maxLength"), ("$", "required"), ("$.recipient", "required"),
    } <= alone  # fmt: skip


def test_what_the_description_shows_is_a_right_request():
    one = Description(TERN).operation("POST /messages")
    made = shown(one, "/messages")
    assert made is not None
    assert departures(one, made.sent) == []


def test_nothing_of_another_document_is_fetched_to_draw(monkeypatch):
    import socket

    def refused(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    elsewhere = {"$ref": "https://elsewhere.example/a.json#/Thing"}
    whole = Description(
        {
            **TERN,
            "paths": {
                "/things": {
                    "post": {
                        "parameters": [elsewhere],
                        "requestBody": {"content": {"application/json": {"schema": elsewhere}}},
                        "responses": {"200": elsewhere},
                    }
                }
            },
        }
    )
    assert [
        each for each in draw(whole.operation("POST /things"), "/things", 1, 3, 3) if each.kind == "valid"
    ] == []


def test_a_description_that_defeats_whoever_draws_is_undecidable_and_no_crash():
    paths = {
        "/a": {"get": {"parameters": [{"name": "q", "in": "query", "schema": {"type": 7}}], "responses": {}}}
    }
    whole = Description({**TERN, "paths": paths})
    try:
        assert draw(whole.operation("GET /a"), "/a", 1, 3, 3) == []
    except Undecidable as reason:
        assert "no request could be drawn" in str(reason)  # noqa: PT017 - either is right


def test_without_the_library_nothing_is_drawn(monkeypatch):
    import sys

    drawing.drawn_by.cache_clear()
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    with pytest.raises(NotInstalled):
        draw(Description(TERN).operation("GET /messages"), "/messages", 1, 1, 1)
    monkeypatch.undo()
    assert drawn_by().startswith("schemathesis 4.")
