"""Where a row of a snapshot or differential belongs: the steps from the root, by its id or by the rows before it.

Source: FHIR R4, ElementDefinition.id, https://hl7.org/fhir/R4/elementdefinition.html#id
"""

from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["Step", "addressed", "identity"]

Step = tuple[str, str]


def addressed(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[tuple[Step, ...], dict[str, Any]]]:
    """Each row with the steps (name, slice name) that lead to it from the root.

    A row without an id that fits its path belongs to the slice that a row before it opened (STU3 and older tools).
    """
    open_slices: dict[tuple[str, ...], str] = {}
    for row in rows:
        names = tuple(row["path"].split("."))
        parts = str(row.get("id", "")).split(".")
        if len(parts) == len(names):
            steps = [(part.partition(":")[0], part.partition(":")[2]) for part in parts[1:]]
        else:
            steps = [(name, open_slices.get(names[: at + 2], "")) for at, name in enumerate(names[1:])]
            steps[-1:] = [(name, "") for name, _ in steps[-1:]]
        if steps and row.get("sliceName") and not steps[-1][1]:
            steps[-1] = (steps[-1][0], row["sliceName"])
        open_slices = {key: name for key, name in open_slices.items() if len(key) < len(names)}
        open_slices[names] = steps[-1][1] if steps else ""
        yield tuple(steps), row


def identity(root: str, steps: Iterable[Step]) -> str:
    """The id of the element at the end of the steps (`Patient.identifier:nhs.system`)."""
    return ".".join([root, *(f"{name}:{part}" if part else name for name, part in steps)])
