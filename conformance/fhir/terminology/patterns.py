"""Regular expressions of value set filters, run only where their time surely is bounded.

A value set may come from anywhere, and Python's engine cannot be stopped. So only a plain dialect is run: literals,
classes, groups, alternatives and repetitions, where nothing that is repeated holds a choice or another repetition.
The work of such an expression is a product that can be reckoned before it is run.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<escape>\\.) | (?P<set>\[\^?\]?(?:\\.|[^\\\]])*\]) | (?P<open>\(\?:|\((?!\?)) | (?P<close>\))
      | (?P<choice>\|) | (?P<repeat>[*+?]|\{\d*,?\d*\})\??""",
    re.VERBOSE | re.DOTALL,
)
_REFUSED = re.compile(r"\\[1-9]|\(\?(?!:)|\\[gk]")
_LONGEST_PATTERN = 1000
_MOST_WORK = 20_000_000


@dataclass
class _Group:
    """What an open group holds so far."""

    varies: bool = False


def whole_match(pattern: str, candidates: Collection[str]) -> frozenset[str]:
    """The candidates that the whole pattern matches. Raises ValueError where it cannot be run safely."""
    longest = max(map(len, candidates), default=0)
    work = _work(pattern, longest) * len(candidates)
    if work > _MOST_WORK:
        raise ValueError("it would take too long")
    try:
        matches = re.compile(pattern).fullmatch
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"it is no regular expression ({error})") from error
    return frozenset(candidate for candidate in candidates if matches(candidate))


def _work(pattern: str, longest: int) -> int:
    """At most how many ways there are to read one candidate. Raises ValueError for what is not in the dialect."""
    if len(pattern) > _LONGEST_PATTERN or _REFUSED.search(pattern):
        raise ValueError("it is not in the plain dialect that is run")
    work = 1
    groups = [_Group()]
    closed: _Group | None = None
    place = 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        kind = token.lastgroup if token else None
        ended, closed = closed, None
        if kind == "open":
            groups.append(_Group())
        elif kind == "close" and len(groups) > 1:
            closed = groups.pop()
            groups[-1].varies |= closed.varies
        elif kind == "choice":
            groups[-1].varies = True
            work *= 2
        elif kind == "repeat" and token:
            fewest, most = _times(token["repeat"], longest)
            if ended and ended.varies and most > 1:
                raise ValueError("it repeats what is itself a choice or a repetition")
            if fewest != most:
                groups[-1].varies = True
                work *= most - fewest + 1
        place = token.end() if token else place + 1
    return work * (longest + 1)


def _times(repeat: str, longest: int) -> tuple[int, int]:
    if repeat in "*+?":
        return int(repeat == "+"), 1 if repeat == "?" else max(longest, 2)
    fewest, comma, most = repeat.strip("{}").partition(",")
    if not comma:
        return int(fewest or 0), int(fewest or 0)
    least = int(fewest or 0)
    return least, max(least, min(int(most), longest) if most else longest)
