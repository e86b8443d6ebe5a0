"""Checks of what becomes of a body that is no resource, or a wrong one (https://hl7.org/fhir/R4/http.html#create)."""

from conformance.checks.exchanged import finds_what_it_asks
from conformance.checks.picking import one, permitted, picked
from conformance.checks.statuses import CLIENT_ERRORS, NOT_IMPLEMENTED, SERVER_ERRORS
from conformance.fhir.bundles import matches
from conformance.plugin import Evidence, Exchange, Findings, NotApplicable, NotJudgeable, check

UNSUPPORTED = 415
GONE = (404, 410)


@check("body-refused")
def body_refused(evidence: Evidence, *, label: str = "bad") -> Findings:
    """A wrong body is refused with 4xx, where the same request with a right one is carried out."""
    _right_one_is_kept(evidence)
    for exchange in picked(evidence, label):
        if permitted(exchange).ok:
            yield exchange.finding(f"answered {exchange.status} to {_what(exchange)}; it was to be refused")
        elif exchange.status in SERVER_ERRORS:
            yield exchange.finding(
                f"answered {exchange.status} to {_what(exchange)}, as if the fault were its own"
            )
        elif exchange.status not in CLIENT_ERRORS:
            raise NotJudgeable(f"{exchange} answered {exchange.status}, which neither accepts nor refuses")


@check("media-type-refused")
def media_type_refused(evidence: Evidence, *, label: str = "bad") -> Findings:
    """A body of a media type that the server does not take is refused with 415."""
    _right_one_is_kept(evidence)
    for exchange in picked(evidence, label):
        if permitted(exchange).status != UNSUPPORTED:
            yield exchange.finding(f"answered {exchange.status}, not 415, to {_what(exchange)}")


@check("no-server-error")
def no_server_error(evidence: Evidence, *, label: str = "bad") -> Findings:
    """What a client sends, however wrong, is not answered with a server error (5xx), but for 501."""
    for exchange in picked(evidence, label):
        if permitted(exchange).status in SERVER_ERRORS and exchange.status != NOT_IMPLEMENTED:
            yield exchange.finding(f"answered {exchange.status} to {_what(exchange)}")


@check("leaves-no-trace")
def leaves_no_trace(evidence: Evidence) -> Findings:
    """What was refused is not found afterwards, by a search that finds what was accepted."""
    _right_one_is_kept(evidence)
    found = one(evidence, "after-control")
    if not finds_what_it_asks(found):
        raise NotJudgeable(
            f"{found} does not find what was just created and no more, so that it cannot show what is kept"
        )
    refused = [
        (exchange, after)
        for exchange, after in zip(picked(evidence, "bad"), picked(evidence, "after-bad"), strict=False)
        if not permitted(exchange).ok
    ]
    if not refused:
        raise NotApplicable("nothing was refused here")
    for exchange, after in refused:
        bundle = permitted(after).resource("Bundle") if after.ok else {} if after.status in GONE else None
        if bundle is None:
            raise NotJudgeable(f"{after} answered {after.status} and no Bundle")
        if matches(bundle):
            yield after.finding(f"finds what {exchange} refused with {exchange.status}")


def _right_one_is_kept(evidence: Evidence) -> None:
    control = permitted(one(evidence, "control"))
    if not control.ok:
        raise NotJudgeable(
            f"{control} answered {control.status} to a right resource too: refusing a wrong one shows nothing"
        )


def _what(exchange: Exchange) -> str:
    return exchange.about.get("kind") or "what was sent"
