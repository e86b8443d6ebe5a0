"""Checks that canaries, records of known content, come back from an export unharmed."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

from conformance.analysis.export import output_files
from conformance.analysis.facts import resources
from conformance.checks.exit_plan_reading import quoted
from conformance.checks.export_reading import job
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, NotJudgeable, check

MANAGED = frozenset({"id", "meta", "text"})
"""What a server may set or change by itself in what it was sent."""

LONG = 200
LEAST_KEPT = 2
"""One in so many of the values that were written has to be kept, so that an export could show them."""
Part = Literal["everything", "texts", "dates-and-units", "identifiers", "patients"]


@check("canaries-exported")
def canaries_exported(evidence: Evidence, *, part: Part = "everything") -> Findings:
    """Each canary that was written through normal use is in the export, with this part of its content as it was.

    What a server alters when it is written, so that a read shows it otherwise at once, is no matter of the export
    and is not asked for; but a record that can be read or not has to be there. Where a server keeps less than half
    of what it is sent, or refuses a state that is asked about, its export shows nothing.
    """
    kept = _canaries(evidence, patients_only=part == "patients")
    _, answer = whole_export(evidence)
    found = _exported(evidence, {one["reference"] for one in kept})
    has_to_be_there = part in {"everything", "patients"}
    compared = 0
    emptied: list[str] = []
    for one in kept:
        name, state = one["reference"], one["state"]
        if name not in found:
            if has_to_be_there:
                yield answer.finding(f"led to an export without {name}, a record of ours that is {state}")
            continue
        expected = list(_expected(one["sent"], _as_read(evidence, name), part))
        compared += len(expected)
        if part == "everything" and LEAST_KEPT * len(expected) < len(
            list(_expected(one["sent"], None, part))
        ):
            emptied.append(name)
        for path, value in expected:
            seen = _at(found[name], path)
            if not _same(value, seen):
                place = ".".join(str(step) for step in path)
                yield answer.finding(
                    f"led to an export in which {place} of {name} ({state}) is {quoted(seen)}, not {quoted(value)}"
                )
    if emptied:
        raise NotJudgeable(f"the target kept less than half of what was written: {listed(emptied)}")
    refused = _refused_patients(evidence) if part == "patients" else []
    if refused:
        raise NotJudgeable(f"the target took no patient that is {listed(refused)}")
    if not compared and not has_to_be_there:
        raise NoData("no canary with such content came back, so there is nothing to compare")


def _exported(evidence: Evidence, wanted: set[str]) -> dict[str, dict[str, Any]]:
    """Those of the wanted resources that are in the export."""
    found: dict[str, dict[str, Any]] = {}
    for file in output_files(job(evidence)):
        for resource in resources(file):
            name = f"{resource['resourceType']}/{resource.get('id')}"
            if name in wanted:
                found[name] = resource
    return found


Path = tuple[str | int, ...]


def _canaries(evidence: Evidence, *, patients_only: bool) -> list[dict[str, Any]]:
    """The canaries that were created. Raises NoData where there is none."""
    noted = [one for step in evidence.steps for one in _list(step.notes.get("canaries"))]
    kept = [
        one
        for one in noted
        if isinstance(one, dict)
        and isinstance(one.get("reference"), str)
        and isinstance(one.get("state"), str)
        and isinstance(one.get("sent"), dict)
        and (not patients_only or one["reference"].startswith("Patient/"))
    ]
    if not kept:
        raise NoData("no canary could be written")
    return kept


def _refused_patients(evidence: Evidence) -> list[str]:
    """The states of the patients that the target did not let us write."""
    tried = (one for one in evidence.labelled("canary-create") if one.url.endswith("/Patient"))
    return sorted({one.about.get("state", "") for one in tried if not one.ok})


def _as_read(evidence: Evidence, reference: str) -> dict[str, Any] | None:
    """The canary as it was read back; None where it could not be read."""
    answer: Exchange | None = next(
        (one for one in evidence.labelled("canary-read") if one.about.get("reference") == reference), None
    )
    return answer.resource() if answer is not None and answer.ok else None


def _expected(sent: dict[str, Any], read: dict[str, Any] | None, part: Part) -> Iterator[tuple[Path, Json]]:
    """The simple values that an export has to show, with their paths."""
    wanted = _WANTED[part]
    for path, value in _leaves({name: item for name, item in sent.items() if name not in MANAGED}, ()):
        if wanted(path, value) and (read is None or _same(value, _at(read, path))):
            yield path, value


def _leaves(value: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _at(value: Json, path: Path) -> Json:
    """The value at a path; None where there is none."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _same(one: Json, other: Json) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _is_text(path: Path, value: Json) -> bool:
    """Whether this is long or foreign text; the bytes of an attachment are no text."""
    return (
        path[-1] != "data"
        and isinstance(value, str)
        and (len(value) > LONG or "\n" in value or not value.isascii())
    )


def _is_date_or_unit(path: Path, _: Json) -> bool:
    first = str(path[0])
    return first.endswith(("Date", "DateTime")) or "Quantity" in first


def _is_identifier(path: Path, _: Json) -> bool:
    return path[0] == "identifier"


def _is_anything(_: Path, __: Json) -> bool:
    return True


def _is_nothing(_: Path, __: Json) -> bool:
    return False


_WANTED: dict[Part, Callable[[Path, Json], bool]] = {
    "everything": _is_anything,
    "texts": _is_text,
    "dates-and-units": _is_date_or_unit,
    "identifiers": _is_identifier,
    "patients": _is_nothing,
}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
