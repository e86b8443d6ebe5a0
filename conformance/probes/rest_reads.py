"""Reads in all their forms, of what the target holds: nothing is changed."""

from conformance.plugin import Wire, probe
from conformance.probes.following import follow
from conformance.probes.write import version_tag

LONG_AGO = "Mon, 01 Jan 1990 00:00:00 GMT"
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
def type_interactions(wire: Wire, *, resource: str, id: str, declared: list[str]) -> None:  # noqa: A002 - FHIR's word
    """Try the interactions that only read and are declared for a type, with one resource of it.

    The labels are the interactions: `read`, `vread`, `history-instance`, `history-type`, `search-type`.
    """
    path = f"/{resource}/{id}"
    wanted = bool({"read", "vread"} & set(declared))
    answer = wire.send("GET", path, label="read", shared=True) if wanted else None
    meta = ((answer.resource() if answer is not None and answer.ok else None) or {}).get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    if "vread" in declared and isinstance(version, str):
        wire.send("GET", f"{path}/_history/{version}", label="vread")
    others = {
        "history-instance": f"{path}/_history?_count=2",
        "history-type": f"/{resource}/_history?_count=2",
        "search-type": f"/{resource}?_id={id}",
    }
    for name, url in others.items():
        if name in declared:
            wire.send("GET", url, label=name)


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
