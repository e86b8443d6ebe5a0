"""What a reader asks of whoever signs: how many, in which roles, and, for reports, who may have run the test."""

import re
from collections.abc import Iterable, Sequence

from pydantic import Field

from conformance.model.base import Noun
from conformance.model.report import RunnerRole
from conformance.model.roles import TrustRole

REPORT_RULE, RELEASE_RULE = "report", "profile-release"
ACKNOWLEDGEMENT = "acknowledgement"
_NEED = re.compile(
    rf"(?:(?P<count>[1-9][0-9]?) (?:of )?)?(?P<roles>[a-z-]+(?: or [a-z-]+)*?)(?P<reply> {ACKNOWLEDGEMENT})?"
)


class Need(Noun):
    """So many different keys of one of these roles: that signed, or, with `acknowledgement`, that acknowledged."""

    count: int = Field(default=1, ge=1)
    roles: tuple[TrustRole, ...] = Field(min_length=1)
    acknowledgement: bool = False

    def __str__(self) -> str:
        number = f"{self.count} " if self.count > 1 else ""
        return f"{number}{' or '.join(self.roles)}{f' {ACKNOWLEDGEMENT}' if self.acknowledgement else ''}"


class Rule(Noun):
    """What is asked of statements of one kind. `runners` and `max_age_days` are for reports."""

    needs: tuple[Need, ...] = ()
    runners: tuple[RunnerRole, ...] = ()
    max_age_days: int | None = Field(default=None, ge=0)


def need(text: str) -> Need:
    """The need in words: `buyer`, `independent-lab or buyer`, `2 standards-body`, `supplier acknowledgement`.

    Raises ValueError.
    """
    found = _NEED.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r} is no need, such as 'independent-lab or buyer', '2 standards-body' or 'supplier acknowledgement'"
        )
    names = found["roles"].split(" or ")
    if unknown := [name for name in names if name not in set(TrustRole)]:
        raise ValueError(f"there is no role {unknown[0]!r}; there are {', '.join(TrustRole)}")
    return Need(
        count=int(found["count"] or 1),
        roles=tuple(TrustRole(name) for name in names),
        acknowledgement=bool(found["reply"]),
    )


def unmet(
    needs: Iterable[Need],
    signed: Sequence[frozenset[TrustRole]],
    acknowledged: Sequence[frozenset[TrustRole]],
) -> tuple[Need, ...]:
    """The needs that the roles of these keys, one entry a key, do not meet.

    A key counts for one place only, so that nobody who holds two roles stands for two people.
    """
    lacking = []
    for replies, keys in ((False, signed), (True, acknowledged)):
        asked = [each for each in needs if each.acknowledgement is replies]
        places = [each for each in asked for _ in range(each.count)]
        filled = _assigned([set(place.roles) for place in places], keys)
        short = {id(place) for number, place in enumerate(places) if number not in filled}
        lacking += [each for each in asked if id(each) in short]
    return tuple(lacking)


def _assigned(places: Sequence[set[TrustRole]], keys: Sequence[frozenset[TrustRole]]) -> set[int]:
    """The places that can be filled at once, as many as can be (augmenting paths)."""
    holder: dict[int, int] = {}

    def fill(place: int, tried: set[int]) -> bool:
        for key, roles in enumerate(keys):
            if key not in tried and roles & places[place]:
                tried.add(key)
                if key not in holder or fill(holder[key], tried):
                    holder[key] = place
                    return True
        return False

    for place in range(len(places)):
        fill(place, set())
    return set(holder.values())
