"""Searches that are compared, followed and read, at a server that answers."""

import pytest

from conformance.probes.results import (
    compared_searches,
    found_and_read,
    include_search,
    known_ids,
    page_links,
    patient_compartment,
)
from conformance.probes.search import paging


def found(seen, label):
    return [
        entry["resource"]["id"]
        for exchange in seen.labelled(label)
        for entry in exchange.resource("Bundle").get("entry", [])
        if entry["search"]["mode"] == "match"
    ]


def some_ids(opened, kind="Patient", number=3):
    paging(opened.wire, path=f"/{kind}", count=number, max_pages=1, label="some")
    return found(opened.evidence(), "some")[:number]


def test_two_searches_that_agree_are_sent_once_each(reference):
    ids = ",".join(some_ids(reference))
    compared_searches(reference.wire, path="/Patient", params={"_id": ids}, other_count=1)
    seen = reference.evidence()
    assert sorted(found(seen, "one")) == sorted(found(seen, "other")) == sorted(ids.split(","))
    assert [len(seen.labelled(label)) for label in ("one", "other", "again")] == [1, 3, 0]


def test_two_searches_that_differ_are_looked_at_again(reference):
    first, second, _ = some_ids(reference)
    compared_searches(
        reference.wire,
        path="/Patient",
        params={"_id": first},
        other_params={"_id": f"{first},{second}"},
        reread=True,
    )
    seen = reference.evidence()
    assert found(seen, "again") == [first]
    assert [exchange.status for exchange in seen.labelled("read")] == [200]


def test_a_search_by_post_divides_its_parameters(reference):
    ids = ",".join(some_ids(reference))
    compared_searches(
        reference.wire, path="/Patient", params={"_id": ids}, other_count=2, other_way="POST-both"
    )
    first = reference.evidence().labelled("other")[0]
    assert (first.method, first.url.rpartition("/")[2]) == ("POST", "_search?_count=2")
    assert sorted(found(reference.evidence(), "other")) == sorted(ids.split(","))


def test_links_of_pages_are_followed(reference):
    ids = some_ids(reference)
    page_links(reference.wire, path="/Patient", params={"_id": ",".join(ids)}, count=1)
    seen = reference.evidence()
    pages = [exchange.resource("Bundle")["entry"][0]["resource"]["id"] for exchange in seen.labelled("page")]
    assert found(seen, "second-again") == pages[1:2]
    assert found(seen, "first") == found(seen, "previous") == pages[:1]
    assert found(seen, "last") == pages[-1:]


def test_what_belongs_to_a_resource_is_asked_for(reference):
    (identity,) = some_ids(reference, "Encounter", 1)
    include_search(
        reference.wire,
        resource="Encounter",
        ids=identity,
        joins={"_include": "Encounter:subject"},
        known=f"Encounter/{identity}",
    )
    found_and_read(reference.wire, resource="Encounter", id=identity)
    known_ids(reference.wire, resource="Encounter", ids=f"{identity},no-such-id")
    seen = reference.evidence()
    assert found(seen, "plain") == found(seen, "with") == [identity]
    assert len(seen.labelled("with")[0].resource("Bundle")["entry"]) == 2
    assert [seen.labelled(label)[0].status for label in ("found", "full-url", "found-again")] == [200] * 3
    assert [exchange.status for exchange in seen.labelled("read")] == [200, 404]


@pytest.mark.parametrize(("included", "again"), [(["1"], []), ([], ["plain-again", "known"])])
def test_an_include_that_brings_nothing_is_held_against_what_is_there_now(serve, included, again):
    match = {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/1"}}
    found = {"resource": match, "search": {"mode": "match"}}
    others = [
        {"resource": {"resourceType": "Patient", "id": i}, "search": {"mode": "include"}} for i in included
    ]

    def answer(_method, path):
        entries = [found, *others] if "_include" in path else [found]
        bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        return 200, bundle if "?" in path else {"resourceType": "Patient", "id": "1"}

    opened = serve(answer)
    joins = {"_include": "Encounter:subject"}
    include_search(opened.wire, resource="Encounter", ids="e", joins=joins, known="Patient/1")
    sent = [exchange.label for exchange in opened.evidence().exchanges]
    assert sent == ["plain", "with", "known", *again]


def test_a_compartment_is_searched_beside_its_type(reference):
    (identity,) = some_ids(reference, number=1)
    patient_compartment(reference.wire, resource="Encounter", patient=identity, by="patient")
    seen = reference.evidence()
    assert sorted(found(seen, "one")) == sorted(found(seen, "other")) != []


def test_pages_that_bring_nothing_new_are_not_followed_for_ever(serve):
    numbers = iter(range(999))

    def page(_method, _path):
        entry = [{"resource": {"resourceType": "Patient", "id": "1"}}]
        links = [{"relation": "next", "url": f"/Patient?page={next(numbers)}"}]
        return 200, {"resourceType": "Bundle", "link": links, "entry": entry}

    opened = serve(page)
    paging(opened.wire, path="/Patient")
    seen = opened.evidence()
    assert seen.notes["ended-page"] == "standstill"
    assert len(seen.exchanges) == 4
