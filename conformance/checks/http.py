"""Checks of status, media type and headers (https://hl7.org/fhir/R4/http.html)."""

import re

from conformance.checks.picking import REFUSED, alternatives, permitted, picked, quoted
from conformance.plugin import Evidence, Findings, NoData, check

Code = int | str
"""A status, or a class of statuses such as `4xx`."""


@check("status")
def status(evidence: Evidence, *, code: Code | list[Code], label: str = "") -> Findings:
    """Every answer (of that label) has one of these statuses; `4xx` stands for the whole class.

    A refusal of the tester's own credentials, where it is not asked for, shows neither.
    """
    wanted = code if isinstance(code, list) else [code]
    wrong = [e for e in picked(evidence, label) if not any(_is(e.status, code) for code in wanted)]
    for exchange in wrong:
        if exchange.credentials != "own" or exchange.status not in REFUSED:
            yield exchange.finding(f"answered {exchange.status}, not {alternatives(wanted)}")
    for exchange in wrong:
        if exchange.credentials == "own":
            permitted(exchange)


@check("content-type")
def content_type(evidence: Evidence, *, media: str | list[str], label: str = "") -> Findings:
    """Every successful answer with a body states one of these media types, whatever its parameters."""
    wanted = [m.lower() for m in (media if isinstance(media, list) else [media])]
    answers = [e for e in picked(evidence, label) if permitted(e).ok and e.body is not None and e.body.size]
    if not answers:
        raise NoData("no answer succeeded and had a body")
    for exchange in answers:
        if exchange.media_type not in wanted:
            stated = exchange.header("content-type")
            said = f"states the Content-Type {quoted(stated)}" if stated else "states no Content-Type"
            yield exchange.finding(f"{said}, not {alternatives(wanted)}")


@check("header")
def header(evidence: Evidence, *, name: str, pattern: str = "", label: str = "") -> Findings:
    """Every successful answer has this header, and its value matches the whole pattern if one is given."""
    answers = [e for e in picked(evidence, label) if e.ok]
    if not answers:
        raise NoData("no answer succeeded")
    for exchange in answers:
        value = exchange.header(name)
        if value is None:
            yield exchange.finding(f"has no {name} header")
        elif pattern and not re.fullmatch(pattern, value):
            yield exchange.finding(f"has the {name} {quoted(value)}, which does not match {pattern}")


@check("etag")
def etag(evidence: Evidence, *, label: str = "") -> Findings:
    """Every successful read of a versioned resource has an ETag that is its version: `W/"versionId"`.

    See https://hl7.org/fhir/R4/http.html#versioning. A resource without meta.versionId is not versioned.
    """
    versions = [(e, _version(e.resource())) for e in picked(evidence, label) if permitted(e).ok]
    versioned = [(exchange, version) for exchange, version in versions if version]
    if not versioned:
        raise NoData("nothing that was read has a meta.versionId")
    for exchange, version in versioned:
        value = exchange.header("etag")
        if value is None:
            yield exchange.finding(f"has no ETag, though the version is {quoted(version)}")
        elif value.removeprefix("W/").strip('"') != version:
            yield exchange.finding(f"has the ETag {quoted(value)}, but the version is {quoted(version)}")


def _is(status: int, code: Code) -> bool:
    text = str(code).lower()
    return f"{status // 100}xx" == text if text.endswith("xx") else str(status) == text


def _version(resource: dict[str, object] | None) -> str:
    meta = resource.get("meta") if resource else None
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return version if isinstance(version, str) else ""
