"""What the exit plan declares beside the export: environments, functions, schemas, exports of their own."""

from typing import Any

from conformance.plugin import Wire, probe
from conformance.probes.plan_reading import at, plan_of, rows, web_address

MOST = 40
"""So many of a kind are looked at."""
SEARCHED = frozenset({"search-type", "search", "read", "vread", "history-instance"})


@probe("environments")
def environments(wire: Wire) -> None:
    """Ask the sandbox and the production that the exit plan names for what they can do, without credentials."""
    plan = plan_of(wire)
    for name in ("production", "sandbox"):
        if url := web_address(at(plan, f"export.environments.{name}")):
            address = f"{url.rstrip('/')}/metadata"
            wire.send("GET", address, label="environment", about={"kind": name}, credentials="none")


@probe("declared-functions")
def declared_functions(wire: Wire) -> None:
    """Try out each function that the exit plan maps to an interaction which changes nothing.

    Searches ask for one resource (`function`); a read asks for the first that a search shows. Others are left to what
    the capability statement declares.
    """
    wire.send("GET", "/metadata", label="metadata", shared=True)
    for number, function in enumerate(rows(plan_of(wire), "export.functions")[:MOST]):
        kind, how = function.get("resourceType"), function.get("interaction")
        if not isinstance(kind, str) or not kind.isalpha() or how not in SEARCHED:
            continue
        about = {"type": kind, "interaction": str(how), "number": str(number)}
        found = wire.send("GET", f"/{kind}?_count=1", label="function", about=about, shared=True)
        if how not in {"search-type", "search"}:
            _read(wire, found.resource("Bundle") if found.ok else None, kind, str(how), about)


def _read(wire: Wire, bundle: dict[str, Any] | None, kind: str, how: str, about: dict[str, str]) -> None:
    for entry in rows(bundle, "entry")[:1]:
        identity = at(entry, "resource.id")
        if isinstance(identity, str) and identity:
            path = f"/{kind}/{identity}{'/_history' if how == 'history-instance' else ''}"
            wire.send("GET", path, label="function", about=about)


@probe("schemas")
def schemas(wire: Wire) -> None:
    """Fetch the schemas that the exit plan names as anybody would, without credentials, following redirects."""
    for row in rows(plan_of(wire), "export.schemas")[:MOST]:
        if url := web_address(row.get("url")):
            about = {"kind": str(row.get("kind", "")), "url": url}
            wire.send("GET", url, label="schema", about=about, accept="*/*", credentials="none", follow=True)


@probe("own-exports")
def own_exports(wire: Wire) -> None:
    """Fetch what the plan's inventory says to be exported at an address of its own, with the tester's credentials."""
    for number, row in enumerate(rows(plan_of(wire), "dataInventory")[:MOST]):
        if url := web_address(row.get("exportUrl")):
            wire.send(
                "GET", url, label="own-export", about={"number": str(number)}, accept="*/*", follow=True
            )
