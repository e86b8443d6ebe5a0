"""Checks of files that the exit plan declares beside the export: schemas, and the buyer's configuration."""

import csv
import io
from typing import Any

from conformance.analysis.export import exported, manifest
from conformance.analysis.lines import lines
from conformance.checks.exit_plan_reading import ExitPlan, quoted, read_plan, says_something
from conformance.checks.export_reading import job
from conformance.model.base import NotJson, strict_json
from conformance.plugin import Evidence, Exchange, Findings, Json, NoData, NotJudgeable, check

CONFIGURATION = "configuration"
SQL = (b"create table", b"create view")
KEYWORDS = frozenset({"properties", "$defs", "definitions", "oneOf", "anyOf", "allOf", "$ref"})
"""A JSON Schema that has none of these describes nothing."""
LONGEST = 5_000_000


@check("schemas-machine-readable")
def schemas_machine_readable(evidence: Evidence) -> Findings:
    """The plan names schemas of what is exported; each can be fetched by anybody, and is what it is said to be."""
    plan = read_plan(evidence)
    if not plan.rows("export.schemas"):
        yield plan.finding("names no schema that a machine can read (export.schemas)")
        return
    answers = evidence.labelled("schema")
    if not answers:
        yield plan.finding("names schemas at addresses that are none (export.schemas)")
        return
    for url in dict.fromkeys(answer.about.get("url", "") for answer in answers):
        last = [answer for answer in answers if answer.about.get("url") == url][-1]
        if last.failure:
            raise NotJudgeable(f"{last}: {last.failure}")
        kind = last.about.get("kind", "")
        if not last.ok:
            yield last.finding(f"answered {last.status} to who has no credentials, for a {quoted(kind)}")
        elif problem := _no_schema(kind, last):
            yield last.finding(f"is no {quoted(kind)}: {problem}")


@check("configuration-exported")
def configuration_exported(evidence: Evidence) -> Findings:
    """What the buyer configured is a category of the plan's inventory, and an export of it can be fetched and read.

    It is fetched where the row says (`exportUrl`), else looked for among the resources of the export of everything.
    """
    plan = read_plan(evidence)
    found = [
        (place, row)
        for place, row in plan.rows("dataInventory")
        if CONFIGURATION in str(row.get("category", "")).lower()
    ]
    if not found:
        yield plan.finding("has no category of configuration in its inventory (dataInventory)")
    fetched = {answer.about.get("number", ""): answer for answer in evidence.labelled("own-export")}
    for place, row in found:
        if row.get("exportable") is not True:
            yield plan.finding(f"does not export the configuration ({place})")
        elif says_something(row.get("exportUrl")):
            yield from _own_export(plan, place, row, fetched.get(place.rpartition("[")[2].rstrip("]")))
        elif not _among_exported(evidence, row):
            yield plan.finding(
                f"lists configuration ({place}) of which the export of everything holds nothing"
            )


def _own_export(plan: ExitPlan, place: str, row: dict[str, Any], answer: Exchange | None) -> Findings:
    if answer is None:
        yield plan.finding(f"names an address of the configuration's export that is none ({place}.exportUrl)")
        return
    if answer.failure:
        raise NotJudgeable(f"{answer}: {answer.failure}")
    if not answer.ok:
        yield answer.finding(
            f"answered {answer.status}, where the plan says that the configuration is exported"
        )
        return
    formats = {each.get("id"): each.get("mediaType") for _, each in plan.rows("export.formats")}
    problem = _unreadable(answer)
    if problem:
        known = quoted(formats.get(row.get("format")))
        yield answer.finding(
            f"gave no configuration that can be read: {problem} (the plan states the format {known})"
        )


def _among_exported(evidence: Evidence, row: dict[str, Any]) -> bool:
    step = job(evidence)
    if manifest(step) is None:
        raise NoData("there is no export of everything to look in")
    counts = exported(step).counts
    kinds = row.get("resourceTypes")
    return any(
        isinstance(kind, str) and counts.get(kind) for kind in (kinds if isinstance(kinds, list) else [])
    )


def _unreadable(answer: Exchange) -> str:
    """Why the body of an answer is no data in an open format; empty where it is."""
    kind = answer.media_type
    if kind == "application/json" or kind.endswith("+json"):
        value = answer.json_or_none()
        return answer.json_problem() or ("" if _holds(value) else "it is empty")
    if answer.body is None or not answer.body.size:
        return "it is empty"
    if kind in {"application/ndjson", "application/x-ndjson"} or kind.endswith("+ndjson"):
        return _no_lines(answer)
    if kind == "text/csv":
        lines = list(csv.reader(io.StringIO(answer.content()[:LONGEST].decode("utf-8", "replace"))))
        return "" if len([line for line in lines if line]) > 1 else "it has no rows under its heading"
    if kind in {"text/html", "application/xhtml+xml"}:
        return "it is a web page"
    raise NotJudgeable(f"{answer} is {kind or 'of no stated type'}: somebody has to look at it")


def _no_lines(answer: Exchange) -> str:
    number = 0
    for line in lines(answer.chunks()):
        if line.strip():
            number += 1
            try:
                strict_json(line)
            except NotJson as error:
                return f"line {number} is no JSON ({error})"
    return "" if number else "it is empty"


def _holds(value: Json) -> bool:
    """Whether there is any simple value in it."""
    if isinstance(value, dict | list):
        return any(_holds(item) for item in (value.values() if isinstance(value, dict) else value))
    return value is not None and value != ""


def _no_schema(kind: str, answer: Exchange) -> str:
    """Why a body is no schema of this kind; empty where it is one."""
    if kind == "SQL DDL":
        return (
            "" if any(word in answer.content()[:LONGEST].lower() for word in SQL) else "it creates no table"
        )
    if kind == "XML Schema":
        text = answer.content()[:LONGEST]
        return (
            "" if b"http://www.w3.org/2001/XMLSchema" in text and b"schema" in text else "it is no XML Schema"
        )
    value = answer.json_or_none()
    if not isinstance(value, dict):
        return answer.json_problem() or "it is no JSON object"
    if kind == "StructureDefinition":
        said = _definitions(value)
    elif kind == "OpenAPI":
        said = isinstance(value.get("openapi") or value.get("swagger"), str) and bool(value.get("paths"))
    elif kind == "JSON Schema":
        said = isinstance(value.get("$schema"), str) and not KEYWORDS.isdisjoint(value)
    else:
        return "its kind is not one that is known"
    return "" if said else "it does not say what such a schema says"


def _definitions(value: dict[str, Any]) -> bool:
    entries = value.get("entry")
    held = [
        each.get("resource")
        for each in (entries if isinstance(entries, list) else [])
        if isinstance(each, dict)
    ]
    return any(
        isinstance(one, dict) and one.get("resourceType") == "StructureDefinition" for one in (value, *held)
    )
