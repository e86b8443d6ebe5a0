"""The check that the documentation of an export is open to everybody."""

import re

from conformance.checks.exit_plan_reading import read_plan
from conformance.plugin import Evidence, Exchange, Findings, NoData, check

OK = 200
_LOGIN_PATH = re.compile(
    r"/(log-?in|sign-?in|auth|authorize|sso|oauth2?|saml2?|account/login)(/|\.|$)", re.IGNORECASE
)
_PASSWORD = re.compile(rb"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)
_LONGEST_LOOKED_AT = 1_000_000


@check("documentation-public")
def documentation_public(evidence: Evidence) -> Findings:
    """Each page that the exit plan points to answers 200 with content to anybody, and does not lead to a login."""
    read_plan(evidence)
    answers = evidence.labelled("documentation")
    if not answers:
        raise NoData("the exit plan points to no page")
    for page in dict.fromkeys(answer.about.get("page", "") for answer in answers):
        hops = [answer for answer in answers if answer.about.get("page", "") == page]
        yield from page_problem(page, hops)


def page_problem(page: str, hops: list[Exchange]) -> Findings:
    """What keeps anybody from reading a page; `hops` are the answers on the way to it."""
    last = hops[-1]
    if len(hops) > 1 and _LOGIN_PATH.search(last.url.split("?")[0]):
        yield hops[0].finding(f"({page}) leads to a login ({last}), though it has to be open to everybody")
    elif last.status != OK:
        yield last.finding(f"({page}) answered {last.status} without credentials, not 200")
    elif last.body is None or not last.body.size:
        yield last.finding(f"({page}) answered 200, but nothing else")
    elif _PASSWORD.search(last.content()[:_LONGEST_LOOKED_AT]):
        yield last.finding(f"({page}) asks for a password, though it has to be open to everybody")
