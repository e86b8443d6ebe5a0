"""*How locked in are you?*: the measurements of a report in groups, with what is needed to draw them.

Nothing is added up here: a picture shows one number or the parts of one number, and the number stands beside it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import cast

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from conformance.model.measurement import Measurement
from conformance.views.text import one_line, shortened

TITLE = "How locked in are you?"
INTRODUCTION = (
    "Each number is measured from what the product exported and declared, and stands by itself: there is no score. "
    "Its definition says what was counted. Whether a limit is kept is said by the requirements; this says how much."
)
UNKNOWN = "not known"
WIDTH, HEIGHT, BELOW, ABOVE = 640, 200, 24, 22
_GAP = 0.38
_SMALLEST = 0.6
LONGEST = 90


@dataclass(frozen=True)
class Column:
    """One column of a chart, in the units of its viewBox: where it stands, and what is written at it."""

    label: str
    value: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where its texts are centred."""
        return round(self.x + self.width / 2, 1)


def groups(measurements: Iterable[Measurement]) -> dict[str, list[Measurement]]:
    """The measurements by their headings, in their order."""
    found: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        found.setdefault(measurement.group, []).append(measurement)
    return found


def share(measurement: Measurement) -> float | None:
    """How wide a bar of 100 is; None where there is none to draw. What is not nothing can be seen."""
    value = number(measurement.value)
    if measurement.picture != "share" or value is None or not 0 <= value <= 100:  # noqa: PLR2004 - per cent
        return None
    return max(float(value), _SMALLEST) if value else 0.0


def columns(measurement: Measurement) -> tuple[Column, ...]:
    """The columns of a chart of the parts, from zero up; none where it is not to be drawn so."""
    parts = [(part.label, part.value, number(part.value)) for part in measurement.parts]
    if (
        measurement.picture != "columns"
        or not parts
        or any(value is None or value < 0 for *_, value in parts)
    ):
        return ()
    values = [cast("Decimal", value) for *_, value in parts]
    highest = max(values) or Decimal(1)
    step = WIDTH / len(parts)
    room = HEIGHT - ABOVE - BELOW
    return tuple(
        Column(
            label=label,
            value=spoken(text),
            x=round(index * step + step * _GAP / 2, 1),
            y=round(HEIGHT - BELOW - float(value / highest) * room, 1),
            width=round(step * (1 - _GAP), 1),
            height=round(float(value / highest) * room, 1),
        )
        for index, ((label, text, _), value) in enumerate(zip(parts, values, strict=True))
    )


def number(text: str) -> Decimal | None:
    """The number that a text states; None where it states none that is finite."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def spoken(text: str) -> str:
    """A number with its thousands apart, as it was written otherwise; what is none stays as it is."""
    value = number(text)
    return text if value is None else f"{value:,}"


def shown(measurement: Measurement) -> str:
    """The number with its unit, in one line."""
    if not measurement.value:
        return UNKNOWN
    unit = measurement.unit
    joined = "" if unit == "%" else " "
    return f"{spoken(measurement.value)}{joined}{unit}"


def table(measurements: Sequence[Measurement], title: str = TITLE) -> RenderableType | None:
    """The numbers for a terminal; None where nothing was measured."""
    if not measurements:
        return None
    return Lines(Text(), Text(title, style="bold"), *_tables(measurements))


def _tables(measurements: Sequence[Measurement]) -> Iterator[RenderableType]:
    for group, members in groups(measurements).items():
        rows = Table.grid(padding=(0, 2))
        rows.add_column(overflow="fold")
        rows.add_column(justify="right", no_wrap=True)
        rows.add_column(style="dim", overflow="fold")
        for each in members:
            note = "indicative; " * each.indicative + one_line(each.note)
            rows.add_row(
                Text(one_line(each.title)), Text(shortened(one_line(shown(each)), LONGEST)), Text(note)
            )
        yield Text(one_line(group), style="dim")
        yield rows
