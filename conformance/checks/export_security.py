"""Checks that an export is protected: by TLS, and by asking for credentials at each of its addresses.

Source: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#privacy-and-security-considerations
"""

import re
from typing import Literal

from conformance.analysis.export import KINDS, kick_off, listed, manifest
from conformance.checks.export_reading import job, manifest_of, quoted
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

PROTOCOL = re.compile(r"TLSv?(\d+)(?:\.(\d+))?")
VERSION = re.compile(r"(\d+)(?:\.(\d+))?")
LABELS_OF_A_JOB = ("kick-off", "status", "file")
OPEN_LABELS = {"none": "anonymous", "bad": "bad-token"}
IN_WORDS = {"none": "without credentials", "bad": "with a token that nobody issued"}


@check("export-tls")
def by_tls(evidence: Evidence, *, minimum: str = "1.2") -> Findings:
    """Every address of the export is one of https, and the connections use TLS of this version or later."""
    step = job(evidence)
    least = _version(VERSION.fullmatch(minimum))
    if least is None:
        raise NotJudgeable(f"the least TLS version {minimum!r} is no version")
    exchanges = [exchange for label in LABELS_OF_A_JOB for exchange in step.labelled(label)]
    unknown = False
    for exchange in exchanges:
        used = _version(PROTOCOL.fullmatch(exchange.tls))
        if _is_plain(exchange.url):
            yield exchange.finding("was asked over plain http, as there is no other address")
        elif used is None:
            unknown = True
        elif used < least:
            yield exchange.finding(f"was answered over {exchange.tls}, which is older than TLS {minimum}")
    request, listing = kick_off(step), manifest(step) or {}
    for kind in KINDS:
        for index, item in listed(listing, kind):
            url = item.get("url")
            if request is not None and isinstance(url, str) and _is_plain(url):
                yield request.finding(
                    f"led to a manifest that lists {kind}[{index}] at {quoted(url)}, without TLS"
                )
    if unknown:
        raise NotJudgeable("the TLS version of a connection was not seen")


@check("export-status-protected")
def status_is_protected(evidence: Evidence) -> Findings:
    """The status of a job is refused to who has no credentials, and to who has a token that nobody issued."""
    step = job(evidence)
    _asks_for_credentials(evidence)
    manifest_of(step)
    yield from _open_to(evidence, "status", "none")
    yield from _open_to(evidence, "status", "bad")


@check("export-files-protected")
def files_are_protected(evidence: Evidence, *, credentials: Literal["none", "bad"]) -> Findings:
    """Where the manifest says that a token is required, a file is refused to who has none, or a false one."""
    step = job(evidence)
    _asks_for_credentials(evidence)
    _, listing = manifest_of(step)
    if listing.get("requiresAccessToken") is False:
        raise NotApplicable("the manifest says that the files need no token, as it may")
    yield from _open_to(evidence, "file", credentials)


def _asks_for_credentials(evidence: Evidence) -> None:
    if evidence.target.auth == "none":
        raise NotApplicable("the target asks for no credentials")


def _open_to(evidence: Evidence, address: str, credentials: str) -> Findings:
    answers: tuple[Exchange, ...] = evidence.labelled(f"{address}-{OPEN_LABELS[credentials]}")
    if not answers:
        raise NoData(f"the {address} was not asked for {IN_WORDS[credentials]}")
    strange = [answer for answer in answers if not answer.ok and answer.status not in CLIENT_ERRORS]
    for answer in answers:
        if answer.ok:
            yield answer.finding(f"answered {answer.status} {IN_WORDS[credentials]}; it was to be refused")
    if strange:
        raise NotJudgeable(
            f"{strange[0]} answered {strange[0].status}, which neither refuses nor delivers it"
        )


def _is_plain(url: str) -> bool:
    return url.strip().lower().startswith("http:")


def _version(match: re.Match[str] | None) -> tuple[int, int] | None:
    return (int(match[1]), int(match[2] or 0)) if match else None
