"""Checks of handshakes (RFC 9325, which is BCP 195; https://hl7.org/fhir/R4/security.html#http)."""

import datetime as dt
import ssl
from typing import Any

from conformance.model.target import Environment
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, NotJudgeable, check

DEAD = ("1.0", "1.1")
ALIVE = ("1.2", "1.3")


@check("tls-versions")
def tls_versions(evidence: Evidence) -> Findings:
    """The target agrees to TLS 1.2 or 1.3, and refuses 1.0 and 1.1."""
    seen = {version: _handshake(evidence, f"tls-{version}") for version in (*DEAD, *ALIVE)}
    if any(each["outcome"] == "plain" for each in seen.values()):
        if evidence.target.environment is Environment.SANDBOX:
            raise NotApplicable("the target is a sandbox reached over http")
        yield "the target is reached over http, without TLS"
        return
    for version in DEAD:
        if seen[version]["outcome"] == "agreed":
            yield f"the target agrees to TLS {version}"
    if not any(seen[version]["outcome"] == "agreed" for version in ALIVE):
        told = "; ".join(f"{version}: {seen[version]['why']}" for version in ALIVE)
        if all(seen[version]["outcome"] == "refused" for version in ALIVE):
            yield f"the target agrees to no version from TLS 1.2 on ({told})"
        else:
            raise NotJudgeable(f"no handshake came about ({told})")
    unknown = [version for version in DEAD if seen[version]["outcome"] not in {"agreed", "refused"}]
    if unknown:
        told = "; ".join(f"{version}: {seen[version]['why']}" for version in unknown)
        raise NotJudgeable(f"it could not be tried whether an old version is refused ({told})")


@check("certificate")
def certificate(evidence: Evidence, *, days: int = 14) -> Findings:
    """The certificate is trusted, names the host, and is good for so many days from the day that is judged by."""
    seen = _handshake(evidence, "tls-certificate")
    if seen["outcome"] == "plain":
        raise NotApplicable("the target is reached over http")
    if seen["outcome"] == "refused" and str(seen["why"]).startswith("certificate verify failed"):
        yield f"the certificate does not hold ({seen['why']})"
        return
    shown = seen.get("certificate")
    if seen["outcome"] != "agreed" or not isinstance(shown, dict):
        raise NotJudgeable(f"no certificate was seen: {seen['why']}")
    try:
        ends = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown.get("notAfter"))), dt.UTC).date()
    except (ValueError, OverflowError, OSError):
        raise NotJudgeable("the certificate does not say until when it is good") from None
    left = (ends - evidence.as_of).days
    if left < days:
        yield f"the certificate is good until {ends.isoformat()} only: {left} days"


def _handshake(evidence: Evidence, name: str) -> dict[str, Any]:
    for step in evidence.steps:
        seen = step.notes.get(name)
        if isinstance(seen, dict):
            return {"outcome": "", "why": ""} | seen
    raise NoData(f"no handshake was recorded as {name}")
