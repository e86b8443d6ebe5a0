"""What is true during one evaluation: the context, the variables, how much more may be done."""

from collections.abc import Callable, Mapping
from datetime import datetime

from conformance.fhir.fhirpath.errors import StepLimit
from conformance.fhir.fhirpath.nodes import Items, Node
from conformance.fhir.fhirpath.services import Services
from conformance.fhir.fhirpath.shapes import Model

DEFAULT_LIMIT = 2_000_000
"""How many items an evaluation may visit."""

LONGEST_TEXT = 10_000_000
"""How many characters a text may grow to."""


CHARACTERS_A_STEP = 10
"""Making or reading so many characters costs as much as visiting one item."""


class Env:
    """One evaluation. `this`, `index` and `total` change while it goes into lambdas and comes back."""

    __slots__ = ("context", "index", "model", "moment", "services", "steps", "this", "total", "variables")

    def __init__(
        self,
        context: Items,
        model: Model | None,
        services: Services,
        variables: Mapping[str, Items],
        steps: int,
    ) -> None:
        self.this = context
        self.context = context
        self.model = model
        self.services = services
        self.variables = variables
        self.steps = steps
        self.index: int | None = None
        self.total: Items = ()
        self.moment: datetime | None = None

    def spend(self, steps: int) -> None:
        """Count work done. Raises StepLimit when all that was allowed is used up."""
        self.steps -= steps
        if self.steps < 0:
            raise StepLimit("the expression takes too many steps on these data")

    def spend_text(self, length: int) -> None:
        """Count a text of so many characters that is to be made. Raises StepLimit where it would be too long."""
        if length > LONGEST_TEXT:
            raise StepLimit(f"a text grew beyond {LONGEST_TEXT:,} characters")
        self.spend(length // CHARACTERS_A_STEP)

    def now(self) -> datetime:
        """The time of this evaluation: the same however often it is asked."""
        if self.moment is None:
            self.moment = self.services.now()
        return self.moment

    def node(self) -> Node | None:
        """The node that the evaluation started at, where it started at one."""
        first = self.context[0] if self.context else None
        return first if isinstance(first, Node) else None


Expr = Callable[[Env], Items]
"""A compiled expression: from an environment to a collection."""

Step = Callable[[Env, Items], Items]
"""A compiled step of a path: from what stands before it to what it gives."""

TRUE: Items = (True,)
FALSE: Items = (False,)
EMPTY: Items = ()


def boolean(value: bool | None) -> Items:  # noqa: FBT001 - the value is what it is about
    """A truth value as a collection."""
    return EMPTY if value is None else TRUE if value else FALSE
