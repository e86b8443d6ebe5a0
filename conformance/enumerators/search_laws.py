"""Searches that must agree with one another: alternatives, conjunctions, complements, parts of a whole, chains."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal
from urllib.parse import quote

from conformance.analysis.samples import samples
from conformance.analysis.search_chains import Link, chained, links, reversed_
from conformance.analysis.search_rows import Field, both, either, together, trial
from conformance.enumerators.search import NO_VALUE, UNKNOWN, SearchRow, declared_fields
from conformance.fhir.capability import combinations
from conformance.plugin import Evidence, NoData, NotApplicable, Row, enumerator

TWO = "too few different values were seen in the resources that were sampled"
NO_LINK = "no reference to another sampled resource was seen"


@dataclass(frozen=True)
class LawRow(Row):
    """Searches of one type: `one`, `two`, `both` together, and of the `whole`; `matching` must be found by `both`."""

    resource: str = ""
    by: str = ""
    one: str = ""
    two: str = ""
    both: str = ""
    whole: str = ""
    matching: list[str] = field(default_factory=list)
    other: str = ""


@dataclass(frozen=True)
class ChainRow(Row):
    """A search across references, and the search of the other type that says which resources are meant."""

    resource: str = ""
    by: str = ""
    query: str = ""
    other_type: str = ""
    inner: str = ""
    matching: list[str] = field(default_factory=list)


@enumerator("search-combination")
def search_combinations(
    evidence: Evidence, choice: int, *, how: Literal["or", "and", "together"], kinds: list[str] | None = None
) -> Iterator[LawRow]:
    """Two searches and both together: two values of one parameter (`or`), two parameters of one type (`and`).

    `together` takes the parameters that the target says it takes in combination only: `both` is a search by all that
    such a combination requires. The parameters that all types have (`_id` and its like) are left out.
    """
    if how == "together":
        yield from _declared_combinations(evidence, choice)
        return
    found = [one for one in declared_fields(evidence, kinds=kinds) if "._" not in one.key]
    if not found:
        raise NotApplicable("the target declares no such search parameter")
    if how == "or":
        for one in found:
            if isinstance(one, SearchRow):
                yield LawRow(key=one.key, lacking=one.lacking)
                continue
            made = either(one, choice)
            yield (
                LawRow(key=one.key, lacking=TWO)
                if made is None
                else LawRow(one.key, "", one.resource, **made)
            )
        return
    fields = [one for one in found if isinstance(one, Field)]
    for resource, group in groupby(fields, lambda one: one.resource):
        made = both(list(group), choice)
        yield LawRow(key=resource, lacking=TWO) if made is None else LawRow(resource, "", resource, **made)


def _declared_combinations(evidence: Evidence, choice: int) -> Iterator[LawRow]:
    statement = evidence.capability_statement or {}
    fields = [one for one in declared_fields(evidence, together=True) if isinstance(one, Field)]
    by_type = {name: list(group) for name, group in groupby(fields, lambda one: one.resource)}
    found = sorted(
        {
            (kind, names)
            for kind in by_type
            for one in combinations(statement, kind)
            if len(names := tuple(sorted(set(one.required)))) > 1
        }
    )
    if not found:
        raise NotApplicable("the target declares no search parameters that it takes together only")
    for kind, names in found:
        named = {one.parameter.name: one for one in by_type[kind]}
        key = f"{kind}.{'+'.join(quote(name, safe='') for name in names)}"
        if not set(names) <= named.keys():
            yield LawRow(
                key=key, lacking=f"not all of them are search parameters that can be tried: {UNKNOWN}"
            )
            continue
        made = together([named[name] for name in names], choice)
        if made is None:
            yield LawRow(key=key, lacking=NO_VALUE)
        else:
            matching, other = made["matching"], made["other"]
            yield LawRow(
                key, "", kind, by=",".join(names), both=made["query"], matching=matching, other=other
            )


@enumerator("search-by-all")
def searches_by_all(
    evidence: Evidence, choice: int, *, resource: str, names: list[str]
) -> Iterator[SearchRow]:
    """One search of a type by all of these parameters, with values of a resource that has them all."""
    found = {
        one.parameter.name: one
        for one in declared_fields(evidence, resources=[resource], names=names)
        if isinstance(one, Field)
    }
    missing = [name for name in names if name not in found]
    if missing:
        raise NotApplicable(f"the target declares no search of {resource} by {', '.join(missing)}")
    made = together([found[name] for name in names], choice)
    by, key = ",".join(names), f"{resource}.{'+'.join(names)}"
    if made is None:
        yield SearchRow(key=key, lacking=NO_VALUE)
    else:
        yield SearchRow(key=key, resource=resource, by=by, **made)


@enumerator("search-complement")
def search_complements(
    evidence: Evidence, choice: int, *, how: Literal["missing", "not", "date"], kinds: list[str] | None = None
) -> Iterator[LawRow]:
    """Searches that divide a whole between them.

    `missing`: those without and those with a value are all. `not`: those with a code and those without it are all.
    `date`: those from a date on and those before it, less those in both, are all that have a date. The parameters
    that all types have (`_id` and its like) are left out, and so are those of which each resource has a value, where
    there are others.
    """
    wanted = {"date": ["date"], "not": ["token"]}.get(how, kinds)
    found = False
    full: list[LawRow] = []
    partial = False
    for one in declared_fields(evidence, kinds=wanted):
        if "._" in one.key:
            continue
        found = True
        if isinstance(one, SearchRow):
            yield LawRow(key=one.key, lacking=one.lacking)
        elif one.parameter.type != "composite":
            row = _complement(one, how, choice)
            if row.lacking or any(not held for _, held, _ in one.rows):
                partial = partial or not row.lacking
                yield row
            else:
                full.append(row)
    if not partial:
        yield from full
    if not found:
        raise NotApplicable("the target declares no such search parameter")


@enumerator("chained-search")
def chained_searches(evidence: Evidence, choice: int, *, reverse: bool = False) -> Iterator[ChainRow]:
    """A search across each reference of which the target is sampled as well.

    Chained: resources that refer to one with a value (`subject:Patient.family=x`). With `reverse`: resources to which
    one with a value refers (`_has:Observation:subject:code=x`).
    """
    declared = declared_fields(evidence, kinds=["reference", "token", "string", "date"])
    fields = [one for one in declared if isinstance(one, Field)]
    by_type = {name: list(group) for name, group in groupby(fields, lambda one: one.resource)}
    references = [one for one in fields if one.parameter.type == "reference"]
    if not references:
        untried = [
            one.lacking
            for one in declared_fields(evidence, kinds=["reference"])
            if isinstance(one, SearchRow)
        ]
        if untried:
            raise NoData(f"no search by a reference can be tried, since {untried[0]}")
        raise NotApplicable("the target declares no search by a reference")
    held = samples(evidence.discovery)
    for one in references:
        if not reverse:
            yield _chain_row(one.key, one.resource, one, chained(one, by_type, choice))
            continue
        for kind in sorted({target.partition("/")[0] for _, target in links(one)} & by_type.keys()):
            link = reversed_(one, by_type[one.resource], held.of(kind), choice)
            yield _chain_row(f"{kind}._has:{one.resource}:{one.parameter.name}", kind, one, link)


def _complement(one: Field, how: str, choice: int) -> LawRow:
    name = one.parameter.name
    if how == "missing":
        row = LawRow(one.key, "", one.resource, name, f"{name}:missing=true", f"{name}:missing=false")
        return row if any(held for _, held, _ in one.rows) else LawRow(key=one.key, lacking=NO_VALUE)
    made = trial(one, "ge" if how == "date" else "plain", choice)
    if made is None:
        return LawRow(key=one.key, lacking=NO_VALUE)
    if how == "not":
        return LawRow(
            one.key, "", one.resource, name, made.query, f"{name}:not={made.query.partition('=')[2]}"
        )
    before = made.query.replace("=ge", "=lt", 1)
    return LawRow(
        one.key,
        "",
        one.resource,
        name,
        one=made.query,
        two=before,
        both=f"{made.query}&{before}",
        whole=f"{name}:missing=false",
    )


def _chain_row(key: str, resource: str, one: Field, link: Link | None) -> ChainRow:
    if link is None or not link.matching:
        return ChainRow(key=key, lacking=NO_LINK)
    by = one.parameter.name
    return ChainRow(key, "", resource, by, link.query, link.other_type, link.inner, list(link.matching))
