"""How the checks of an exit plan get at what it says, whatever somebody wrote into the file."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conformance.analysis.durations import Duration, NoDuration, compare, duration
from conformance.analysis.money import NoMoney, amount
from conformance.checks.exit_plan_words import is_placeholder
from conformance.plugin import Document, Evidence, Finding, Json, NoData, NotJudgeable

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_QUOTED = 80


@dataclass(frozen=True)
class ExitPlan:
    """A supplier's exit plan as it was read. `at` finds the values at a path; nothing here trusts their types."""

    document: Document
    value: dict[str, Any]

    def at(self, path: str) -> list[tuple[str, Json]]:
        """Each value at a path such as `costs.items.*.unitPrice`, with its exact place; `*` is every item."""
        places: list[tuple[str, Json]] = [("", self.value)]
        for part in path.split("."):
            found: list[tuple[str, Json]] = []
            for place, value in places:
                found += _below(place, value, part)
            places = found
        return places

    def one(self, path: str) -> Json:
        """The value at a path without `*`; None where it is absent."""
        return next((value for _, value in self.at(path)), None)

    def rows(self, path: str) -> list[tuple[str, dict[str, Any]]]:
        """The objects in the list at a path, each with its place."""
        return [(place, value) for place, value in self.at(f"{path}.*") if isinstance(value, dict)]

    def date(self, path: str) -> dt.date | None:
        """The calendar date at a path; None where there is no valid one."""
        return date_of(self.one(path))

    def amount(self, path: str) -> Decimal | None:
        """The amount of money at a path; None where there is none that can be reckoned with."""
        return amount_of(self.one(path))

    def finding(self, text: str) -> Finding:
        """A sentence about the plan."""
        return self.document.finding(text)


def read_plan(evidence: Evidence) -> ExitPlan:
    """The exit plan in this evidence. Raises NoData where the supplier gave none that can be read."""
    document = evidence.document("exit-plan")
    if document is None or document.problem or document.body is None:
        raise NoData("no exit plan was given, so there is nothing that could be judged")
    value = document.json_or_none()
    if not isinstance(value, dict):
        raise NoData("the exit plan could not be read, so nothing in it could be judged")
    return ExitPlan(document, value)


def date_of(value: Json) -> dt.date | None:
    """The calendar date that a text states; None where it states none."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def amount_of(value: Json) -> Decimal | None:
    """The amount of money that a text states; None where it states none."""
    try:
        return amount(value)
    except NoMoney:
        return None


def duration_of(value: Json) -> Duration | None:
    """The duration that a text states; None where it states none."""
    try:
        return duration(value)
    except NoDuration:
        return None


def limit(text: str) -> Duration:
    """A limit from the profile. Raises NotJudgeable where it is no duration: that is the profile's mistake."""
    try:
        return duration(text)
    except NoDuration as error:
        raise NotJudgeable(f"the profile's limit {text!r} cannot be used: {error}") from None


def ends(length: str, start: dt.date) -> dt.date:
    """The day on which a limit of the profile ends that begins on `start`; the last one where the calendar ends."""
    try:
        return limit(length).after(start)
    except (ValueError, OverflowError):
        return dt.date.max


def length_problem(stated: Json, *, at_most: str = "", at_least: str = "") -> str:
    """Why a stated duration breaks a limit, as the end of a sentence; empty where it keeps it.

    Durations are compared over every start day of a four-year cycle. Raises NotJudgeable where it depends on
    the start day whether the limit is kept: that is neither a pass nor a fail.
    """
    try:
        length = duration(stated)
    except NoDuration as error:
        return f"is {quoted(stated)}: {error}"
    for bound, upper in ((at_most, True), (at_least, False)):
        if not bound:
            continue
        compared = compare(length, limit(bound)) if upper else compare(limit(bound), length)
        if compared.never:
            return f"is {quoted(stated)}, which is always {'longer' if upper else 'shorter'} than {bound}"
        if not compared.always:
            raise NotJudgeable(
                f"whether {stated} keeps the limit of {bound} depends on the start date: it does from "
                f"{compared.first_no_longer}, and does not from {compared.first_longer} "
                f"({compared.longer} of the {compared.longer + compared.no_longer} days of a four-year cycle)"
            )
    return ""


def everything(value: Json) -> Iterator[tuple[str, Json]]:
    """Each value that is no list and no object, with its place, in order; however deep it lies."""
    waiting: list[tuple[str, Json]] = [("", value)]
    while waiting:
        place, item = waiting.pop()
        if isinstance(item, dict):
            waiting += [(f"{place}.{name}" if place else name, each) for name, each in reversed(item.items())]
        elif isinstance(item, list):
            waiting += [(f"{place}[{index}]", item[index]) for index in reversed(range(len(item)))]
        else:
            yield place, item


def says_something(value: Json) -> bool:
    """Whether a value is there, not empty and no mere placeholder; False and 0 say something."""
    if isinstance(value, str):
        return not is_placeholder(value)
    if isinstance(value, list):
        return any(says_something(item) for item in value)
    return value is not None and value != {}


def quoted(value: Json) -> str:
    """A value of the plan as it may be shown in a sentence: as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _below(place: str, value: Json, part: str) -> Iterator[tuple[str, Json]]:
    if part == "*":
        if isinstance(value, list):
            yield from ((f"{place}[{index}]", item) for index, item in enumerate(value))
    elif isinstance(value, dict) and part in value:
        yield (f"{place}.{part}" if place else part), value[part]
