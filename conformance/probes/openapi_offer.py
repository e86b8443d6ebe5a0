"""What a supplier offers with an API, looked up: pages, sandbox, export; and what strangers meet."""

from typing import Any

from conformance.analysis.described import LABEL, LISTED, below, description_in
from conformance.errors import NoData
from conformance.openapi.description import Description, Json, Unresolved
from conformance.openapi.examples import shown
from conformance.openapi.places import addresses, lists
from conformance.plugin import Exchange, Untestable, Wire, probe
from conformance.probes.openapi_discover import ACCEPT
from conformance.probes.openapi_exercise import JSON_OR_PROBLEM
from conformance.probes.plan_reading import at, web_address

MOST_PAGES = 20
LONGEST_WAIT = 30.0
POLLS = 60
ACCEPTED = 202


@probe("interface")
def interface(wire: Wire) -> None:
    """Read the supplier's declaration of the API."""
    wire.documents("interface")


@probe("interface-pages")
def interface_pages(wire: Wire, *, pages: list[str]) -> None:
    """Fetch pages that the declaration names as anybody would, without credentials, following redirects."""
    value = _declaration(wire)
    for name in pages:
        if url := web_address(at(value, name)):
            about = {"page": name}
            wire.send("GET", url, label="page", about=about, accept="*/*", credentials="none", follow=True)


@probe("interface-sandbox")
def interface_sandbox(wire: Wire) -> None:
    """Ask the sandbox that the declaration names for its description, as anybody would."""
    value = _declaration(wire)
    url = web_address(at(value, "sandbox.descriptionUrl")) or web_address(at(value, "sandbox.url"))
    if url:
        wire.send("GET", url, label="sandbox", accept=ACCEPT, credentials="none", follow=True)


@probe("openapi-export")
def openapi_export(wire: Wire, *, description: str, base: str) -> None:
    """Take out what the declared export gives, waiting for it if it says so (202), and walk through the lists.

    The export is asked for with the tester's credentials; lists are walked to their end, `MOST_PAGES` pages each.
    """
    path = at(_declaration(wire), "export.path")
    if not isinstance(path, str) or not path.startswith("/"):
        return
    answer = wire.send("GET", description, label=LABEL, accept=ACCEPT, shared=True)
    try:
        found = description_in(answer) if answer.ok else None
    except NoData as reason:
        raise Untestable(str(reason)) from None
    if found is None:
        raise Untestable("the description, asked for again, is not there")
    _walk(wire, found, base)
    answer = wire.send("GET", f"{base}{path}", label="export", accept="*/*", file=True)
    for _ in range(POLLS):
        where = answer.header("location") or answer.header("content-location")
        if answer.status != ACCEPTED or not where:
            break
        wire.pause(min(_seconds(answer), LONGEST_WAIT))
        answer = wire.send("GET", where, label="export", accept="*/*", file=True)


@probe("openapi-strangers")
def openapi_strangers(wire: Wire, *, operation: str, description: str, base: str, path: str) -> None:
    """Ask an operation that reads as oneself (`shown`), without credentials and with a token that nobody issued.

    And ask for what there is not at all, without an address in the description (`nowhere`).
    """
    answer = wire.send("GET", description, label=LABEL, accept=ACCEPT, shared=True)
    try:
        one = description_in(answer).operation(operation) if answer.ok else None
        made = shown(one, path) if one else None
    except (NoData, Unresolved) as reason:
        raise Untestable(str(reason)) from None
    url = f"{base}{made.url if made else path}"
    for label, credentials in (("shown", "own"), ("anonymous", "none"), ("bad-token", "bad")):
        wire.send("GET", url, label=label, accept=JSON_OR_PROBLEM, credentials=credentials)  # type: ignore[arg-type]
    wire.send("GET", f"{base}/htest-nowhere", label="nowhere", accept=JSON_OR_PROBLEM)


@probe("openapi-methods")
def openapi_methods(wire: Wire, *, base: str, path: str) -> None:
    """Ask an address which methods it allows (OPTIONS, RFC 9110 section 9.3.7)."""
    wire.send("OPTIONS", f"{base}{path}", label="options", accept="*/*")


def _declaration(wire: Wire) -> dict[str, Any] | None:
    document = next(iter(wire.documents("interface")), None)
    value = document.json_or_none() if document is not None and not document.problem else None
    return value if isinstance(value, dict) else None


def _walk(wire: Wire, description: Description, base: str) -> None:
    """Ask for each list that the description has, page by page."""
    seen: dict[str, list[Json]] = {}
    for operation in lists(description):
        for path in addresses(operation.path, seen):
            made = shown(operation, path)
            url = f"{base}{made.url if made else path}"
            for _ in range(MOST_PAGES):
                answer = wire.send("GET", url, label=LISTED, accept="application/json")
                if answer.ok:
                    seen.setdefault(below(answer.url, base), []).append(answer.json_or_none())
                url = _next(answer)
                if not url:
                    break


def _next(answer: Exchange) -> str:
    """The next page: by the Link header (RFC 8288), or a member `next` of the answer or of its links."""
    for part in (answer.header("link") or "").split(",") if answer.ok else ():
        target, _, parameters = part.partition(">")
        if 'rel="next"' in parameters.replace(" ", "") or "rel=next" in parameters.replace(" ", ""):
            return target.strip().removeprefix("<")
    value = answer.json_or_none() if answer.ok else None
    for member in ("next", "links.next", "_links.next.href", "links.next.href"):
        found = at(value if isinstance(value, dict) else None, member)
        if isinstance(found, str) and found.startswith(("http://", "https://")):
            return found
    return ""


def _seconds(answer: Exchange) -> float:
    stated = answer.header("retry-after") or ""
    return float(stated) if stated.isascii() and stated.isdigit() else 1.0
