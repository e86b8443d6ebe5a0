"""A population in a server, a run against it, and what came of it beside what is expected."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from interop_servers import HERE, NotToBeHad, Running, Server

from conformance.cli.main import run
from conformance.reference.population.making import SEED, population

PATIENTS = 60
_SECONDS = 900
_SERVERS_OWN = frozenset({"AuditEvent"})


@dataclass(frozen=True)
class Unlike:
    """A requirement whose outcome is not the expected one."""

    requirement: str
    expected: str
    seen: str
    because: str

    def __str__(self) -> str:
        return f"{self.requirement}: expected {self.expected}, seen {self.seen}. {self.because}"


def load(running: Running, patients: int = PATIENTS) -> int:
    """Give the server the reference supplier's made-up population; how many resources it is.

    All in one transaction, because patients refer to patients further on, and a server may insist that what is
    referred to exists; without records of access, which some servers keep for themselves. Every third patient is then
    changed, one by one, so that times of change and versions differ.
    """
    url = running.url
    resources = [held for held in population(SEED, patients, url) if held["resourceType"] not in _SERVERS_OWN]
    entries = [
        {
            "fullUrl": f"{url}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"},
        }
        for resource in resources
    ]
    kept = _sent(running, "POST", url, {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    states = [entry.get("response", {}).get("status", "") for entry in kept.get("entry", ())]
    failed = [state for state in states if not state.startswith("2")]
    if failed or len(states) != len(entries):
        raise NotToBeHad(f"the population was not kept whole: {len(states)} answers, {failed[:3]}")
    people = [resource for resource in resources if resource["resourceType"] == "Patient"]
    for person in people[::3]:
        _sent(running, "PUT", f"{url}/Patient/{person['id']}", person | {"active": False})
    return len(resources)


def _sent(running: Running, method: str, url: str, resource: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
    request = urllib.request.Request(url, json.dumps(resource).encode(), headers, method=method)
    try:
        with running.access.opened(request, _SECONDS) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as refusal:
        raise NotToBeHad(f"the population was refused: {refusal.code} {refusal.read()[:500]!r}") from refusal


def finished_run(running: Running, folder: Path, profile: str) -> Path:
    """Run a profile through the command line against this server; the folder of the finished run."""
    server = running.server
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "target.yaml"
    described = {
        "target": server.name,
        "supplier": server.supplier,
        "product": server.product,
        "version": server.version,
        "environment": "sandbox",
        "dataClass": "synthetic",
        "endpoint": running.url,
        **running.access.target,
        "permissions": {"write": True},
        "limits": {
            "readTimeout": _SECONDS,
            # Most of an export is waiting, as long as the server says: two minutes at a time, in HAPI's case.
            "concurrency": 32 if profile.startswith("bulk-") else 8,
        },
    }
    target.write_text(yaml.safe_dump(described))
    run(["run", profile, "--target", str(target), "--out", str(folder / "run"), "--quiet"])
    return folder / "run"


def outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    """The outcome of each requirement of a finished run, with why."""
    report = json.loads((folder / "report.json").read_bytes())
    return {entry["id"]: (entry["outcome"], _why(entry)) for entry in report["requirements"]}


def _why(entry: Mapping[str, Any]) -> str:
    said = [
        f"{verdict['case']}: {sentence}"
        for verdict in entry.get("verdicts", ())
        if verdict["outcome"] not in {"pass", "inapplicable"}
        for sentence in (*verdict.get("findings", ()), verdict.get("because", ""))
        if sentence
    ]
    return "\n  ".join(["", *said])


def expected(server: Server, profile: str) -> dict[str, dict[str, str]]:
    """What is known to fail or to stay in doubt: requirement, `outcome` and `because`."""
    path = HERE / "expected" / f"{server.name}-{profile}.yaml"
    return dict(yaml.safe_load(path.read_text()) or {}) if path.is_file() else {}


def differences(
    seen: Mapping[str, tuple[str, str]], known: Mapping[str, Mapping[str, str]]
) -> Iterator[Unlike]:
    """Each failed or undecided requirement that is not known to be so, and each known one that is not so."""
    for requirement in sorted({*seen, *known}):
        outcome, because = seen.get(requirement, ("not there", ""))
        entry = known.get(requirement)
        if entry is None and outcome in {"fail", "inconclusive"}:
            yield Unlike(requirement, "neither fail nor inconclusive", outcome, because)
        elif entry is not None and outcome != entry["outcome"]:
            yield Unlike(requirement, entry["outcome"], outcome, because)
