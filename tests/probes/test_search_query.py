"""Searches that are ready to send: followed as far as is worth while, and asked again in small."""

from conformance.probes.search_query import search_across, search_query, search_set


def page(*ids, following="", total=None):
    links = [{"relation": "next", "url": following}] if following else []
    entries = [{"resource": {"resourceType": "Patient", "id": one}} for one in ids]
    bundle = {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}
    return 200, bundle | ({"total": total} if total is not None else {})


def asked(opened):
    return [(exchange.label, str(exchange).partition(" ")[2]) for exchange in opened.evidence().exchanges]


def test_what_is_not_found_is_read(serve):
    opened = serve(
        lambda _method, path: page("1") if "?" in path else (200, {"resourceType": "Patient", "id": "2"})
    )
    search_query(opened.wire, resource="Patient", query="gender=x", matching=["Patient/1", "Patient/2"])
    assert asked(opened) == [("page", "/Patient?gender=x&_count=100"), ("page-again", "/Patient/2")]


def test_a_search_that_finds_too_much_is_confined(serve):
    opened = serve(
        lambda _method, path: page("1") if "_id=" in path else page("1", following="/Patient?p", total=999)
    )
    search_query(opened.wire, resource="Patient", query="gender=x", matching=["Patient/1"], other="Patient/3")
    assert asked(opened) == [
        ("page", "/Patient?gender=x&_count=100"),
        ("page-confined", "/Patient?gender=x&_id=1,3&_count=100"),
    ]
    assert opened.evidence().notes == {"ended-page": "limit", "ended-page-confined": "complete"}


def test_a_control_goes_first(serve):
    opened = serve(lambda _method, _path: page())
    search_query(opened.wire, resource="Patient", query="a=1", control="b=2")
    assert [label for label, _ in asked(opened)] == ["page-control", "page"]


def test_sets_and_counts(serve):
    opened = serve(lambda _method, _path: page())
    search_set(opened.wire, resource="Patient", queries={"one": "a=1", "two": "a=2"})
    search_set(opened.wire, resource="Patient", queries={"one": "", "two": "a=2"}, count=True)
    labels = [label for label, _ in asked(opened)]
    assert labels == ["one", "two", "one-again"] * 2
    assert asked(opened)[3][1] == "/Patient?_summary=count"


def test_both_steps_of_a_chain(serve):
    opened = serve(lambda _method, _path: page())
    search_across(
        opened.wire, resource="Observation", query="subject:Patient.a=1", other_type="Patient", inner="a=1"
    )
    assert [label for label, _ in asked(opened)] == ["inner", "across"]
