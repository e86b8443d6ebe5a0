"""Checks of the SMART configuration (https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html)."""

from typing import Any
from urllib.parse import urlsplit

from conformance.checks.picking import alternatives, one, quoted
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

LABEL = "smart"


@check("smart-configuration")
def smart_configuration(evidence: Evidence) -> Findings:
    """The target tells anybody at its well-known address where tokens are given and that keys are accepted."""
    answer = next(iter(evidence.discovery.labelled(LABEL)), None)
    if answer is None or answer.failure:
        raise NoData("the well-known address was not asked, or did not answer")
    value = answer.json_or_none() if answer.ok else None
    if not isinstance(value, dict):
        yield answer.finding(f"answered {answer.status} and no SMART configuration")
        return
    if not isinstance(value.get("token_endpoint"), str):
        yield answer.finding("names no token_endpoint")
    methods = value.get("token_endpoint_auth_methods_supported")
    if not isinstance(methods, list) or "private_key_jwt" not in methods:
        yield answer.finding("does not say that clients may prove themselves by a key (private_key_jwt)")


@check("smart-served")
def smart_served(evidence: Evidence) -> Findings:
    """The well-known address gives a JSON object to whoever asks."""
    answer = one(evidence, LABEL)
    if not answer.ok or not isinstance(answer.json_or_none(), dict):
        yield answer.finding(
            f"answered {answer.status} and no SMART configuration ({answer.media_type or 'no media type'})"
        )


@check("smart-urls")
def smart_urls(evidence: Evidence) -> Findings:
    """All endpoints of the configuration are absolute URLs."""
    answer, told = _told(evidence)
    urls = {name: told[name] for name in sorted(told) if name.endswith(("_endpoint", "_uri", "_url"))}
    if not urls:
        raise NoData(f"{answer} names no endpoint")
    for name, value in urls.items():
        if not isinstance(value, str) or not _is_absolute(value):
            yield answer.finding(f"gives {name} {quoted(value)}, which is no absolute URL")


@check("smart-member")
def smart_member(
    evidence: Evidence,
    *,
    member: str,
    holds: list[str] | None = None,
    any_of: list[str] | None = None,
    without: list[str] | None = None,
) -> Findings:
    """The configuration has this member: a text, or a list that holds all these, one of those, and none of others."""
    answer, told = _told(evidence)
    if member not in told:
        yield answer.finding(f"has no {member}")
        return
    value = told[member]
    if holds is None and any_of is None and without is None:
        if not value or not isinstance(value, str | list):
            yield answer.finding(f"has the {member} {quoted(value)}, which is empty")
        return
    if not isinstance(value, list):
        yield answer.finding(f"has the {member} {quoted(value)}, which is no list")
        return
    for name in holds or ():
        if name not in value:
            yield answer.finding(f"has {member} without {name}")
    if any_of and not any(name in value for name in any_of):
        yield answer.finding(f"has {member} without {alternatives(any_of)}")
    for name in without or ():
        if name in value:
            yield answer.finding(f"has {member} with {name}")


def _told(evidence: Evidence) -> tuple[Exchange, dict[str, Any]]:
    answer = one(evidence, LABEL)
    value = answer.json_or_none() if answer.ok else None
    if not isinstance(value, dict):
        raise NotJudgeable(f"{answer} answered {answer.status} and no SMART configuration")
    return answer, value


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.netloc)
