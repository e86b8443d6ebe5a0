"""Generators for exports: what to do with a job, and what to ask for."""

from typing import Any

from conformance.fhir.export_actions import ACTIONS
from conformance.plugin import generator

SOME_TYPES = ("Patient", "Encounter", "Condition", "Location", "Organization", "Practitioner")
SOME_ELEMENTS = (
    "identifier",
    "Patient.birthDate",
    "Encounter.period",
    "Condition.onsetDateTime",
    "Patient.name",
)
SOME_FILTERS = ("Patient?gender=female", "Patient?gender=male", "Encounter?status=finished")
SOME_MOMENTS = (
    "2000-01-01T00:00:00Z",
    "2015-06-30T12:00:00Z",
    "2020-02-29T23:59:59.999Z",
    "2024-01-01T00:00:00+01:00",
)


@generator("export-actions")
def export_actions(*, least: int = 3, most: int = 7) -> Any:
    """A sequence of what is done with one export job: `poll`, `wait`, `download` and `cancel` in any order."""
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    return st.lists(st.sampled_from(ACTIONS), min_size=least, max_size=most)


@generator("export-parameters")
def export_parameters() -> Any:
    """Parameters of a kick-off that may be combined: some types, perhaps a moment, elements and a filter."""
    from hypothesis import strategies as st  # noqa: PLC0415 - needed when a suite is planned only

    types = st.lists(st.sampled_from(SOME_TYPES), min_size=1, max_size=3, unique=True).map(sorted)
    optional = {
        "_since": st.sampled_from(SOME_MOMENTS),
        "_elements": st.lists(st.sampled_from(SOME_ELEMENTS), min_size=1, max_size=2, unique=True).map(
            ",".join
        ),
        "_typeFilter": st.sampled_from(SOME_FILTERS),
    }
    return st.fixed_dictionaries({"_type": types.map(",".join)}, optional=optional).filter(
        _filters_what_it_asks_for
    )


def _filters_what_it_asks_for(parameters: dict[str, Any]) -> bool:
    """A filter restricts one of the types; and two restrictions at least are worth an export."""
    wanted = parameters.get("_typeFilter", "").partition("?")[0]
    return len(parameters) > 1 and (not wanted or wanted in parameters["_type"].split(","))
