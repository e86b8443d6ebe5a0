"""JSON Patches of a test patient: ones that can be carried out, and ones that cannot."""

from typing import Any

import orjson

from conformance.plugin import Exchange, Wire, probe
from conformance.probes.patients import RUN_SYSTEM, needed_patient, remove, searched_until, test_patient
from conformance.probes.request import with_query
from conformance.probes.write import version_tag

JSON_PATCH = "application/json-patch+json"
GENDER = [{"op": "replace", "path": "/gender", "value": "other"}]
FAILING_TEST = [
    {"op": "replace", "path": "/gender", "value": "male"},
    {"op": "test", "path": "/birthDate", "value": "1800-01-01"},
]
FAILING_REMOVE = [
    {"op": "replace", "path": "/gender", "value": "female"},
    {"op": "remove", "path": "/maritalStatus"},
]
MALFORMED = {"op": "replace", "path": "/gender", "value": "male"}


@probe("patch", writes=True)
def patch(wire: Wire, *, family: str, birth_date: str) -> None:
    """Patch a patient by its id: well, with a test that fails, with a last operation that fails, outdated, no patch.

    Labels: `create`, `read-back`, `patch`, `read-after-patch`, then `patch-test`, `patch-half`, `patch-stale` and
    `patch-malformed`, each with the read after it (`read-patch-test` …).
    """
    identity = needed_patient(wire, test_patient(wire.tag, family, birth_date))
    path = f"/Patient/{identity}"
    before = wire.send("GET", path, label="read-back")
    _send(wire, path, "patch", GENDER)
    wire.send("GET", path, label="read-after-patch")
    _tried(wire, path, "patch-test", FAILING_TEST)
    _tried(wire, path, "patch-half", FAILING_REMOVE)
    outdated = version_tag(before)
    if outdated:
        _tried(wire, path, "patch-stale", [GENDER[0] | {"value": "unknown"}], {"If-Match": outdated})
    _tried(wire, path, "patch-malformed", MALFORMED)
    remove(wire, identity)


@probe("conditional-patch", writes=True)
def conditional_patch(wire: Wire, *, family: str, birth_date: str) -> None:
    """Patch the one patient that a search by identifier finds (`conditional-patch`), then read it (`read-after-patch`).

    `control` is the search.
    """
    identity = needed_patient(wire, test_patient(wire.tag, family, birth_date))
    searched_until(wire, wire.tag, "control", lambda count: count > 0)
    url = with_query("/Patient", {"identifier": f"{RUN_SYSTEM}|{wire.tag}"})
    _send(wire, url, "conditional-patch", GENDER)
    wire.send("GET", f"/Patient/{identity}", label="read-after-patch")
    remove(wire, identity)


def _tried(wire: Wire, path: str, label: str, operations: Any, headers: dict[str, str] | None = None) -> None:
    _send(wire, path, label, operations, headers)
    wire.send("GET", path, label=f"read-{label}")


def _send(
    wire: Wire, url: str, label: str, operations: Any, headers: dict[str, str] | None = None
) -> Exchange:
    body = orjson.dumps(operations)
    return wire.send("PATCH", url, label=label, body=body, media_type=JSON_PATCH, headers=headers)
