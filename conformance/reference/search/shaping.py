"""What a search asks about its results rather than its criteria: page size, totals, parts, what is included.

See https://hl7.org/fhir/R4/search.html#return.
"""

from dataclasses import dataclass, replace

from conformance.reference.behaviour.results import ReadingBehaviour
from conformance.reference.forms.outcomes import bad_request
from conformance.reference.search.including import Include, include

DEFAULT_COUNT = 100
LARGEST_COUNT = 1_000
_SUMMARIES = ("true", "text", "data", "count", "false")
_TOTALS = ("none", "estimate", "accurate")
_INCLUDES = ("_include", "_include:iterate", "_revinclude", "_revinclude:iterate")
RESULT_PARAMETERS = frozenset({"_count", "_summary", "_total", "_elements", *_INCLUDES})


@dataclass(frozen=True)
class Shape:
    """How the results of a search are to be shown; `summary` and `total` are empty where nothing was asked."""

    count: int = DEFAULT_COUNT
    summary: str = ""
    elements: tuple[str, ...] = ()
    total: str = ""
    includes: tuple[Include, ...] = ()

    @property
    def only_count(self) -> bool:
        """Whether the number of matches is all that is asked for."""
        return self.summary == "count"

    def with_parameter(
        self, resource_type: str, name: str, value: str, behaviour: ReadingBehaviour
    ) -> tuple["Shape", str] | None:
        """The shape with one more parameter, and its value as it is heeded; None for what is not understood.

        Refuses (400) what is malformed.
        """
        if name in _INCLUDES:
            found = include(resource_type, name, value)
            return (replace(self, includes=(*self.includes, found)), value) if found else None
        return getattr(self, f"_with{name}")(value, behaviour)  # type: ignore[no-any-return]

    def _with_count(self, value: str, behaviour: ReadingBehaviour) -> tuple["Shape", str] | None:
        if not (value.isascii() and value.isdigit()):
            if not behaviour.bad_count_refused:
                return self, value
            raise bad_request(f"_count={value}: expected a whole number that is not negative")
        count = min(int(value), LARGEST_COUNT)
        return replace(self, count=count), str(count)

    def _with_summary(self, value: str, _: ReadingBehaviour) -> tuple["Shape", str] | None:
        if value not in _SUMMARIES:
            raise bad_request(f"_summary={value}: expected one of {', '.join(_SUMMARIES)}")
        return replace(self, summary="" if value == "false" else value), value

    def _with_total(self, value: str, _: ReadingBehaviour) -> tuple["Shape", str] | None:
        if value not in _TOTALS:
            raise bad_request(f"_total={value}: expected none, estimate or accurate")
        return replace(self, total=value), value

    def _with_elements(self, value: str, _: ReadingBehaviour) -> tuple["Shape", str] | None:
        names = tuple(name for name in value.split(",") if name)
        return replace(self, elements=(*self.elements, *names)), value
