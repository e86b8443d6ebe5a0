"""Servers that know the test when they see it, and behave for it alone."""

import json

import pytest
from hostile_runs import PROFILE
from raw_server import Asked, Peer, RawServer, page, patient, resource

ALL_THREE = (
    PROFILE
    + """\
  - id: H-WRITE
    level: SHALL
    text: What is created can be read.
    source: https://example.org/#create
    tests:
      - probe: {create: {family: "{family}", birth_date: "1970-01-01"}}
        draw: {family: family-name}
        examples: 1
        expect: [{created: {}}, {keeps-content: {}}]
  - id: H-SAME
    level: SHALL
    text: What is read is what a search finds.
    source: https://example.org/#same
    tests:
      - probe: {found-and-read: {resource: Patient, id: "{p.id}"}}
        slots: {p: Patient.id}
        expect: [{found-is-read: {}}]
"""
)


def test_a_server_that_knows_our_name_is_asked_under_another(serve, told, as_the_page_says):
    """It cannot be seen in one run; a second one under another name shows it, and both say how they asked."""

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        known = asked.headers["user-agent"].startswith("conformance-harness/")
        if asked.path == "/Patient/p1" and not known:
            return resource(patient("of-another"))
        return server.world(peer, asked)

    server: RawServer = serve()
    server.behave = behave
    first = told(server.base, as_="first")
    assert first.code == 0, "one run under our own name cannot see it"
    assert '"User-Agent":"conformance-harness/' in (first.folder / "evidence.jsonl").read_text()
    second = told(server.base, views="html", userAgent="Mozilla/5.0 (ward 7)")
    as_the_page_says("known-by-its-name", second)
    report = json.loads((second.folder / "report.json").read_bytes())
    assert report["target"]["userAgent"] == "Mozilla/5.0 (ward 7)"
    assert "Mozilla/5.0 (ward 7)" in (second.folder / "views" / "report.html").read_text()
    assert {one.headers["user-agent"] for one in server.asked[len(server.asked) // 2 :]} == {
        "Mozilla/5.0 (ward 7)"
    }


@pytest.mark.parametrize("name", ["a\r\nX-Injected: yes", "x" * 201, " "], ids=["name-for-no-header"] * 3)
def test_a_name_that_no_header_can_hold_is_refused(name, serve, told, as_the_page_says):
    server: RawServer = serve()
    seen = told(server.base, userAgent=name)
    as_the_page_says("name-for-no-header", seen)
    assert server.asked == []


def test_a_server_that_keeps_marked_records_well_and_others_badly_is_seen_by_the_others(
    serve, told, as_the_page_says
):
    """What we create says that it is test data, as it must: records that were there before carry no such mark."""

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        kind, _, identity = asked.path.strip("/").partition("/")
        if kind == "Patient" and asked.query("_id"):
            identity = asked.query("_id")
            found = [server.world.patients[identity]] if identity in server.world.patients else []
            return resource(page(server.base, found, total=len(found)))
        held = server.world.patients.get(identity)
        if asked.method == "GET" and held and "HTEST" not in json.dumps(held):
            return resource({name: value for name, value in held.items() if name != "birthDate"})
        return server.world(peer, asked)

    server: RawServer = serve()
    server.world.patients = {one: patient(one, birthDate="1950-02-03") for one in ("p1", "p2", "p3")}
    server.behave = behave
    as_the_page_says("marked-records-kept-better", told(server.base, ALL_THREE, permissions={"write": True}))
