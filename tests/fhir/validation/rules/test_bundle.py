import pytest

from conformance.fhir.validation.rules.bundle_index import index_of

UUID = "urn:uuid:d12004a7-5ed5-41ab-a8f2-0de5f0c98847"
OTHER = "urn:uuid:aaaaaaaa-5ed5-41ab-a8f2-0de5f0c98847"


def patient(identity: str = "") -> dict:
    return {"resourceType": "Patient", "active": True} | ({"id": identity} if identity else {})


def bundle(kind: str, *entries: dict, **fields) -> dict:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **fields}


@pytest.mark.parametrize(
    ("kind", "entry", "expected"),
    [
        ("collection", {"fullUrl": UUID, "resource": patient()}, []),
        ("collection", {"fullUrl": UUID, "resource": patient("1")}, []),
        ("collection", {"fullUrl": "http://s.test/Patient/1", "resource": patient("1")}, []),
        ("collection", {"fullUrl": "http://s.test/any-address", "resource": patient("1")}, []),
        (
            "collection",
            {"fullUrl": "http://s.test/Patient/2", "resource": patient("1")},
            ["bundle-full-url-id"],
        ),
        (
            "collection",
            {"fullUrl": "http://s.test/Group/1", "resource": patient("1")},
            ["bundle-full-url-id"],
        ),
        (
            "collection",
            {"fullUrl": "http://s.test/Patient/1", "resource": patient()},
            ["bundle-full-url-no-id"],
        ),
        ("collection", {"fullUrl": "Patient/1", "resource": patient("1")}, ["bundle-full-url-relative"]),
        ("collection", {"resource": patient("1")}, ["bundle-full-url-missing"]),
        ("searchset", {"resource": patient("1")}, ["bundle-full-url-missing"]),
        ("searchset", {"resource": patient()}, []),
        ("transaction", {"resource": patient(), "request": {"method": "POST", "url": "Patient"}}, []),
        (
            "transaction",
            {
                "fullUrl": "http://s.test/Patient/1",
                "resource": patient(),
                "request": {"method": "POST", "url": "Patient"},
            },
            [],
        ),
    ],
)
def test_full_url(told, kind, entry, expected):
    assert [message for message, _ in told("bundle-full-url", bundle(kind, entry))] == expected


def test_full_url_at_its_entry(told):
    found = told(
        "bundle-", bundle("collection", {"fullUrl": UUID, "resource": patient()}, {"resource": patient()})
    )
    assert found == [("bundle-full-url-missing", "Bundle.entry[1]")]


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        (["self", "next"], []),
        (["alternate", "alternate"], []),
        (["self", "next", "self"], [("bundle-link-repeated", "Bundle.link[2]")]),
    ],
)
def test_links(told, relations, expected):
    links = [{"relation": relation, "url": "http://s.test/"} for relation in relations]
    assert told("bundle-link", bundle("searchset", link=links)) == expected


@pytest.mark.parametrize(
    ("method", "resource", "count"),
    [("PUT", False, 1), ("POST", False, 1), ("PUT", True, 0), ("GET", False, 0)],
)
def test_what_is_sent_is_there(told, method, resource, count):
    entry = {"request": {"method": method, "url": "Patient/1"}}
    if resource:
        entry |= {"resource": patient("1"), "fullUrl": "http://s.test/Patient/1"}
    assert len(told("bundle-entry-resource", bundle("transaction", entry))) == count


@pytest.mark.parametrize(("target", "count"), [("Organization", 1), ("Practitioner", 0)])
def test_a_relative_reference_by_uuid_names_the_right_type(told, target, count):
    source = patient() | {
        "generalPractitioner": [{"reference": f"Practitioner/{UUID.removeprefix('urn:uuid:')}"}]
    }
    found = told(
        "bundle-reference-type",
        bundle(
            "collection",
            {"fullUrl": OTHER, "resource": source},
            {"fullUrl": UUID, "resource": {"resourceType": target, "active": True}},
        ),
    )
    assert found == [("bundle-reference-type", "Bundle.entry[0].resource.generalPractitioner[0]")] * count


@pytest.mark.parametrize(
    ("reference", "source", "found"),
    [
        ("http://s.test/Patient/1", 2, 0),
        ("Patient/1", 0, 0),
        ("Patient/1", 2, None),
        ("Patient/1/_history/1", 0, 0),
        ("Patient/1/_history/7", 0, None),
        (UUID, 0, 2),
        ("http://s.test/Patient/9", 0, None),
        ("#a", 0, None),
        ("Patient?name=x", 0, None),
    ],
)
def test_resolution_follows_full_urls(reference, source, found):
    index = index_of(
        bundle(
            "collection",
            {"fullUrl": "http://s.test/Patient/1", "resource": patient("1") | {"meta": {"versionId": "1"}}},
            {"fullUrl": "http://other.test/Patient/1", "resource": patient("1")},
            {"fullUrl": UUID, "resource": patient()},
        )
    )
    assert index.find(reference, source) == found
