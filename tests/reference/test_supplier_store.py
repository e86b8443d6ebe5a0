"""The store and what it is built on: texts kept as they came, versions, dates, JSON."""

import gzip
import threading
from itertools import islice, pairwise
from pathlib import Path

import orjson
import pytest
from conftest import BASE, export, exported
from hypothesis import given
from hypothesis import strategies as st

from conformance.reference.draw import Draw
from conformance.reference.forms import dates
from conformance.reference.forms.jsontext import dump, parse
from conformance.reference.records.indexing import fold
from conformance.reference.records.loading import lines
from conformance.reference.records.store import Store

SYNTHEA = Path(__file__).parents[3] / "shared" / "data" / "synthea-small"
MOST = 1000
"""So many of a type are loaded: more in all than the store takes in at a time, and not all claims of a life."""
needs_synthea = pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"the data set is not at {SYNTHEA}")


@pytest.fixture
def store():
    opened = Store(base_url=BASE)
    yield opened
    opened.close()


def test_what_is_loaded_keeps_its_text(store):
    line = b'{"resourceType":"Observation","id":"o","status":"final","valueQuantity":{"value":1.50},"x":"\\u00e9"}'
    store.load([line])
    text = store.get("Observation", "o").text
    assert text.startswith(
        b'{"resourceType":"Observation","id":"o","meta":{"versionId":"1","lastUpdated":"202'
    )
    assert text.endswith(line[line.index(b',"status"') :])


@pytest.mark.parametrize(
    "line",
    [
        '{"id":"p","resourceType":"Patient"}',
        '{"resourceType": "Patient", "id": "p"}',
        '{"resourceType":"Patient","id":"p","meta":{"tag":[{"code":"x"}]}}',
        {"resourceType": "Patient", "id": "p"},
    ],
)
def test_what_has_no_last_update_gets_one_that_never_varies(store, line):
    store.load([line])
    with_meta = orjson.loads(store.get("Patient", "p").text)
    other = Store()
    other.load([line])
    assert orjson.loads(other.get("Patient", "p").text) == with_meta
    other.close()
    assert with_meta["meta"]["versionId"] == "1"
    assert "2023" <= with_meta["meta"]["lastUpdated"] < "2025"


def test_what_has_version_and_last_update_is_left_alone(store):
    line = b'{"resourceType":"Patient","id":"p","meta":{"versionId":"4","lastUpdated":"2018-05-25T00:00:00+00:00"}}'
    store.load([line])
    version = store.get("Patient", "p")
    assert (version.text, version.etag) == (line, 'W/"4"')
    assert store.put({"resourceType": "Patient", "id": "p"}).version == 5


@pytest.mark.parametrize("line", ["[]", "{", '{"resourceType":"Patient"}', '{"id":"x"}'])
def test_a_load_that_fails_leaves_nothing(store, line):
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        store.load(['{"resourceType":"Patient","id":"p"}', line])
    assert store.get("Patient", "p") is None
    assert store.load(['{"resourceType":"Patient","id":"p"}']) == 1


def test_versions_outlive_the_process(tmp_path):
    first = Store(tmp_path / "records.sqlite", base_url=BASE)
    first.put({"resourceType": "Patient", "id": "p"})
    first.close()
    second = Store(tmp_path / "records.sqlite", base_url=BASE)
    assert second.get("Patient", "p").version == 1
    assert second.put({"resourceType": "Patient", "id": "p"}).version == 2
    second.close()


def test_changes_from_many_threads_are_all_kept_and_in_order(store):
    def write():
        for _ in range(50):
            store.put({"resourceType": "Patient", "id": "p"})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = store.select("SELECT version, updated FROM versions ORDER BY pk", ())
    assert [version for version, _ in rows] == list(range(1, 201))
    assert all(one < other for (_, one), (_, other) in pairwise(rows))
    assert rows[-1][1] < store.tick()


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1970", 0, 365 * 86_400_000_000),
        ("1970-12", 334 * 86_400_000_000, 365 * 86_400_000_000),
        ("1970-01-02", 86_400_000_000, 2 * 86_400_000_000),
        ("1970-01-01T00:01", 60_000_000, 120_000_000),
        ("1970-01-01T00:00:01Z", 1_000_000, 2_000_000),
        ("1970-01-01T01:00:00.5+01:00", 500_000, 600_000),
        ("1969-12-31T23:00:00.000-01:00", 0, 1_000),
        ("1970-01-01T00:00:00.1234567Z", 123_456, 123_457),
    ],
)
def test_a_date_is_the_interval_of_what_it_may_mean(text, low, high):
    assert dates.interval(text) == (low, high)


@pytest.mark.parametrize(
    "text", ["", "70", "1970-1", "1970-02-30", "1970-01-01T24:00:00Z", "1970-01-01 00:00", "now"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        dates.interval(text)


@given(st.datetimes(timezones=st.just(dates.UTC)))
def test_an_instant_reads_back_to_the_millisecond(moment):
    point = dates.interval(moment.isoformat())[0] // 1000 * 1000
    assert dates.instant(dates.written(point)) == point


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda items: st.lists(items) | st.dictionaries(st.text(), items),
    )
)
def test_json_reads_back_as_it_was_written(value):
    assert parse(dump(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str))
def test_decimals_keep_their_digits(text):
    assert dump(parse(f"[{text}]")) == f"[{text}]".encode()


@given(st.integers(), st.lists(st.text(), min_size=1, unique=True), st.floats(0.01, 0.99))
def test_draws_repeat_and_stay_inside(seed, items, share):
    draw = Draw(seed, "name")
    assert draw.some(items, share) == draw.some(items, share)
    assert 1 <= len(draw.some(items, share)) <= len(items)
    assert 0 <= draw.position(len(items)) < len(items)
    assert not any(draw.hits(0.0, item) for item in items)
    assert all(draw.hits(1.0, item) for item in items)


@needs_synthea
def test_a_hundred_patients_load_search_and_export(start):
    files = sorted(SYNTHEA.glob("*.ndjson.gz"))
    held = {path.name.split(".")[0]: list(islice(lines([path]), MOST)) for path in files}
    client = start([line for found in held.values() for line in found])
    for name, found in held.items():
        assert client.get(f"/{name}?_summary=count").json()["total"] == len(found)
    manifest = export(client, "/$export?_type=Patient,Group,DocumentReference")
    found = exported(client, manifest)
    assert len(found["Patient"]) == 100
    with gzip.open(SYNTHEA / "Patient.ndjson.gz") as file:
        original = {item["id"]: item for item in map(orjson.loads, file)}
    assert {item.pop("id"): {k: v for k, v in item.items() if k != "meta"} for item in found["Patient"]} == {
        key: {k: v for k, v in item.items() if k != "id"} for key, item in original.items()
    }
    members = exported(client, export(client, "/Group/NeighborhoodHealthPlan/$export?_type=Patient"))[
        "Patient"
    ]
    assert len(members) == 7
