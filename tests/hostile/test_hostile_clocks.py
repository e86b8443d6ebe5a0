"""Servers whose clocks are years off."""

import pytest
from hostile_runs import PROFILE
from raw_server import Asked, Peer, RawServer, answer, patient, resource

from conformance.outside import line

TIMED = (
    PROFILE
    + """\
  - id: H-TIME
    level: SHALL
    text: What is read was not changed in the future.
    source: https://example.org/#time
    tests:
      - probe: {request: {path: /Patient/p1, label: read}}
        expect: [{last-updated: {label: read}}]
"""
)
NEVER, LONG_AGO = "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"
CLOCKS = {"clock-far-ahead": NEVER, "clock-far-behind": LONG_AGO}


BUSY_UNTIL = {
    "retry-in-eight-thousand-years": NEVER,
    "retry-in-a-million-years": "999999999999999999",
    "retry-long-ago": LONG_AGO,
    "retry-at-no-time": "-5",
}


@pytest.mark.parametrize("name", BUSY_UNTIL)
def test_a_server_that_is_busy_until_then_is_not_waited_for(name, serve, told, as_the_page_says, monkeypatch):
    monkeypatch.setattr(line, "LONGEST_WAIT", 0.2)

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        return (
            answer(503, b"{}", Retry_After=BUSY_UNTIL[name])
            if asked.path == "/Patient/p1"
            else server.world(peer, asked)
        )

    server: RawServer = serve()
    server.behave = behave
    as_the_page_says(name, told(server.base, limits={"retries": 1}))
    assert len([one for one in server.asked if one.path == "/Patient/p1"]) == 2


@pytest.mark.parametrize("name", CLOCKS)
def test_a_server_whose_clock_is_years_off_cannot_vouch_for_its_times(name, serve, told, as_the_page_says):
    date = CLOCKS[name]
    year = date.split()[3]

    def behave(peer: Peer, asked: Asked) -> bytes | None:
        if asked.path == "/Patient/p1":
            return resource(
                patient("p1", meta={"lastUpdated": f"{year}-01-01T00:00:00Z"}), Date=date, Expires=date
            )
        return server.world(peer, asked)

    server: RawServer = serve()
    server.behave = behave
    seen = told(server.base, TIMED)
    as_the_page_says(name, seen)
    assert f'"at":"{year}' not in (seen.folder / "evidence.jsonl").read_text()
