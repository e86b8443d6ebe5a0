"""Writing an exit plan: an example, and a draft of which a supplier has to fill in all that it was not asked for.

What nobody answered is written as `null`, which no check takes for an answer: a draft cannot pass by its defaults.
"""

import copy
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.exit_plan_schema import part
from conformance.reference.dossier.plan import exit_plan

_DIGESTS = {
    name: f"{number}" * 64 for name, number in (("terms", "1a"), ("rehearsal", "2b"), ("certificate", "3c"))
}
_TYPES = {"Patient": 60_000, "Observation": 9_000_000, "Condition": 700_000, "DocumentReference": 400_000}
_BYTES_EACH = 1_500
_INDEX = re.compile(r"\[\d+\]")
_KEPT = frozenset(
    {
        "schemaVersion",
        *("scenarios.*.kind", "scenarios.*.destinations.*"),
        *("costs.items.*.id", "costs.items.*.kind", "costs.items.*.unit", "dataInventory.*.kind"),
        *("export.formats.*.id", "export.formats.*.mediaType", "export.formats.*.specUrl"),
        *("export.formats.*.royaltyFree", "export.formats.*.steward"),
    }
)
"""What is the same for most suppliers, or claims nothing."""


@dataclass(frozen=True)
class Asked:
    """One question: where its answer goes, and an answer that is offered; empty where none can be."""

    path: str
    offered: str = ""

    @property
    def words(self) -> str:
        """What is asked: the place in the plan, and what the schema says belongs there."""
        said = str(part(self.path).get("description", "")).rstrip(".")
        return f"{self.path}: {said}" if said else self.path


QUESTIONS: tuple[Asked, ...] = (
    Asked("supplier.name"),
    Asked("supplier.identifier.scheme", "GB-COH"),
    Asked("supplier.identifier.id"),
    Asked("product.name"),
    Asked("product.version"),
    Asked("product.baseUrl"),
    Asked("contract.reference"),
    Asked("contract.start"),
    Asked("contract.end"),
    Asked("contract.annualCharge"),
    Asked("signatory.name"),
    Asked("signatory.role"),
    Asked("termination.switchNotice", "P2M"),
    Asked("transition.standard", "P30D"),
    Asked("retrieval.period", "P30D"),
    Asked("retrieval.readOnlyAccessAfterGoLive", "P90D"),
    Asked("export.documentationUrl"),
    Asked("export.registerUrl"),
    Asked("export.apiTermsUrl"),
    Asked("deletion.liveDataWithin", "P30D"),
    Asked("deletion.backupsWithin", "P90D"),
    Asked("costs.currency", "GBP"),
    Asked("costs.cap"),
    Asked("assistance.includedDays", "5"),
    Asked("assistance.responseWorkingDays", "5"),
)
"""What is asked in the terminal; the rest is filled in in the file."""


def example(as_of: dt.date) -> dict[str, Any]:
    """A plan with every member, of a supplier that does not exist, at addresses that lead nowhere (RFC 2606)."""
    docs = "https://docs.harbour-epr.example"
    return exit_plan(
        base_url="https://fhir.harbour-epr.example/r4",
        docs_url=docs,
        product_version="7.4.1",
        as_of=as_of,
        types=_TYPES,
        sizes={name: count * _BYTES_EACH for name, count in _TYPES.items()},
        terms_sha256=_DIGESTS["terms"][:64],
        rehearsal_sha256=_DIGESTS["rehearsal"][:64],
        certificate_sha256=_DIGESTS["certificate"][:64],
    )


def draft(answers: Mapping[str, Any]) -> dict[str, Any]:
    """A plan with these answers by path and `null` for all else; lists have one row of each kind to go on from."""
    plan = _emptied(copy.deepcopy(example(dt.date(2000, 1, 1))), "", answers)
    assert isinstance(plan, dict)
    return plan


def as_yaml(plan: Mapping[str, Any]) -> str:
    """The plan as YAML, with what belongs into each member in a comment above it. All text is in quotes."""
    head = (
        "# An exit plan. `conformance exit-plan check` says what is wrong with it and how to mend it.\n"
        "# Text, dates, durations and amounts stand in quotes; null means: still to be filled in.\n"
    )
    return head + "\n".join(_members(plan, "", 0)) + "\n"


def _emptied(value: Any, path: str, answers: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {
            name: _emptied(item, f"{path}.{name}" if path else name, answers) for name, item in value.items()
        }
    if isinstance(value, list):
        rows = (
            value
            if path in {"scenarios", "costs.items"} or not value or isinstance(value[0], str)
            else value[:1]
        )
        return [_emptied(item, f"{path}[{index}]", answers) for index, item in enumerate(rows)]
    if path in answers:
        return answers[path]
    return value if _INDEX.sub(".*", path) in _KEPT else None


def _members(value: Mapping[str, Any], path: str, depth: int) -> Iterator[str]:
    pad = "  " * depth
    for name, item in value.items():
        place = f"{path}.{name}" if path else name
        said = part(place)
        if "[" not in place or "[0]" in place:
            choices = f" One of: {', '.join(map(str, said['enum']))}." if "enum" in said else ""
            yield f"{pad}# {said.get('description', name)}{choices}"
        key = name if re.fullmatch(r"[A-Za-z][\w-]*", name) else json.dumps(name)
        if isinstance(item, dict) and item:
            yield f"{pad}{key}:"
            yield from _members(item, place, depth + 1)
        elif isinstance(item, list) and item:
            yield f"{pad}{key}:"
            for index, row in enumerate(item):
                yield from _row(row, f"{place}[{index}]", depth + 1)
        else:
            yield f"{pad}{key}: {json.dumps(item, ensure_ascii=False)}"


def _row(row: Any, place: str, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if not isinstance(row, dict):
        yield f"{pad}- {json.dumps(row, ensure_ascii=False)}"
        return
    yield f"{pad}-"
    yield from _members(row, place, depth + 1)
