"""Checks over a supplier's exit plan: its form, and the statements that any profile can ask for by their path."""

from typing import TYPE_CHECKING

from conformance.checks.exit_plan_reading import (
    everything,
    length_problem,
    limit,
    quoted,
    read_plan,
    says_something,
)
from conformance.checks.exit_plan_schema import said, schema, validator
from conformance.checks.exit_plan_words import is_digest
from conformance.plugin import Evidence, Findings, Json, check

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_MOST_SHOWN = 20


@check("exit-plan-valid")
def exit_plan_valid(evidence: Evidence) -> Findings:
    """There is an exit plan, and it is valid against the published JSON Schema for exit plans."""
    document = evidence.document("exit-plan")
    if document is None:
        yield "no exit plan was given: the target file names none under documents.exitPlan"
        return
    if document.problem or document.body is None:
        yield document.finding(f"could not be read: {document.problem or 'it has no content'}")
        return
    value = document.json_or_none()
    if value is None:
        form = "YAML" if document.is_yaml else "JSON"
        yield document.finding(f"is no {form} object: {document.json_problem() or 'it is null'}")
        return
    written_for = value.get("schemaVersion") if isinstance(value, dict) else None
    known = schema()["properties"]["schemaVersion"]["const"]
    if isinstance(written_for, str) and written_for != known:
        yield document.finding(
            f"is written for version {quoted(written_for)} of the schema (schemaVersion); read here is {quoted(known)}"
        )
        return
    for place, number in everything(value):
        if not isinstance(number, float):
            continue
        yield document.finding(
            f'holds the number {number} at {place}: a fraction is written as text, as in "0.5"'
        )
    errors = sorted(validator().iter_errors(value), key=lambda error: error.json_path)
    for error in errors[:_MOST_SHOWN]:
        yield document.finding(f"is not valid at {_place(error)}: {said(error)}")
    if len(errors) > _MOST_SHOWN:
        yield document.finding(f"has {len(errors) - _MOST_SHOWN} more mistakes of form")


@check("exit-plan-signatory")
def exit_plan_signatory(evidence: Evidence) -> Findings:
    """A named person with a role signs for the plan, on a date that is not in the future."""
    plan = read_plan(evidence)
    for name in ("name", "role"):
        value = plan.one(f"signatory.{name}")
        if not isinstance(value, str) or not says_something(value):
            yield plan.finding(f"does not say the {name} of the person who signs for it (signatory.{name})")
    signed = plan.date("signatory.signedOn")
    if signed is None:
        yield plan.finding("does not say on which date it was signed (signatory.signedOn)")
    elif signed > evidence.as_of:
        yield plan.finding(f"was signed on {signed}, which is after {evidence.as_of}")
    issued = plan.date("review.issued")
    if signed and issued and signed < issued:
        yield plan.finding(f"was signed on {signed}, before it was issued on {issued}")


@check("exit-plan-states")
def exit_plan_states(evidence: Evidence, *, path: str, equals: Json = None) -> Findings:
    """The exit plan states something at this path, or exactly this; `*` in the path is every item of a list."""
    plan = read_plan(evidence)
    found = plan.at(path)
    if not found:
        yield plan.finding(f"states nothing at {path}")
    for place, value in found:
        if equals is None and not says_something(value):
            yield plan.finding(f"says nothing at {place}")
        elif equals is not None and not _same(value, equals):
            yield plan.finding(f"states {quoted(value)} at {place}, not {quoted(equals)}")


@check("exit-plan-each")
def exit_plan_each(evidence: Evidence, *, path: str, members: list[str]) -> Findings:
    """The exit plan has a list at this path, which is not empty, and each of its items states all these members."""
    plan = read_plan(evidence)
    items = plan.at(f"{path}.*")
    if not items:
        yield plan.finding(f"lists nothing at {path}")
    for place, item in items:
        for name in members:
            value = item.get(name) if isinstance(item, dict) else None
            if not says_something(value) or (name == "sha256" and not is_digest(value)):
                yield plan.finding(f"states no {name} at {place}")


@check("exit-plan-duration")
def exit_plan_duration(evidence: Evidence, *, path: str, at_most: str = "", at_least: str = "") -> Findings:
    """The duration at this path keeps the limit, whatever day of a four-year cycle it starts on.

    Where it depends on the start day, neither pass nor fail can be said.
    """
    plan = read_plan(evidence)
    for bound in (at_most, at_least):
        if bound:
            limit(bound)
    found = plan.at(path)
    if not found:
        yield plan.finding(f"states no duration at {path}")
    for place, value in found:
        if problem := length_problem(value, at_most=at_most, at_least=at_least):
            yield plan.finding(f"{place} {problem}")


@check("exit-plan-number")
def exit_plan_number(evidence: Evidence, *, path: str, at_most: int) -> Findings:
    """The whole number at this path is at most so high."""
    plan = read_plan(evidence)
    found = plan.at(path)
    if not found:
        yield plan.finding(f"states no number at {path}")
    for place, value in found:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield plan.finding(f"states {quoted(value)} at {place}, which is no whole number from 0 up")
        elif value > at_most:
            yield plan.finding(f"states {value} at {place}, more than {at_most}")


def _same(value: Json, expected: Json) -> bool:
    """Equality of JSON values, in which true is not 1."""
    return isinstance(value, bool) is isinstance(expected, bool) and bool(value == expected)


def _place(error: "ValidationError") -> str:
    return error.json_path.removeprefix("$").removeprefix(".") or "the top"
