"""`Limits`: what an element allows its values to be, gathered from whichever definition states it."""

from conformance.fhir.definitions.table import Binding, Constraint, Typed

__all__ = ["JUDGED", "Limits", "is_judged"]

JUDGED = frozenset({"required", "extensible"})
"""The strengths of bindings that say which codes are wrong."""


def is_judged(binding: Binding | None) -> bool:
    """Whether a binding says which codes are wrong."""
    return binding is not None and (binding.strength in JUDGED or bool(binding.maximum))


class Limits:
    """The limits that an element sets to its values, whichever definition states them."""

    __slots__ = ("any", "binding", "constraints", "fixed", "max_length", "max_value", "min_value", "pattern")

    def __init__(  # noqa: PLR0913 - an element limits its values in this many ways, all named by the caller
        self,
        *,
        fixed: Typed | None = None,
        pattern: Typed | None = None,
        min_value: Typed | None = None,
        max_value: Typed | None = None,
        max_length: int | None = None,
        binding: Binding | None = None,
        constraints: tuple[Constraint, ...] = (),
    ) -> None:
        self.fixed = fixed
        self.pattern = pattern
        self.min_value = min_value
        self.max_value = max_value
        self.max_length = max_length
        self.binding = binding
        self.constraints = constraints
        self.any = any((fixed, pattern, min_value, max_value, max_length is not None, binding, constraints))
