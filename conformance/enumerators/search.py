"""Searches by the parameters that a target declares, with values that its own resources hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.analysis.samples import samples
from conformance.analysis.search_rows import MISSING, Field, Trial, declared, fields, trial, types
from conformance.enumerators.sparing import once
from conformance.fhir.capability import is_searchable_alone
from conformance.fhir.search.forms import FORMS
from conformance.plugin import Evidence, NoData, NotApplicable, Row, enumerator

UNKNOWN = "its definition is not one that is published for R4"
COMBINED = "the target says that it searches the type by this parameter together with others only"
OWN_MEANING = "what its values mean is particular to it"
NO_VALUE = "no value for it was seen in the resources that were sampled"

SEARCHED = frozenset({*FORMS, "composite"})
"""The kinds of parameters that a search can be made up for: not `special`, such as `near` of locations."""


@dataclass(frozen=True)
class SearchRow(Row):
    """One search: see the enumerator's description."""

    resource: str = ""
    by: str = ""
    kind: str = ""
    query: str = ""
    control: str = ""
    source: str = ""
    matching: list[str] = field(default_factory=list)
    other: str = ""


@enumerator("search-parameter")
def search_parameters(  # noqa: PLR0913 - what to take is told in this many ways
    evidence: Evidence,
    choice: int,
    *,
    kinds: list[str] | None = None,
    forms: list[str] | None = None,
    resources: list[str] | None = None,
    names: list[str] | None = None,
    without: list[str] | None = None,
) -> Iterator[SearchRow]:
    """Each search parameter that the target declares, with a search by a value that its resources hold.

    `kinds` (token, string, date, number, quantity, reference, uri, composite), `resources` and `names` take some of
    them, `without` leaves some out by name. `forms` says how to search for the value (by default `plain`, as it is
    held); a form that a value does not have is passed over. A row gives `query`, the type's search ready to send;
    `source`, the resource with the value; `matching`, sampled resources that must be found; `other`, one that must
    not; and `control`, for a query that is to find nothing, one that finds the source.
    """
    asked = tuple(forms or ("plain",))
    found = False
    for one in declared_fields(evidence, kinds=kinds, resources=resources, names=names, without=without):
        found = True
        if isinstance(one, SearchRow):
            yield one
            continue
        of_kind = {*FORMS.get(one.parameter.type, ("plain", "crossed")), *MISSING}
        made = [(form, trial(one, form, choice)) for form in asked if form in of_kind]
        for form, each in made:
            if each is not None:
                yield _row(one, each, f"{one.key}:{form}" if len(asked) > 1 else one.key)
        if all(each is None for _, each in made):
            yield SearchRow(key=one.key, lacking=NO_VALUE)
    if not found:
        raise NotApplicable("the target declares no such search parameter")


def declared_fields(
    evidence: Evidence,
    *,
    kinds: list[str] | None = None,
    resources: list[str] | None = None,
    names: list[str] | None = None,
    without: list[str] | None = None,
    together: bool = False,
) -> Iterator[Field | SearchRow]:
    """The declared parameters with their values; a row that says why, where one cannot be tried.

    One that the target takes in combination with others only cannot be, unless it is to be tried `together` with them.
    Raises NoData where the target gives no capability statement.
    """
    if evidence.capability_statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    for resource, name, kind, alone, one in once(evidence, "declared searches", lambda: _declared(evidence)):
        wanted = (
            (not resources or resource in resources)
            and (not kinds or kind in kinds)
            and (not names or name in names)
        )
        if wanted and name not in (without or ()):
            usable = together or alone or isinstance(one, SearchRow)
            yield one if usable else SearchRow(key=f"{resource}.{name}", lacking=COMBINED)


def _declared(evidence: Evidence) -> Iterator[tuple[str, str, str, bool, Field | SearchRow]]:
    """Each declared parameter by type, name and kind, and whether the target says that it goes alone."""
    statement = evidence.capability_statement or {}
    for resource in types(statement):
        for name, kind, known in declared(statement, resource):
            key = f"{resource}.{name}"
            one: Field | SearchRow
            if known is None:
                one = SearchRow(key=key, lacking=UNKNOWN)
            elif kind not in SEARCHED:
                one = SearchRow(key=key, lacking=OWN_MEANING)
            else:
                one = fields(evidence, samples(evidence.discovery).of(resource), known, resource)
            yield resource, name, kind, is_searchable_alone(statement, resource, name), one


def _row(one: Field, each: Trial, key: str) -> SearchRow:
    return SearchRow(
        key=key,
        resource=one.resource,
        by=one.parameter.name,
        kind=one.parameter.type,
        query=each.query,
        control=each.control,
        source=each.source,
        matching=list(each.matching),
        other=each.other,
    )
