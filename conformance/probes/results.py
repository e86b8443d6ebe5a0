"""Searches asked in two ways, and what their answers lead to: pages, resources, what was included."""

from collections.abc import Callable
from typing import Literal
from urllib.parse import quote, urlencode

from conformance.fhir import bundles
from conformance.fhir.addresses import led_to
from conformance.plugin import Exchange, Wire, probe
from conformance.probes.following import Followed, follow
from conformance.probes.request import with_query
from conformance.probes.search import FORM, PAGE

Params = dict[str, str | list[str]]
Way = Literal["GET", "POST", "POST-both"]
ONE, OTHER, AGAIN = "one", "other", "again"
PAGES = 40
LARGE_PAGE = 200
MOST_READ = 3
PREVIOUS = ("previous", "prev")


@probe("compared-searches")
def compared_searches(  # noqa: PLR0913 - two searches have this many aspects
    wire: Wire,
    *,
    path: str,
    params: Params | None = None,
    count: int = PAGE,
    other_path: str = "",
    other_params: Params | None = None,
    other_count: int = PAGE,
    other_way: Way = "GET",
    media_type: str = FORM,
    headers: dict[str, str] | None = None,
    accept: str = "application/fhir+json",
    reread: bool = False,
) -> None:
    """Two searches that are to be compared, each to its last page: labels `one` and `other`.

    Where they find different resources the first is sent once more (label `again`), since a target may change
    meanwhile. `other_params` and `other_count` replace the parameters of the first; a count of 0 asks for no page
    size. `other_way` sends the other by POST, its parameters in the body, or (`POST-both`) `_count` and what follows
    in the address. `headers` and `accept` go with the other. `reread` reads what only one of them found.
    """
    found = {label: set[str]() for label in (ONE, OTHER)}
    asked = _asked(params, count)

    def first(label: str) -> None:
        found[label] = _followed(
            wire, lambda: wire.send("GET", with_query(path, asked), label=label, shared=True), label
        )

    def second() -> Exchange:
        where = other_path or path
        wanted = _asked(params if other_params is None else other_params, other_count)
        if other_way == "GET":
            return wire.send("GET", with_query(where, wanted), label=OTHER, headers=headers, accept=accept)
        both = other_way == "POST-both"
        address = {name: value for name, value in wanted.items() if both and name == "_count"}
        body = {name: value for name, value in wanted.items() if name not in address}
        return wire.send(
            "POST",
            with_query(f"{where}/_search", address),
            label=OTHER,
            headers=headers,
            body=urlencode(body, doseq=True, quote_via=quote).encode(),
            media_type=media_type,
        )

    first(ONE)
    found[OTHER] = _followed(wire, second, OTHER)
    if found[ONE] != found[OTHER]:
        first(AGAIN)
        for reference in sorted(found[ONE] ^ found[OTHER])[:MOST_READ] if reread else ():
            wire.send("GET", f"/{reference}", label="read")


@probe("patient-compartment")
def patient_compartment(wire: Wire, *, resource: str, patient: str, by: str) -> None:
    """A search by a patient (label `one`) and one in that patient's compartment (label `other`).

    Where they find different resources, the first is sent once more (label `again`).
    """
    compared_searches(
        wire,
        path=f"/{resource}",
        params={by: f"Patient/{patient}"},
        count=LARGE_PAGE,
        other_path=f"/Patient/{patient}/{resource}",
        other_params={},
        other_count=LARGE_PAGE,
    )


@probe("known-ids")
def known_ids(wire: Wire, *, resource: str, ids: str) -> None:
    """A search for several ids, joined by commas (label `page`), and reads of some that it does not find (`read`)."""
    asked = with_query(f"/{resource}", _asked({"_id": ids}, PAGE))
    found = _followed(wire, lambda: wire.send("GET", asked, label="page", shared=True), "page")
    missing = [one for identity in ids.split(",") if (one := f"{resource}/{identity}") not in found]
    for reference in missing[:MOST_READ]:
        wire.send("GET", f"/{reference}", label="read")


@probe("page-links")
def page_links(wire: Wire, *, path: str, params: Params | None = None, count: int = 2) -> None:
    """A search followed to its last page (label `page`), then where the links of its second page lead.

    These are `first`, `previous` and, once more, its own address (labels of these names, `second-again`); the link
    `last` of the first page has the label `last`.
    """
    sent: list[Exchange] = []

    def begin() -> Exchange:
        sent.append(wire.send("GET", with_query(path, _asked(params, count)), label="page", shared=True))
        return sent[-1]

    follow(wire, begin, "page", PAGES)
    first = sent[0].resource("Bundle") if sent[0].ok else None
    onward = bundles.link(first, "next") if first is not None else None
    if first is None or onward is None:
        return
    second = wire.send("GET", _address(wire, onward), label="second-again")
    page = second.resource("Bundle") if second.ok else None
    for label, bundle, relations in (
        ("first", page, ("first",)),
        ("previous", page, PREVIOUS),
        ("last", first, ("last",)),
    ):
        link = next((found for name in relations if bundle and (found := bundles.link(bundle, name))), None)
        if link is not None:
            wire.send("GET", _address(wire, link), label=label)


@probe("include-search")
def include_search(
    wire: Wire,
    *,
    resource: str,
    ids: str,
    joins: dict[str, str | list[str]],
    known: str,
    count: int = PAGE,
) -> None:
    """A search for these ids without (label `plain`) and with includes (label `with`), and a read of what is known.

    `joins` are the include parameters; `known` is a resource that must be included, read under the label `known`. The
    first search and the read may be answers that another step got; where what came with includes does not agree with
    them, both are asked anew (`plain-again`, and `known` once more), since the target may have changed meanwhile.
    """
    plain = with_query(f"/{resource}", _asked({"_id": ids}, count))
    joined = with_query(f"/{resource}", _asked({"_id": ids}, count) | joins)
    alone = follow(wire, lambda: wire.send("GET", plain, label="plain", shared=True), "plain", PAGES)
    beside = follow(wire, lambda: wire.send("GET", joined, label="with"), "with", PAGES)
    wire.send("GET", f"/{known}", label="known", shared=True)
    if alone.references != beside.references or known not in _held(beside):
        again = f"plain-{AGAIN}"
        follow(wire, lambda: wire.send("GET", plain, label=again), again, PAGES)
        wire.send("GET", f"/{known}", label="known")


def _held(found: Followed) -> set[str]:
    """`Type/id` of all that the pages of a search hold, matches or not."""
    pages = [answer.resource("Bundle") or {} for answer in found.answers if answer.ok]
    resources = [entry.get("resource") for page in pages for entry in bundles.entries(page)]
    return {bundles.reference(resource) for resource in resources if isinstance(resource, dict)}


@probe("found-and-read")
def found_and_read(wire: Wire, *, resource: str, id: str) -> None:  # noqa: A002 - FHIR's word
    """A search for one id (label `found`), reads of it by its id and by `fullUrl`, and the same search again.

    The labels are `read`, `full-url` and `found-again`. An address outside the target's base is not followed.
    """
    path = with_query(f"/{resource}", {"_id": id})
    answer = wire.send("GET", path, label="found", shared=True)
    wire.send("GET", f"/{resource}/{id}", label="read")
    bundle = answer.resource("Bundle") if answer.ok else None
    addresses = [entry.get("fullUrl") for entry in bundles.entries(bundle or {})]
    inside = [one for one in addresses if isinstance(one, str) and one.startswith(f"{wire.base}/")]
    if inside:
        wire.send("GET", inside[0], label="full-url")
    wire.send("GET", path, label="found-again")


def _asked(params: Params | None, count: int) -> Params:
    return dict(params or {}) | ({"_count": str(count)} if count else {})


def _followed(wire: Wire, first: Callable[[], Exchange], label: str) -> set[str]:
    return follow(wire, first, label, PAGES).references


def _address(wire: Wire, link: str) -> str:
    return led_to(f"{wire.base}/", link)
