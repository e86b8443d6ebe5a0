"""What is held does not grow with the evidence, and hardly with the cases: in a run, and when it is judged anew."""

import datetime as dt
import json
import tracemalloc
from pathlib import Path

import httpx
import pytest
from small_profiles import write_profile
from whole_runs import judged_anew

from conformance.catalog import built_in
from conformance.outside.in_process import in_process
from conformance.outside.kept_bodies import MOST_HELD
from conformance.session.conduct import Order, conduct
from conformance.views.progress import SilentProgress

PROFILE = """\
profile: load
version: 0.1.0
title: Many reads
requirements:
  - id: L-READ
    level: SHALL
    text: A read gives the resource that it asks for.
    source: https://hl7.org/fhir/R4/http.html#read
    tests:
      - probe: {{request: {{path: "/Binary/{{id}}"}}}}
        draw: {{id: unknown-id}}
        examples: {cases}
        expect: [{{status: {{code: 200}}}}, {{resource: {{type: Binary, id: "{{id}}"}}}}]
"""
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-01-01",
    "kind": "instance",
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [{"mode": "server", "resource": [{"type": "Binary", "interaction": [{"code": "read"}]}]}],
}
PER_CASE = 30_000
"""Bytes: what a case, its step and its verdict take, with some room. Measured: about half of it."""


def peak(function) -> int:
    """The most that was allocated at a time while the function ran, in bytes."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def large_run(place: Path, cases: int, size: int) -> tuple[int, int]:
    """The peaks of a run whose answers have so many bytes, each another, and of judging it anew."""

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        found = STATEMENT
        if name != "metadata":
            found = {
                "resourceType": "Binary",
                "id": name,
                "contentType": "text/plain",
                "data": "QUJD" * (size // 4),
            }
        return httpx.Response(200, json=found, headers={"Content-Type": "application/fhir+json"})

    limits = {"concurrency": 2}
    target = in_process(httpx.MockTransport(answer), base="/fhir", data_class="synthetic")
    order = Order(
        profile=str(write_profile(place, PROFILE.format(cases=cases))),
        target=target.target.model_validate(target.target.plain() | {"limits": limits}),
        folder=place,
        out=place / "run",
        as_of=dt.date(2026, 1, 1),
        transport=target.transport,
        views=(),
    )
    ran = peak(lambda: conduct(order, built_in(), SilentProgress()))
    report = json.loads((place / "run" / "report.json").read_bytes())
    assert (report["result"], len(report["requirements"][0]["verdicts"])) == ("PASSED", cases)
    return ran, peak(lambda: judged_anew(place / "run"))


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """What is loaded once and kept was loaded."""
    large_run(tmp_path_factory.mktemp("warm"), 5, 100)


def test_what_is_held_does_not_grow_with_the_evidence(warm, tmp_path):
    cases, small, large = 80, 1000, 200_000
    before = large_run(tmp_path / "small", cases, small)
    after = large_run(tmp_path / "large", cases, large)
    for less, more in zip(before, after, strict=True):
        assert more - less < MOST_HELD + cases * large / 3, "the answers were held"


@pytest.mark.parametrize(("few", "many"), [(20, 70), pytest.param(200, 1000, marks=pytest.mark.nightly)])
def test_a_case_takes_so_much_and_no_more(warm, tmp_path, few, many):
    before = large_run(tmp_path / "few", few, 500)
    after = large_run(tmp_path / "many", many, 500)
    for less, more in zip(before, after, strict=True):
        assert (more - less) / (many - few) < PER_CASE
