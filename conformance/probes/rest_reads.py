"""Reads in all their forms, of what the target holds: nothing is changed."""

from typing import Literal

from conformance.fhir.bundles import entries
from conformance.fhir.strings import swap_case
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.following import follow
from conformance.probes.write import version_tag

LONG_AGO = "Mon, 01 Jan 1990 00:00:00 GMT"
MOST_HELD = 10
"""So many pages of the history of what the target holds are followed: its end is of no more interest."""

OTHER_TAG = 'W/"htest-no-such-version"'


@probe("reads")
def reads(wire: Wire, *, resource: str, id: str) -> None:  # noqa: A002 - FHIR's word
    """Read a resource plainly, by HEAD, with conditions, and with parameters that must do no harm.

    Labels: `read`, `head`, `same-tag` (If-None-Match with its version), `other-tag`, `not-since` (If-Modified-Since its
    Last-Modified, or else now), `long-ago`, `pretty`, `summary`, `elements`, `again` (plainly once more).
    """
    path = f"/{resource}/{id}"
    plain = wire.send("GET", path, label="read")
    wire.send("HEAD", path, label="head")
    etag, modified = version_tag(plain), plain.header("last-modified") or plain.header("date")
    if etag:
        wire.send("GET", path, label="same-tag", headers={"If-None-Match": etag})
    wire.send("GET", path, label="other-tag", headers={"If-None-Match": OTHER_TAG})
    if modified:
        wire.send("GET", path, label="not-since", headers={"If-Modified-Since": modified})
    wire.send("GET", path, label="long-ago", headers={"If-Modified-Since": LONG_AGO})
    for label, query in (
        ("pretty", "_pretty=true"),
        ("summary", "_summary=true"),
        ("elements", "_elements=id"),
    ):
        wire.send("GET", f"{path}?{query}", label=label)
    wire.send("GET", path, label="again")


@probe("type-interactions")
def type_interactions(wire: Wire, *, resource: str, id: str, interactions: list[str]) -> None:  # noqa: A002 - FHIR's word
    """Try these interactions, which only read, with one resource of a type.

    The labels are the interactions: `read`, `vread`, `history-instance`, `history-type`, `search-type`. Which version
    there is to read is told by the resource, by its ETag, or by its history.
    """
    path = f"/{resource}/{id}"
    urls = {
        "read": path,
        "history-instance": f"{path}/_history?_count=2",
        "history-type": f"/{resource}/_history?_count=2",
        "search-type": f"/{resource}?_id={id}",
    }
    wanted = {"read"} if "vread" in interactions else set()
    sent = {
        name: wire.send("GET", url, label=name, shared=name == "read")
        for name, url in urls.items()
        if name in {*interactions, *wanted}
    }
    if "vread" in interactions:
        version = _version_of(sent["read"]) or _version_in(sent.get("history-instance"))
        if version:
            wire.send("GET", f"{path}/_history/{version}", label="vread")


@probe("held-version")
def held_version(
    wire: Wire,
    *,
    resource: str,
    id: str,  # noqa: A002 - FHIR's word
    by: Literal["vread", "history-instance"],
) -> None:
    """Read a resource that the target holds (`version`), then the same by its version (`vread`) or history (`history`).

    The history is followed to its end.
    """
    path = f"/{resource}/{id}"
    answer = wire.send("GET", path, label="version", about={"number": "1"})
    version = _version_of(answer)
    if by == "history-instance":
        follow(wire, lambda: wire.send("GET", f"{path}/_history", label="history"), "history", MOST_HELD)
    elif version:
        wire.send("GET", f"{path}/_history/{version}", label="vread", about={"number": "1"})


def _version_of(read: Exchange) -> str:
    return version_tag(read).removeprefix("W/").strip('"') if read.ok else ""


def _version_in(history: Exchange | None) -> str:
    """The newest version that a history tells of, by its resource or its response; empty where it tells none."""
    bundle = (history.resource("Bundle") if history is not None and history.ok else None) or {}
    for entry in entries(bundle):
        resource, response = entry.get("resource"), entry.get("response")
        meta = resource.get("meta") if isinstance(resource, dict) else None
        told = [meta.get("versionId") if isinstance(meta, dict) else None]
        told += [response.get("etag") if isinstance(response, dict) else None]
        version = next((text for text in told if isinstance(text, str) and text), "")
        if version:
            return version.removeprefix("W/").strip('"')
    return ""


@probe("read-in-other-case")
def read_in_other_case(wire: Wire, *, resource: str, id: str) -> None:  # noqa: A002 - FHIR's word
    """Read a resource (`read`), then by its id (`other-id`) and by its type (`other-type`) in the other case."""
    wire.send("GET", f"/{resource}/{id}", label="read", shared=True)
    if swap_case(id) != id:
        wire.send("GET", f"/{resource}/{swap_case(id)}", label="other-id")
    wire.send("GET", f"/{resource.lower()}/{id}", label="other-type")


@probe("everything")
def everything(wire: Wire, *, id: str) -> None:  # noqa: A002 - FHIR's word
    """Ask for everything about a patient (label `everything`), followed to its last page."""
    follow(wire, lambda: wire.send("GET", f"/Patient/{id}/$everything", label="everything"), "everything")


@probe("validate")
def validate(wire: Wire, *, family: str, birth_date: str) -> None:
    """Have a valid patient validated (`valid`) and one whose date of birth and gender are none (`invalid`)."""
    valid = {
        "resourceType": "Patient",
        "name": [{"family": family}],
        "gender": "unknown",
        "birthDate": birth_date,
    }
    wire.send("POST", "/Patient/$validate", label="valid", json=valid)
    wrong = valid | {"birthDate": "the day before yesterday", "gender": 7}
    wire.send("POST", "/Patient/$validate", label="invalid", json=wrong)
