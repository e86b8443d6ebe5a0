"""Checks of codings, headers and methods (https://hl7.org/fhir/R4/http.html, RFC 9110)."""

import re

from conformance.checks.formats import format_of
from conformance.checks.picking import permitted, picked, quoted
from conformance.checks.statuses import NOT_IMPLEMENTED
from conformance.plugin import Evidence, Findings, NoData, NotApplicable, check

WEAK = re.compile(r'W/"[^"]*"')
METHOD_NOT_ALLOWED = 405


@check("no-content-coding")
def no_content_coding(evidence: Evidence, *, label: str = "") -> Findings:
    """An answer to who takes no content coding (Accept-Encoding: identity) has none."""
    answers = [exchange for exchange in picked(evidence, label) if permitted(exchange).ok]
    if not answers:
        raise NoData("no answer succeeded")
    for exchange in answers:
        coding = (exchange.header("content-encoding") or "identity").strip().lower()
        if coding != "identity":
            yield exchange.finding(
                f"has the Content-Encoding {quoted(coding)}, though only identity was taken"
            )


@check("etag-form")
def etag_form(evidence: Evidence, *, label: str = "") -> Findings:
    """An ETag, where there is one, is weak and in quotes: `W/"…"`."""
    stated = [(e, e.header("etag")) for e in picked(evidence, label) if permitted(e).ok]
    tags = [(exchange, tag) for exchange, tag in stated if tag is not None]
    if not tags:
        raise NoData("no answer has an ETag")
    for exchange, tag in tags:
        if not WEAK.fullmatch(tag):
            yield exchange.finding(f'has the ETag {quoted(tag)}, which is not of the form W/"…"')


@check("date-stated")
def date_stated(evidence: Evidence, *, label: str = "") -> Findings:
    """Every answer of a read has a Date header."""
    answers = [exchange for exchange in picked(evidence, label) if exchange.status]
    for exchange in answers:
        if exchange.header("date") is None:
            yield exchange.finding("has no Date header")
    if not answers:
        raise NoData("nothing was answered")


@check("method-refused")
def method_refused(evidence: Evidence, *, label: str = "") -> Findings:
    """A method that an address does not take is refused with 405, or with 501 where the server knows it nowhere."""
    for exchange in picked(evidence, label):
        if permitted(exchange).status not in {METHOD_NOT_ALLOWED, NOT_IMPLEMENTED}:
            yield exchange.finding(
                f"answered {exchange.status}, not 405, to a method that is for nothing here"
            )


@check("allow-stated")
def allow_stated(evidence: Evidence, *, label: str = "") -> Findings:
    """An answer 405 says in Allow which methods there are (RFC 9110 section 15.5.6)."""
    refused = [exchange for exchange in picked(evidence, label) if exchange.status == METHOD_NOT_ALLOWED]
    if not refused:
        raise NotApplicable("nothing was answered with 405")
    for exchange in refused:
        if exchange.header("allow") is None:
            yield exchange.finding("answered 405 without an Allow header")


@check("outcome-media-type")
def outcome_media_type(evidence: Evidence, *, label: str = "") -> Findings:
    """An error that holds an OperationOutcome is labelled with the media type of FHIR's JSON."""
    failed = [e for e in picked(evidence, label) if not e.ok and e.resource("OperationOutcome") is not None]
    if not failed:
        raise NotApplicable("no error had an OperationOutcome in JSON as its body")
    for exchange in failed:
        if exchange.media_type not in {"application/fhir+json", "application/json+fhir"}:
            stated = exchange.header("content-type") or "none"
            strange = "" if format_of(exchange) else ", which is no format of FHIR"
            yield exchange.finding(f"labels its OperationOutcome as {quoted(stated)}{strange}")
