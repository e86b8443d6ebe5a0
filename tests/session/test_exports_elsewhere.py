"""An export in another server: what is kept, what is lost, what is refused, and that nothing is left behind.

The other server is the reference supplier once more, which shows the way there and back; that servers which somebody
else made keep an export is tried with these themselves (`pytest -m interop`).
"""

import json

import httpx
import pytest
import yaml
from whole_runs import command

from conformance.reference.process import Options, start

FEW = 2
OTHER_PEOPLE = 77


@pytest.fixture(scope="module")
def supplier():
    with start(Options(patients=FEW, http=True, auth="none")) as running:
        yield running


def loaded_into(supplier, place, *destinations, requirement="EXIT-FID-01"):
    """The result of a requirement, with the export loaded into these servers."""
    described = yaml.safe_load(supplier.target_file.read_text("utf-8"))
    described |= {
        "phase": "contract",
        "destinations": [
            {"name": f"other-{number}", "endpoint": url, "testServer": True, "permissions": {"write": True}}
            for number, url in enumerate(destinations)
        ],
    }
    target = supplier.target_file.with_name(f"with-{place.name}.yaml")
    target.write_text(yaml.safe_dump(described), "utf-8")
    command(
        "run",
        "exit-core",
        "--target",
        target,
        "--out",
        place,
        "--only",
        requirement,
        "--quiet",
        "--views",
        "none",
    )
    report = json.loads((place / "report.json").read_bytes())
    record = json.loads((place / "run.json").read_bytes())
    return next(r for r in report["requirements"] if r["id"] == requirement), record


def other(**options):
    return start(Options(patients=1, seed=OTHER_PEOPLE, http=True, auth="none", **options))


def totals(url):
    kinds = ("Patient", "Encounter", "Observation", "DocumentReference")
    return [httpx.get(f"{url}/{kind}?_summary=count", trust_env=False).json()["total"] for kind in kinds]


def said(result):
    return " ".join(text for verdict in result["verdicts"] for text in verdict.get("findings", ()))


def test_a_server_that_keeps_everything_shows_it_and_is_left_as_it_was(supplier, tmp_path):
    with other() as there:
        before = totals(there.url)
        result, record = loaded_into(supplier, tmp_path / "run", there.url)
        assert (result["outcome"], result.get("because", "")) == ("pass", "")
        assert totals(there.url) == before
    assert not record.get("leftBehind")


def test_a_server_that_alters_what_it_is_given_is_told_by_element(supplier, tmp_path):
    with other(fault="vital-signs-without-unit") as there:
        result, _ = loaded_into(supplier, tmp_path / "run", there.url)
    assert result["outcome"] == "fail"
    assert "Observation.valueQuantity.unit" in said(result)


def test_an_import_that_half_fails_is_told_in_the_servers_words_and_leaves_nothing(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    good = {"resourceType": "Patient", "id": "good", "gender": "female"}
    bad = {"resourceType": "Patient", "id": "bad", "gender": "female", "active": "yes"}
    (data / "Patient.ndjson").write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n")
    with start(Options(data=data, http=True, auth="none")) as supplier, other() as there:
        before = totals(there.url)
        result, record = loaded_into(supplier, tmp_path / "run", there.url)
        assert totals(there.url) == before
    assert (result["outcome"], result.get("because", "")) == ("fail", "")
    assert "answered 4" in said(result)
    assert "Patient/bad" in said(result)
    assert not record.get("leftBehind")


def test_a_server_that_takes_no_updates_shows_nothing_of_the_export(supplier, tmp_path):
    with other(fault="update-create-refused") as there:
        before = totals(there.url)
        result, _ = loaded_into(supplier, tmp_path / "run", there.url)
        assert totals(there.url) == before
    assert result["outcome"] == "inconclusive"
    assert "did not take" in result["because"] or "took nothing" in result["because"]


def test_two_servers_are_asked_for_where_one_is_not_enough(supplier, tmp_path):
    with other() as one:
        alone, _ = loaded_into(supplier, tmp_path / "one", one.url, requirement="EXIT-FID-06")
        with start(Options(patients=1, seed=OTHER_PEOPLE + 1, http=True, auth="none")) as another:
            both, _ = loaded_into(supplier, tmp_path / "two", one.url, another.url, requirement="EXIT-FID-06")
    assert alone["outcome"] == "untested"
    assert "2 are asked for" in alone["because"]
    assert both["outcome"] == "pass"


def test_a_server_that_holds_the_same_ids_is_not_written_to(supplier, tmp_path):
    with start(Options(patients=FEW, http=True, auth="none")) as there:
        before = totals(there.url)
        result, _ = loaded_into(supplier, tmp_path / "run", there.url)
        assert totals(there.url) == before
    assert result["outcome"] == "inconclusive"
    assert "already holds" in result["because"]
