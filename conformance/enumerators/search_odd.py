"""Searches by values that no resource has, and by values that no parameter can have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from conformance.enumerators.search import SearchRow, declared_fields
from conformance.fhir.search.criteria import query
from conformance.fhir.search.forms import OTHER_SYSTEM
from conformance.plugin import Evidence, NotApplicable, Row, enumerator

ABSENT: Mapping[str, str] = MappingProxyType(
    {
        "token": f"{OTHER_SYSTEM}|htest-none",
        "string": "htestqxzzqxhtest",
        "date": "1066-10-14",
        "number": "987654321.125",
        "quantity": f"987654321.125|{OTHER_SYSTEM}|htest",
        "reference": "Patient/htest-none",
        "uri": "urn:htest:none",
    }
)
"""Values that are lawful and that nothing has, by the kind of parameter."""

INVALID: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "date": {"no-date": "yesterday", "no-month": "2020-13-01", "no-prefix": "zz2020-01-01"},
        "number": {"no-number": "htest", "no-prefix": "zz5"},
        "quantity": {"no-number": "htest", "no-prefix": "zz5", "two-numbers": "5.4.1"},
    }
)
"""Values that the kind of parameter cannot have, by what is wrong with them."""


@dataclass(frozen=True)
class OddRow(Row):
    """A search by a value that nothing has: `query` is ready to send."""

    resource: str = ""
    by: str = ""
    kind: str = ""
    query: str = ""


@enumerator("search-without-match")
def searches_without_match(
    evidence: Evidence,
    choice: int,
    *,
    how: Literal["absent", "invalid", "any"] = "absent",
    kinds: list[str] | None = None,
) -> Iterator[OddRow]:
    """Each declared parameter with a lawful value that nothing has (`absent`), or one that is not lawful (`invalid`).

    With `any` there is no value yet: `query` is empty, and what to search for is drawn. The parameters that all types
    have (`_id` and its like) are left out.
    """
    usable = INVALID if how == "invalid" else ABSENT
    wanted = [kind for kind in kinds or ABSENT if kind in usable]
    rows = [one for one in declared_fields(evidence, kinds=wanted) if "._" not in one.key]
    if not rows:
        raise NotApplicable("the target declares no such search parameter")
    for one in rows:
        if isinstance(one, SearchRow):
            yield OddRow(key=one.key, lacking=one.lacking)
            continue
        name, kind = one.parameter.name, one.parameter.type
        if how == "invalid":
            ways = sorted(INVALID[kind])
            way = ways[(choice + len(one.key)) % len(ways)]
            yield OddRow(
                f"{one.key}:{way}", "", one.resource, name, kind, query([(name, INVALID[kind][way])])
            )
        else:
            absent = f"{one.parameter.target}/htest-none" if kind == "reference" else ABSENT[kind]
            text = query([(name, absent)]) if how == "absent" else ""
            yield OddRow(one.key, "", one.resource, name, kind, text)
