"""Status, media type and headers."""

import pytest
from saw import evidence, exchange, patient

from conformance.checks.http import content_type, etag, header, status
from conformance.errors import NoData, NotJudgeable


@pytest.mark.parametrize(
    ("answered", "code", "findings"),
    [
        (404, 404, []),
        (404, "4xx", []),
        (410, [404, 410], []),
        (404, ["5xx", "404"], []),
        (200, 404, ["GET /r4/Patient/1 answered 200, not 404"]),
        (500, "4xx", ["GET /r4/Patient/1 answered 500, not 4xx"]),
        (301, [200, 404], ["GET /r4/Patient/1 answered 301, not 200 or 404"]),
    ],
)
def test_status(answered, code, findings):
    assert list(status(evidence(exchange(status=answered)), code=code)) == findings


def test_status_looks_at_every_exchange_of_the_label_and_at_no_other():
    seen = evidence(exchange(status=500), exchange(status=200, label="a"), exchange(status=201, label="a"))
    assert len(list(status(seen, code=200, label="a"))) == 1
    with pytest.raises(NoData):
        list(status(seen, code=200, label="b"))


@pytest.mark.parametrize(
    ("stated", "fine"),
    [
        ("application/fhir+json", True),
        ("application/fhir+json; charset=utf-8; fhirVersion=4.0", True),
        ("Application/FHIR+JSON", True),
        ("application/json", False),
        ("", False),
    ],
)
def test_content_type(stated, fine):
    seen = evidence(exchange(body=patient(1), media_type=stated))
    assert (not list(content_type(seen, media="application/fhir+json"))) is fine


def test_content_type_says_nothing_of_errors_and_refusals():
    with pytest.raises(NoData):
        list(content_type(evidence(exchange(status=500, body=b"x")), media="a/b"))
    with pytest.raises(NotJudgeable):
        list(content_type(evidence(exchange(status=403, body=b"x")), media="a/b"))


def test_header():
    seen = evidence(exchange(last_modified="Sun, 01 Mar 2026 12:00:00 GMT"))
    assert list(header(seen, name="Last-Modified", pattern=".* GMT")) == []
    assert list(header(seen, name="last-modified", pattern="[0-9]+"))
    assert list(header(seen, name="ETag"))


@pytest.mark.parametrize(("tag", "findings"), [('W/"3"', 0), ('"3"', 0), ('W/"2"', 1), ("", 1)])
def test_etag_is_the_version(tag, findings):
    seen = evidence(exchange(body=patient(1, meta={"versionId": "3"}), etag=tag))
    assert len(list(etag(seen))) == findings


def test_etag_needs_a_version():
    with pytest.raises(NoData):
        list(etag(evidence(exchange(body=patient(1, meta="odd"), etag='W/"1"'))))
