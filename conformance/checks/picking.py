"""What many checks begin with: which exchanges they are about, and how to quote a server without its excesses."""

from collections.abc import Iterable
from typing import Any

from conformance.plugin import Evidence, Exchange, NoData, NotJudgeable

LONGEST_QUOTE = 80
REFUSED = (401, 403)


def picked(evidence: Evidence, label: str = "") -> tuple[Exchange, ...]:
    """The exchanges with this label, all where none is named. Raises NoData where there is none."""
    found = evidence.labelled(label) if label else evidence.exchanges
    if not found:
        raise NoData(f"nothing was sent under the label {label!r}" if label else "nothing was sent")
    return found


def one(evidence: Evidence, label: str) -> Exchange:
    """The last exchange with this label. Raises NoData where there is none."""
    return picked(evidence, label)[-1]


def permitted(exchange: Exchange) -> Exchange:
    """The exchange. Raises NotJudgeable where the server refused the tester's own credentials."""
    if exchange.status in REFUSED:
        raise NotJudgeable(
            f"{exchange} answered {exchange.status}: the tester's credentials do not permit it"
        )
    return exchange


def quoted(value: Any) -> str:
    """A value of the server's in quotes, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def listed(items: Iterable[str], most: int = 3) -> str:
    """The first of these, and how many more there are."""
    every = list(items)
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")


def alternatives(items: Iterable[object]) -> str:
    """These, as what was expected: `a, b or c`."""
    every = [str(item) for item in items]
    return " or ".join(filter(None, [", ".join(every[:-1]), every[-1]])) if every else "nothing"
