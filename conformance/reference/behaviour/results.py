"""The seams of what a search gives back: how it is read, and its order, pages, links, parts and includes.

As in `behaviour`, a plain value says what is answered, and a function is given what the honest supplier would use
and returns what is used instead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

Same = TypeVar("Same")
Json = dict[str, Any]
Pairs = Sequence[tuple[str, str]]


def unchanged(value: Same) -> Same:
    """What the honest supplier does with most things."""
    return value


def together(address: Pairs, body: Pairs) -> Pairs:
    """The parameters of a search: those of its address and those of its body mean the same."""
    return [*address, *body]


def first_of_two(value: Same, _: object) -> Same:
    """What the honest supplier has in the first place."""
    return value


@dataclass(frozen=True)
class ReadingBehaviour:
    """How the parameters of a search are taken in, and what the self link says of them.

    `given` makes the parameters that are used of those of the address and of the body; `stated` makes those of the
    self link of what was heeded and what was asked. `refused` is asked about every error of a search.
    """

    given: Callable[[Pairs, Pairs], Pairs] = together
    stated: Callable[[Pairs, Pairs], Pairs] = first_of_two
    lenient_refuses: bool = False
    modifiers_refused: bool = True
    bad_count_refused: bool = True
    empty_refused: bool = False
    named_query_refused: bool = True
    error_status: Callable[[int], int] = unchanged
    errors_are_outcomes: bool = True
    form_parameters_refused: bool = False
    format_refused: bool = False


@dataclass(frozen=True)
class PageBehaviour:
    """Which matches are found and on which page, and what the links lead to.

    `found` gets the keys of all matches and the page size, `links` the relations and the page that each leads to,
    `link` each link as text, `total` the total and the mode that was asked for.
    """

    found: Callable[[list[int], int], list[int]] = first_of_two
    unfiltered_later: bool = False
    first_page_forever: bool = False
    links: Callable[[Mapping[str, int]], Mapping[str, int]] = unchanged
    link: Callable[[str], str] = unchanged
    page_kept: bool = True
    total: Callable[[int | None, str], int | None] = first_of_two
    zero_is_count: bool = True
    flickers: bool = False


@dataclass(frozen=True)
class EntryBehaviour:
    """What stands in an entry.

    `subset` gets a resource that was cut down and the whole one, and says what goes out.
    """

    full_url: Callable[[str], str | None] = unchanged
    mode: Callable[[str], str | None] = unchanged
    shown: Callable[[str, bytes], bytes] = lambda _, text: text
    subset: Callable[[Json, Json], Json] = first_of_two
    entries: Callable[[list[Json]], list[Json]] = unchanged


@dataclass(frozen=True)
class IncludeBehaviour:
    """What is included beside the matches."""

    forward: bool = True
    reverse: bool = True
    iterates: Literal["asked", "always", "never"] = "asked"
    on_later_pages: bool = True
    beyond_scope: bool = False
    unreferenced: bool = False
    of_another: bool = False
    counted: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class OrderBehaviour:
    """The order of the matches."""

    dates_as_text: bool = False
    direction_heeded: bool = True
    keeps_those_without: bool = True


@dataclass(frozen=True)
class ContextBehaviour:
    """Searches of several types and of a compartment."""

    types_heeded: bool = True
    compartment_leaks: bool = False
    compartment_loses: bool = False


@dataclass(frozen=True)
class ResultsBehaviour:
    """How a search is read, put in order, cut into pages and shown."""

    reading: ReadingBehaviour = field(default_factory=ReadingBehaviour)
    pages: PageBehaviour = field(default_factory=PageBehaviour)
    entries: EntryBehaviour = field(default_factory=EntryBehaviour)
    includes: IncludeBehaviour = field(default_factory=IncludeBehaviour)
    order: OrderBehaviour = field(default_factory=OrderBehaviour)
    context: ContextBehaviour = field(default_factory=ContextBehaviour)
