"""Searches are encoded, escaped, and followed to their end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import Untestable
from conformance.fhir.capability import COMBINATION
from conformance.probes.declared import declared_searches
from conformance.probes.request import request, with_query
from conformance.probes.search import escaped, paging, search, search_both_ways


def page(following=""):
    links = [{"relation": "next", "url": following}] if following else []
    return 200, {"resourceType": "Bundle", "type": "searchset", "link": links}


def test_pages_are_followed_by_relative_and_absolute_links(serve):
    base = []
    answers = {
        "/Patient?_count=2": lambda: page("Patient?p=2"),
        "/Patient?p=2": lambda: page(f"{base[0]}/Patient?p=3"),
        "/Patient?p=3": page,
    }
    opened = serve(lambda _method, path: answers[path]())
    base.append(opened.wire.base)
    paging(opened.wire, path="/Patient", count=2)
    seen = opened.evidence()
    assert [exchange.status for exchange in seen.labelled("page")] == [200, 200, 200]
    assert seen.notes["ended-page"] == "complete"


@pytest.mark.parametrize(
    ("answer", "most", "ended", "sent"),
    [
        (lambda _: page("/Patient?again"), 9, "loop", 2),
        (lambda n: page(f"/Patient?{n}"), 3, "limit", 3),
        (lambda _: (500, {}), 3, "failed", 1),
        (lambda _: (200, {"resourceType": "Patient"}), 3, "failed", 1),
    ],
)
def test_why_pages_are_not_all(serve, answer, most, ended, sent):
    numbers = iter(range(99))
    opened = serve(lambda _method, _path: answer(next(numbers)))
    paging(opened.wire, path="/Patient", max_pages=most)
    seen = opened.evidence()
    assert seen.notes["ended-page"] == ended
    assert len(seen.exchanges) == sent


def test_searches_of_the_reference_supplier(reference):
    search(
        reference.wire, resource="Patient", by="family", value="smith", kind="string", swapped=True, label="s"
    )
    search_both_ways(reference.wire, resource="Patient", by="gender", value="female")
    request(reference.wire, path="/Patient", params={"_count": "1"}, label="one")
    seen = reference.evidence()
    assert dict(seen.labelled("s")[0].query)["family"] == "SMITH"
    for label in ("s", "get", "post"):
        assert seen.notes[f"ended-{label}"] == "complete"
    assert seen.labelled("post")[0].method == "POST"
    found = [len(seen.labelled(label)[0].resource("Bundle")["entry"]) for label in ("get", "post")]
    assert found[0] == found[1] > 0


def test_declared_searches_are_dealt_out_once(reference):
    declared_searches(reference.wire, part=1, of=40)
    declared_searches(reference.wire, part=2, of=40)
    tried = [tuple(sorted(e.about.items())) for e in reference.evidence().labelled("declared")]
    assert len(tried) == len(set(tried)) > 2


def test_what_goes_together_only_is_searched_by_together(serve):
    parts = [{"url": "required", "valueString": name} for name in ("birthdate", "family")]
    names = {"birthdate": "date", "family": "string", "gender": "token"}
    patient = {
        "type": "Patient",
        "interaction": [{"code": "search-type"}],
        "searchParam": [{"name": name, "type": kind} for name, kind in names.items()],
        "extension": [{"url": COMBINATION, "extension": parts}],
    }
    statement = {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": [patient]}]}
    opened = serve(lambda _method, path: (200, statement) if path == "/metadata" else page())
    declared_searches(opened.wire)
    tried = [exchange.about["parameter"] for exchange in opened.evidence().labelled("declared")]
    assert tried == ["birthdate+family"]


def test_declared_searches_need_a_declaration(serve):
    with pytest.raises(Untestable):
        declared_searches(serve(lambda _method, _path: (404, {})).wire)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("urn:x|a,b", "token", "urn:x|a\\,b"),
        ("a|b|c", "token", "a|b\\|c"),
        ("Smith, J$", "string", "Smith\\, J\\$"),
        (" x\\y ", "string", "x\\\\y"),
        ("Patient/1", "reference", "Patient/1"),
    ],
)
def test_escaped(value, kind, text):
    assert escaped(value, kind) == text


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_a_query_is_plain_ascii(params):
    query = with_query("/Patient", params)
    assert query.isascii()
    assert " " not in query
    assert query.count("#") == 0
