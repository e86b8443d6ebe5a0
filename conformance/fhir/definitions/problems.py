"""What can be wrong with definitions: one clear message that names what, where and how to mend it."""

from conformance.errors import UsageError


class DefinitionProblem(UsageError):
    """A definition that cannot be used: broken, contradictory, or built on something that is not loaded.

    `structure` is the canonical that is concerned, `element` the id of the element where one is; `where` the file
    or package it was read from. All may be empty.
    """

    def __init__(
        self, message: str, *, structure: str = "", element: str = "", where: str = "", hint: str = ""
    ) -> None:
        subject = (
            element if element and not structure else f"{structure} ({element})" if element else structure
        )
        place = f" [{where}]" if where else ""
        super().__init__(f"{subject}: {message}{place}" if subject else f"{message}{place}", hint=hint)
        self.reason = message
        self.structure = structure
        self.element = element
        self.where = where
