"""What a supplier publishes of its own definitions, fetched as anybody would, and few at a time."""

from typing import Any

from conformance.analysis.export import output_files
from conformance.analysis.openness import together
from conformance.analysis.supplied_definitions import LABEL, supplied
from conformance.fhir.published import extension_standing, system_standing
from conformance.plugin import Exchange, StepEvidence, Wire

MOST_PACKAGES = 10
MOST_NAMES = 40


def fetch_definitions(wire: Wire, sent: list[Exchange]) -> None:
    """Fetch the packages that the exit plan names, and what own extensions and codes of an export are defined by.

    The latter are asked by their own addresses, and only where the plan says that the supplier publishes there
    (`export.definitions.origins`). The note `definitions-not-asked` counts those beyond the first forty.
    """
    declared = _declared(wire)
    fetched = [_fetch(wire, url) for url in _texts(declared, "packages", "url")[:MOST_PACKAGES]]
    origins = tuple(_texts(declared, "origins"))
    if not origins:
        return
    known = supplied(fetched)
    found = together(output_files(StepEvidence(step="export", exchanges=tuple(sent))))
    own = [url for url in found.extensions if extension_standing(url) == "own"]
    own += [system for system in found.systems if system_standing(system) == "own"]
    names = sorted({name for name in own if name.startswith(origins) and name not in known | found.defined})
    for name in names[:MOST_NAMES]:
        _fetch(wire, name)
    if len(names) > MOST_NAMES:
        wire.note("definitions-not-asked", len(names) - MOST_NAMES)


def _fetch(wire: Wire, url: str) -> Exchange:
    return wire.send(
        "GET",
        url,
        label=LABEL,
        about={"canonical": url},
        accept="application/fhir+json, application/json;q=0.9, */*;q=0.5",
        credentials="none",
        follow=True,
    )


def _declared(wire: Wire) -> dict[str, Any]:
    plan = next(iter(wire.documents("exit-plan")), None)
    value: Any = plan.json_or_none() if plan is not None and not plan.problem else None
    for name in ("export", "definitions"):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _texts(declared: dict[str, Any], name: str, member: str = "") -> list[str]:
    """The http addresses in a list of the plan, or in a member of its items."""
    listed = declared.get(name)
    items = [
        item.get(member) if member and isinstance(item, dict) else item
        for item in (listed if isinstance(listed, list) else [])
    ]
    return [text for text in items if isinstance(text, str) and text.startswith(("https://", "http://"))]
