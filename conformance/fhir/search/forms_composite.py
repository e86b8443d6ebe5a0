"""Forms of composite parameters: parts that stand together, and parts that each stand somewhere else."""

from collections.abc import Iterator, Sequence

from conformance.fhir.search.form import Text
from conformance.fhir.search.forms import FORMS
from conformance.fhir.search.held import Held
from conformance.fhir.search.parameters import Known, below, by_url

__all__ = ["composite_texts"]

_FORM_OF_PART = {"quantity": "system-unit"}


def composite_texts(parameter: Known, held: Sequence[Held], form: str, base: str) -> Iterator[Text]:
    """Searches for the parts of one place (`plain`), or of two that do not hold them together (`crossed`)."""
    tuples = [found for place in held if (found := _parts(parameter, place, base))]
    if form == "plain":
        yield from (Text("$".join(found)) for found in tuples)
        return
    for one in tuples:
        for other in tuples:
            crossed = (*one[:-1], other[-1])
            if crossed not in tuples:
                yield Text("$".join(crossed), control="$".join(one))


def _parts(parameter: Known, place: Held, base: str) -> tuple[str, ...]:
    """One value for each component at a place; nothing where one has none."""
    found: list[str] = []
    for component in parameter.definition.component:
        definition = by_url(component.definition)
        kind = definition.type if definition else ""
        make = FORMS.get(kind, {}).get(_FORM_OF_PART.get(kind, "plain"))
        values, _ = below(place, component.expression)
        text = next((text for value in values for text in make(value, base)), None) if make else None
        if text is None:
            return ()
        found.append(text.value)
    return tuple(found)
