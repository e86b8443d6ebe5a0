"""What a supplier declares: its documents, and the pages that they point to."""

from collections.abc import Sequence

from conformance.plugin import Document, Untestable, Wire, probe

PAGES = ("documentationUrl", "registerUrl")


@probe("documents")
def documents(wire: Wire, *, attestation: bool = False, canaries: bool = False) -> None:
    """Read the supplier's exit plan, and its attestations with their keys where they are asked for.

    `canaries` asks for the buyer's own file of records that were entered by hand.
    """
    wire.documents("exit-plan")
    if attestation:
        wire.documents("attestation")
        wire.documents("attestation-key")
    if canaries:
        wire.documents("canaries")


@probe("documentation")
def documentation(wire: Wire, *, pages: list[str] | None = None) -> None:
    """Fetch the pages that the exit plan points to as anybody would, without credentials, following redirects.

    `pages` are members of the plan's `export` that hold an address; by default documentation and register.
    """
    found = _pages(next(iter(wire.documents("exit-plan")), None), pages or PAGES)
    if not found:
        raise Untestable("no exit plan was given that names an address of the export's documentation")
    for name, url in found:
        wire.send(
            "GET",
            url,
            label="documentation",
            about={"page": name},
            accept="*/*",
            credentials="none",
            follow=True,
        )


def _pages(plan: Document | None, names: Sequence[str]) -> list[tuple[str, str]]:
    value = plan.json_or_none() if plan is not None and not plan.problem else None
    export = value.get("export") if isinstance(value, dict) else None
    if not isinstance(export, dict):
        return []
    return [
        (name, export[name]) for name in names if isinstance(export.get(name), str) and export[name].strip()
    ]
