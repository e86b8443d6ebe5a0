"""Sets of resources that are known from discovery, so that what a search must find is known too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from conformance.analysis.samples import Samples, samples
from conformance.analysis.search_values import held, referred
from conformance.enumerators.sparing import spared
from conformance.fhir.capability import COMPARTMENTS, compartments, search_parameters, searchable_types
from conformance.fhir.elements import Resource, as_text
from conformance.fhir.search.parameters import published
from conformance.plugin import Evidence, NoData, NotApplicable, NotJudgeable, Row, enumerator

SIZE = 6
TOO_FEW = "fewer resources of the type were seen in discovery than such a search needs"
META = ("_lastUpdated", "_profile", "_security", "_tag")
ALWAYS, NEVER = "ge1900-01-01", {"_lastUpdated": "lt1900-01-01", "_profile": "urn:htest:none"}
PATIENTS = "patient"


@dataclass(frozen=True)
class SetRow(Row):
    """Some resources of a type by their ids, joined by commas as a search for all of them states them.

    `some` are about half of them, `others` the rest and one of `some`, which is `shared`; `id` is one of them, `source`
    that as `Type/id`. `foreign` is the id of a resource of another type; empty where none was seen.
    """

    resource: str = ""
    ids: str = ""
    some: str = ""
    others: str = ""
    shared: str = ""
    foreign: str = ""
    id: str = ""
    source: str = ""


@dataclass(frozen=True)
class CriterionRow(SetRow):
    """The same with a criterion on `meta`, as it stands in an address, and one that nothing meets.

    `matching` are the ids of those that meet the first.
    """

    criterion: str = ""
    excluding: str = ""
    matching: str = ""


@dataclass(frozen=True)
class CompartmentRow(Row):
    """A type with resources about one patient; `source` is one of them, `by` the parameter that finds them."""

    resource: str = ""
    patient: str = ""
    by: str = ""
    source: str = ""


@enumerator("known-set", alike=True)
def known_sets(  # noqa: PLR0913 - what sets tests need
    evidence: Evidence,
    choice: int,
    *,
    least: int = 3,
    most: int = SIZE,
    having: str = "",
    optional: bool = False,
    only: list[str] | None = None,
    enough: int = 0,
) -> Iterator[SetRow]:
    """A few known resources of each type that the target declares as searchable.

    There are at least `least` of a type and at most `most`, spread over the sample. `having` takes only those with
    that top-level element; where that is `optional`, the test does not apply to a target of whose resources none has
    it. `only` leaves out other types, `enough` all but so many types. Which ones is the same
    for all tests of a suite: they share their searches.
    """
    if optional:
        _require_seen(evidence, having)
    yield from spared(_known_sets(evidence, least, most, having, only), enough, choice)


def _require_seen(evidence: Evidence, having: str) -> None:
    """Raises NotApplicable where resources were seen, and none has this top-level element."""
    seen, kinds = _searchable(evidence)
    found = [resource for kind in kinds for resource in seen.of(kind)]
    if found and not any(having in resource for resource in found):
        raise NotApplicable(f"none of the {len(found)} resources that were sampled has {having}")


def _known_sets(
    evidence: Evidence, least: int, most: int, having: str, only: list[str] | None
) -> Iterator[SetRow]:
    seen, kinds = _searchable(evidence)
    for kind in kinds:
        if only is None or kind in only:
            found = [r for r in seen.of(kind) if not having or having in r]
            if len(found) < least:
                yield SetRow(key=kind, lacking=TOO_FEW)
            else:
                yield SetRow(**_set(kind, found, least, most), foreign=_foreign(seen, kind))


@enumerator("meta-criterion")
def meta_criteria(
    evidence: Evidence, choice: int, *, names: list[str] | None = None
) -> Iterator[CriterionRow]:
    """Each declared search parameter on `meta` (`_tag`, `_lastUpdated` …) of each type whose resources have it."""
    seen, kinds = _searchable(evidence)
    statement = evidence.capability_statement or {}
    by_kind = {kind: sorted(set(names or META) & set(search_parameters(statement, kind))) for kind in kinds}
    if not any(by_kind.values()):
        raise NotApplicable("the target declares no search parameter on metadata")
    for kind, declared in by_kind.items():
        for name in declared:
            found = seen.of(kind)[:SIZE]
            texts = {str(resource["id"]): _texts(resource, name) for resource in found}
            values = sorted({text for each in texts.values() for text in each})
            if len(found) < 2 or not values:  # noqa: PLR2004 - one alone shows nothing of a combination
                said = f"too few resources were seen with a value for {name}"
                yield CriterionRow(key=f"{kind}.{name}", lacking=said)
                continue
            value = values[choice % len(values)]
            made = _set(kind, found, 1, SIZE) | {"key": f"{kind}.{name}"}
            yield CriterionRow(
                **made,
                criterion=urlencode({name: value}),
                excluding=urlencode({name: NEVER.get(name, "urn:htest:none|htest-none")}),
                matching=",".join(identity for identity, each in texts.items() if value in each),
            )


@enumerator("compartment")
def patient_compartment(evidence: Evidence, choice: int) -> Iterator[CompartmentRow]:
    """Each searchable type with resources about a patient, where the target declares the patients' compartment."""
    seen, kinds = _searchable(evidence)
    statement = evidence.capability_statement or {}
    if f"{COMPARTMENTS}{PATIENTS}" not in compartments(statement):
        raise NotApplicable("the target declares no search of a patient's compartment")
    for kind in kinds:
        if PATIENTS not in search_parameters(statement, kind) or published(kind, PATIENTS) is None:
            continue
        about = [
            (identity, str(resource["id"])) for resource in seen.of(kind) for identity in _patients(resource)
        ]
        if not about:
            yield CompartmentRow(
                key=kind, lacking="no resource of the type was seen that refers to a patient"
            )
            continue
        patient, identity = about[choice % len(about)]
        yield CompartmentRow(
            key=kind, resource=kind, patient=patient, by=PATIENTS, source=f"{kind}/{identity}"
        )


def _searchable(evidence: Evidence) -> tuple[Samples, list[str]]:
    statement = evidence.capability_statement
    if statement is None:
        raise NoData("the target gives no capability statement, so it is not known what it declares")
    kinds = searchable_types(statement)
    if not kinds:
        raise NotApplicable("the target declares no type that can be searched")
    return samples(evidence.discovery), kinds


def _foreign(seen: Samples, kind: str) -> str:
    """An id of another type that is none of this type, as far as was seen."""
    own = {resource["id"] for resource in seen.of(kind)}
    others = (str(r["id"]) for other in seen.types if other != kind for r in seen.of(other))
    return next((identity for identity in others if identity not in own), "")


def _set(kind: str, found: Sequence[Resource], least: int, most: int) -> dict[str, str]:
    every = [str(resource["id"]) for resource in found]
    number = max(least, min(most, len(every)))
    ids = [every[place * len(every) // number] for place in range(number)]
    half = (len(ids) + 1) // 2
    some, others = ids[:half], ids[half - 1 :]
    return {
        "key": kind,
        "resource": kind,
        "ids": ",".join(ids),
        "some": ",".join(some),
        "others": ",".join(others),
        "shared": ids[half - 1],
        "id": ids[0],
        "source": f"{kind}/{ids[0]}",
    }


def _texts(resource: Resource, name: str) -> list[str]:
    """The values of a resource in the form in which a search states them; of every instant, that it is not long ago."""
    try:
        if name == "_lastUpdated":
            return [ALWAYS] if held(resource, name) else []
        # A version behind a bar may be read as part of the canonical or as a criterion of its own.
        unclear = ",|" if name == "_profile" else ","
        found = [text for value in held(resource, name) for text in as_text(value)]
        return [text for text in found if not set(unclear) & set(text)]
    except NotJudgeable:
        return []


def _patients(resource: Resource) -> list[str]:
    return [r.partition("/")[2] for r in referred(resource, PATIENTS, "Patient")]
