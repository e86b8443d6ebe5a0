"""Lies in exported files: what is missing, doubled, foreign or cannot be read. Counts agree unless that is the lie."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.assurance.exact import written
from benchmarks.assurance.lie import Lie, lie
from benchmarks.assurance.lies.tools import (
    BULK,
    R4,
    chosen,
    files_changed,
    is_manifest,
    lines_of,
    patients_of,
)
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

FAMILY = "export files"
FILES = BULK + "#bulk-data-output-file-request"
COMPLETE = BULK + "#response---complete-status"
ALL = BULK + "#endpoint---system-level-export"
NDJSON = "https://github.com/ndjson/ndjson-spec"
Lines = Callable[[list[Any]], list[Any]]


def _consistent(name: str, says: str, clause: str, change: Lines) -> Lie:
    async def act(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        return await files_changed(asked, ask, memory, change)

    return Lie(name, FAMILY, "SHALL", clause, says, act)


def _kept(keep: Callable[[dict[str, Any]], bool]) -> Lines:
    return lambda lines: [one for one in lines if one["resourceType"] == "Parameters" or keep(one)]


def _without_last(lines: list[Any]) -> list[Any]:
    return lines[:-1] if len(lines) > 2 else lines


def _doubled(lines: list[Any]) -> list[Any]:
    return [*lines, lines[-1]] if lines and lines[-1]["resourceType"] != "Parameters" else lines


def _old_twin(lines: list[Any]) -> list[Any]:
    if not lines or "meta" not in lines[-1]:
        return lines
    twin = {
        **lines[-1],
        "meta": {**lines[-1]["meta"], "versionId": "0", "lastUpdated": "2001-01-01T00:00:00Z"},
    }
    return [*lines, twin]


def _by_latest(lines: list[Any]) -> list[Any]:
    times = sorted(one["meta"]["lastUpdated"] for one in lines if "meta" in one)
    edge = times[len(times) // 4] if times else ""
    return [one for one in lines if one.get("meta", {}).get("lastUpdated", "9") >= edge]


def _patient_gone(one: dict[str, Any]) -> bool:
    return any(chosen(patient, 8) for patient in patients_of(one))


def _renamed(lines: list[Any]) -> list[Any]:
    return [{**one, "id": "x" + one["id"][1:]} if "id" in one else one for one in lines]


def _without_ids(lines: list[Any]) -> list[Any]:
    return [{k: v for k, v in one.items() if k != "id"} for one in lines]


def _has_died(one: dict[str, Any]) -> bool:
    return any(name.startswith("deceased") and one[name] for name in one)


def _is(one: dict[str, Any], *types: str) -> bool:
    return one["resourceType"] in types


CONSISTENT = tuple(
    _consistent(name, says, clause, change)
    for name, says, clause, change in (
        ("files-lose-their-last-line", "Each file leaves out its last resource.", ALL, _without_last),
        (
            "files-lose-one-in-ten",
            "One resource in ten is not exported.",
            ALL,
            _kept(lambda one: not chosen(one.get("id", ""), 10)),
        ),
        (
            "files-lose-one-in-a-hundred",
            "One resource in a hundred is not exported.",
            ALL,
            _kept(lambda one: not chosen(one.get("id", ""), 100)),
        ),
        (
            "files-lose-some-patients",
            "Some patients and all that is about them are not exported.",
            ALL,
            _kept(lambda one: not _patient_gone(one)),
        ),
        (
            "files-lose-the-dead",
            "Patients who died are not exported.",
            ALL,
            _kept(lambda one: not (_is(one, "Patient") and _has_died(one))),
        ),
        (
            "files-lose-the-inactive",
            "Patients marked as inactive are not exported.",
            ALL,
            _kept(lambda one: not (_is(one, "Patient") and one.get("active") is False)),
        ),
        (
            "files-lose-amended-results",
            "Observations that were amended or entered in error are not exported.",
            ALL,
            _kept(lambda one: not _is(one, "Observation") or one.get("status") == "final"),
        ),
        (
            "files-lose-old-records",
            "The quarter of each file that was not changed for longest is not exported.",
            ALL,
            _by_latest,
        ),
        (
            "files-lose-binaries",
            "Binary files are empty: documents stay behind.",
            ALL,
            _kept(lambda one: not _is(one, "Binary")),
        ),
        (
            "files-lose-audit-trail",
            "Provenance and AuditEvent files are empty.",
            ALL,
            _kept(lambda one: not _is(one, "Provenance", "AuditEvent")),
        ),
        ("files-lose-everything", "All files are empty, and counted as empty.", ALL, _kept(lambda _: False)),
        ("files-double-their-last-line", "Each file gives its last resource twice.", FILES, _doubled),
        (
            "files-hold-an-old-version-too",
            "Each file gives its last resource also in an older version.",
            FILES,
            _old_twin,
        ),
        (
            "files-rename-resources",
            "Exported resources have other ids than the API gives them; references do not follow.",
            FILES,
            _renamed,
        ),
        ("files-have-no-ids", "Exported resources have no id.", FILES, _without_ids),
    )
)


def _is_good_file(asked: Asked, answer: Answer) -> bool:
    return asked.is_file and answer.status == 200 and b"\n" in answer.body


def _outputs(
    asked: Asked, answer: Answer, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> Answer:
    if not is_manifest(asked, answer):
        return answer
    return answer.with_document({**answer.document, "output": change(answer.document["output"])})


@lie(FAMILY, "SHALL", ALL)
def a_type_is_left_out(asked: Asked, answer: Answer) -> Answer:
    """The manifest names no files of AllergyIntolerance."""
    return _outputs(asked, answer, lambda files: [f for f in files if f.get("type") != "AllergyIntolerance"])


@lie(FAMILY, "SHALL", COMPLETE)
def a_file_is_named_twice(asked: Asked, answer: Answer) -> Answer:
    """The manifest names its first file twice."""
    return _outputs(asked, answer, lambda files: [*files, files[0]] if files else files)


@lie(FAMILY, "SHALL", COMPLETE)
def a_file_is_not_there(asked: Asked, answer: Answer) -> Answer:
    """The manifest names a file at an address at which there is nothing."""
    return _outputs(
        asked,
        answer,
        lambda files: [*files[:-1], {**files[-1], "url": files[-1]["url"] + ".missing"}] if files else files,
    )


@lie(FAMILY, "SHOULD", COMPLETE)
def counts_are_one_too_many(asked: Asked, answer: Answer) -> Answer:
    """The counts in the manifest are one more than the files have lines."""
    return _outputs(
        asked, answer, lambda files: [{**f, "count": f["count"] + 1} if "count" in f else f for f in files]
    )


@lie(FAMILY, "SHALL", COMPLETE)
def types_are_mislabelled(asked: Asked, answer: Answer) -> Answer:
    """The manifest calls files of Condition files of Procedure."""
    return _outputs(
        asked,
        answer,
        lambda files: [{**f, "type": "Procedure"} if f.get("type") == "Condition" else f for f in files],
    )


@lie(FAMILY, "SHALL", FILES)
def files_are_cut_off(asked: Asked, answer: Answer) -> Answer:
    """Each file ends in the middle of its last line."""
    return replace(answer, body=answer.body[:-40]) if _is_good_file(asked, answer) else answer


@lie(FAMILY, "SHALL", FILES)
def a_line_is_garbled(asked: Asked, answer: Answer) -> Answer:
    """The first line of each file has lost its middle."""
    if not _is_good_file(asked, answer):
        return answer
    first, rest = answer.body.split(b"\n", 1)
    return replace(answer, body=first[:30] + first[60:] + b"\n" + rest)


@lie(FAMILY, "SHALL", NDJSON)
def files_are_arrays(asked: Asked, answer: Answer) -> Answer:
    """Each file is one JSON array."""
    return replace(answer, body=written(lines_of(answer.body))) if _is_good_file(asked, answer) else answer


@lie(FAMILY, "SHALL", NDJSON)
def files_are_pretty(asked: Asked, answer: Answer) -> Answer:
    """Resources in files run over several lines."""
    if not _is_good_file(asked, answer):
        return answer
    return replace(answer, body=b"".join(written(one, indent=1) + b"\n" for one in lines_of(answer.body)))


@lie(FAMILY, "SHALL", NDJSON)
def files_begin_with_a_mark(asked: Asked, answer: Answer) -> Answer:
    """Files begin with a byte order mark."""
    return replace(answer, body=b"\xef\xbb\xbf" + answer.body) if _is_good_file(asked, answer) else answer


@lie(FAMILY, "SHALL", FILES)
def files_are_utf_16(asked: Asked, answer: Answer) -> Answer:
    """Files are in UTF-16."""
    return (
        replace(answer, body=answer.body.decode().encode("utf-16"))
        if _is_good_file(asked, answer)
        else answer
    )


@lie(FAMILY, "SHALL", FILES)
def files_are_called_json(asked: Asked, answer: Answer) -> Answer:
    """Files are labelled application/json."""
    return answer.with_header("content-type", "application/json") if _is_good_file(asked, answer) else answer


@lie(FAMILY, "SHALL", FILES)
def files_are_secretly_compressed(asked: Asked, answer: Answer) -> Answer:
    """Files are compressed without saying so in Content-Encoding."""
    return (
        replace(answer, body=gzip.compress(answer.body, mtime=0)) if _is_good_file(asked, answer) else answer
    )


@lie(FAMILY, "SHALL", COMPLETE)
def files_hold_strangers(asked: Asked, answer: Answer) -> Answer:
    """A file of one type ends with a resource of another type in the place of its last one."""
    if not _is_good_file(asked, answer):
        return answer
    lines = lines_of(answer.body)
    if lines[-1]["resourceType"] in ("Parameters", "Basic"):
        return answer
    stranger = {
        "resourceType": "Basic",
        "id": lines[-1].get("id", "x"),
        "meta": lines[-1].get("meta", {}),
        "code": {"text": "x"},
    }
    return replace(answer, body=b"".join(written(one) + b"\n" for one in [*lines[:-1], stranger]))


@lie(FAMILY, "SHALL", R4 + "/validation.html")
def files_hold_invalid_resources(asked: Asked, answer: Answer) -> Answer:
    """Resources of the second line of each file have a status or gender that is not in the value set."""
    if not _is_good_file(asked, answer):
        return answer
    lines = lines_of(answer.body)
    for one in lines[1:2]:
        one.update({name: "perhaps" for name in ("status", "gender") if isinstance(one.get(name), str)})
    return replace(answer, body=b"".join(written(one) + b"\n" for one in lines))


@lie(FAMILY, "SHALL", FILES)
def second_download_is_empty(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """A file can be had once; the second time it is empty."""
    if not _is_good_file(asked, answer):
        return answer
    memory[asked.path] = memory.get(asked.path, 0) + 1
    return replace(answer, body=b"") if memory[asked.path] > 1 else answer
