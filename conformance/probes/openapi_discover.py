"""What a service says of itself in an OpenAPI description, and the lists that it shows."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.analysis.described import LABEL, LISTED, below
from conformance.openapi.description import Description, Json, described_by
from conformance.openapi.examples import shown
from conformance.openapi.places import addresses, lists
from conformance.openapi.reading import Unreadable
from conformance.plugin import Exchange, Wire, probe

ACCEPT = "application/json, application/yaml;q=0.9, */*;q=0.1"
USUAL = ("/openapi.json", "/openapi.yaml", "/v3/api-docs", "/swagger.json")
"""Where descriptions are found that nobody said the place of."""
REFUSED = (401, 403)
MOST_LISTS = 40


@probe("discover-openapi")
def discover_openapi(wire: Wire) -> None:
    """Ask for the OpenAPI description, as anybody and as the tester, more than once, and for the lists it describes.

    It is where the target file says, or at one of the usual places. Lists are those below which single things have
    addresses of their own.
    """
    address = _found(wire)
    if not address:
        return
    answer = wire.send("GET", address, label=LABEL, accept=ACCEPT)
    for credentials in ("none", "own"):
        wire.send("GET", address, label="description-again", accept="*/*", credentials=credentials)
    try:
        description = described_by(answer.content()) if answer.ok else None
    except Unreadable:
        description = None
    if description is not None:
        _ask_for_lists(wire, description, description.base(answer.url, wire.base))


@probe("openapi-description")
def openapi_description(wire: Wire) -> None:
    """Ask for the OpenAPI description as discovery did, and read the supplier's declaration of the API."""
    wire.documents("interface")
    if address := _found(wire):
        wire.send("GET", address, label=LABEL, accept=ACCEPT, shared=True)


def _found(wire: Wire) -> str:
    """The address that answers with a description to anybody, or else to the tester; empty where none does."""
    for address in _candidates(wire):
        anonymous = wire.send(
            "GET", address, label="description-anonymous", accept=ACCEPT, credentials="none", shared=True
        )
        refused = anonymous.status in REFUSED or 300 <= anonymous.status < 400  # noqa: PLR2004 - redirects
        if _looks_right(anonymous) or (wire.target.description and anonymous.status):
            return address
        if refused and wire.send("GET", address, label="description-own", accept=ACCEPT, shared=True).ok:
            return address
    return ""


def _candidates(wire: Wire) -> Iterator[str]:
    if wire.target.description:
        yield wire.target.description
        return
    parts = urlsplit(wire.base)
    root = f"{parts.scheme}://{parts.netloc}"
    for base in dict.fromkeys((wire.base, root)):
        yield from (f"{base}{path}" for path in USUAL)


def _looks_right(answer: Exchange) -> bool:
    return answer.ok and any(word in answer.content()[:20_000] for word in (b"openapi", b"swagger"))


def _ask_for_lists(wire: Wire, description: Description, base: str) -> None:
    seen: dict[str, list[Json]] = {}
    for operation in list(lists(description))[:MOST_LISTS]:
        for path in addresses(operation.path, seen)[:1]:
            made = shown(operation, path)
            answer = wire.send(
                "GET",
                f"{base}{made.url if made else path}",
                label=LISTED,
                accept="application/json",
                shared=True,
            )
            if answer.ok:
                seen.setdefault(below(answer.url, base), []).append(answer.json_or_none())
