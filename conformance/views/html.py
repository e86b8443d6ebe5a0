"""The report as one self-contained page for people who decide: readable, printable, and without any script.

The page loads nothing: style and charts stand in it, and its Content-Security-Policy forbids everything else.
What a server sent is cleaned of control characters and escaped, always and by the template engine itself.
"""

import json
from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment

from conformance.model.base import Json
from conformance.model.profile import Level, Method
from conformance.model.report import Report, RequirementResult, Result, RunRecord
from conformance.model.verdict import Outcome
from conformance.views import lock_in, page, selection, text, wording
from conformance.views.signature import SignatureNote

TOLD_IN_FULL = 200
"""So many unmet requirements are told with all their evidence; the others with their first finding."""
MOST_CASES = 5
LONGEST = 2000


def html(report: Report, record: RunRecord, signature: SignatureNote) -> str:
    """The whole page. It decides nothing: all of it follows from the report and the record of its run."""
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            record=record,
            signature=signature,
            gate=_gate(report),
            failing=selection.failing(report),
            warnings=selection.warnings(report),
            remarks=selection.remarks(report),
            open_points=[
                (outcome, selection.grouped(report, outcome))
                for outcome in (Outcome.INCONCLUSIVE, Outcome.UNTESTED)
            ],
            not_binding=selection.grouped(report, Outcome.INAPPLICABLE),
            out_of_scope=selection.out_of_scope(report),
            origins=selection.origins(report),
            waived=[r for r in report.requirements if r.waiver is not None],
            overridden=_overridden(report),
            filter_values=_filter_values(report),
        )
    )


@cache
def environment() -> Environment:
    """The template engine with what pages about reports need."""
    made = page.environment()
    made.globals |= {
        "wording": wording,
        "selection": selection,
        "lock_in": lock_in,
        "Outcome": Outcome,
        "Result": Result,
        "TOLD_IN_FULL": TOLD_IN_FULL,
        "MOST_CASES": MOST_CASES,
        "LONGEST": LONGEST,
        "bars": _bars,
        "replay_line": wording.replay_line,
        "filter_classes": _filter_classes,
    }
    made.filters |= {"link": _link, "link_text": _link_text, "json": _json, "slug": _slug}
    return made


def _filter_values(report: Report) -> list[tuple[str, str, str]]:
    """By what the requirements can be narrowed down: the kind, the value as a CSS name, and its words."""
    there = {name for requirement in report.requirements for name in _filter_classes(requirement).split()}
    every = [
        *(("outcome", outcome.value, outcome.value) for outcome in Outcome),
        *(("level", level.value, level.value) for level in Level),
        *(("method", method.value, wording.METHOD_TITLE[method].lower()) for method in Method),
    ]
    return [(kind, _slug(value), words) for kind, value, words in every if f"{kind}-{_slug(value)}" in there]


def _filter_classes(requirement: RequirementResult) -> str:
    """The CSS classes that a row is narrowed down by."""
    values = {
        "outcome": requirement.outcome.value,
        "level": requirement.level.value,
        "method": requirement.method.value,
    }
    return " ".join(f"{kind}-{_slug(value)}" for kind, value in values.items())


def _gate(report: Report) -> str:
    """Which parts decide the result, in words."""
    parts = [wording.METHOD_TITLE[m.method].lower() for m in report.methods if m.gates and m.totals]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""


def _overridden(report: Report) -> dict[str, str]:
    """For each parameter that was set for this run, how: an override is a name, or a name with its value."""
    names = {override.partition("=")[0].strip(): override for override in report.overrides}
    return {name: override for name, override in names.items() if name in report.parameters}


def _bars(totals: dict[Outcome, int]) -> list[tuple[Outcome, float, float]]:
    """The segments of a bar that is 100 wide: outcome, start and width."""
    total = sum(totals.values())
    segments: list[tuple[Outcome, float, float]] = []
    start = 0.0
    for outcome in Outcome:
        width = 100 * totals.get(outcome, 0) / total if total else 0
        if width:
            segments.append((outcome, round(start, 2), round(width, 2)))
        start += width
    return segments


def _link(source: str) -> str:
    """The address that a source may be linked to: http and https only; empty where it is none."""
    address = text.one_line(source)
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.hostname and " " not in address else ""


def _link_text(source: str) -> str:
    """What a link to a source reads as: its site and its last part."""
    parts = urlsplit(_link(source))
    last = parts.path.rstrip("/").rpartition("/")[2]
    return f"{parts.hostname or ''} {last}{'#' + parts.fragment if parts.fragment else ''}".strip()


def _json(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _slug(value: str) -> str:
    """A result or outcome as a CSS class."""
    return value.lower().replace(" ", "-")
