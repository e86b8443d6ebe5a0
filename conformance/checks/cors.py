"""Checks of cross-origin resource sharing: what a browser lets the page of somebody else read.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from conformance.checks.picking import one, picked, quoted
from conformance.fhir.capability import servers
from conformance.plugin import Evidence, Exchange, Findings, NoData, check


@check("declares-cors")
def declares_cors(evidence: Evidence) -> Findings:
    """The capability statement says that CORS headers are added (rest.security.cors)."""
    security = [part.get("security") for part in servers(evidence.capability_statement or {})]
    if not any(isinstance(each, dict) and each.get("cors") is True for each in security):
        yield "the target does not declare CORS"


@check("cors-headers")
def cors_headers(evidence: Evidence, *, label: str = "cors", preflight: str = "preflight") -> Findings:
    """Who asks from another origin may read the answer, and a preflight permits the method and headers it names."""
    plain, before = one(evidence, label), one(evidence, preflight)
    for exchange in (plain, before):
        if _allowed(exchange) not in {"*", _origin(exchange)}:
            seen = quoted(_allowed(exchange)) if _allowed(exchange) else "absent"
            yield exchange.finding(f"was asked from another origin; Access-Control-Allow-Origin is {seen}")
    if not before.ok:
        yield before.finding(f"answered {before.status} to a preflight")
        return
    methods = _words(before, "access-control-allow-methods")
    # GET is permitted without being named: https://fetch.spec.whatwg.org/#cors-safelisted-method
    wanted = _words_of(before.request_headers.get("Access-Control-Request-Method", "get"))
    if not wanted <= methods | {"get", "head", "post"} and "*" not in methods:
        yield before.finding(f"does not permit {', '.join(sorted(wanted - methods))} to another origin")
    asked = _words_of(before.request_headers.get("Access-Control-Request-Headers", ""))
    permitted = _words(before, "access-control-allow-headers")
    # "*" does not stand for Authorization: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
    refused = asked - permitted - (set() if "*" not in permitted else asked - {"authorization"})
    if refused:
        yield before.finding(f"does not permit the header {', '.join(sorted(refused))} to another origin")


@check("cors-safe")
def cors_safe(evidence: Evidence, *, label: str = "cors") -> Findings:
    """No stranger's page may read answers with the reader's own credentials."""
    answers = [exchange for exchange in picked(evidence, label) if exchange.status]
    if not answers:
        raise NoData("nothing was answered")
    for exchange in answers:
        credentials = (exchange.header("access-control-allow-credentials") or "").strip().lower()
        if credentials == "true" and _allowed(exchange) in {"*", "null", _origin(exchange)}:
            yield exchange.finding(
                f"lets any page read it with the reader's credentials (origin {quoted(_allowed(exchange))})"
            )


def _allowed(exchange: Exchange) -> str:
    return (exchange.header("access-control-allow-origin") or "").strip()


def _origin(exchange: Exchange) -> str:
    return next((v for name, v in exchange.request_headers.items() if name.lower() == "origin"), "")


def _words(exchange: Exchange, name: str) -> set[str]:
    return _words_of(exchange.header(name) or "")


def _words_of(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",") if word.strip()}
