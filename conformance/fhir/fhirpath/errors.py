"""Every way in which a FHIRPath expression can fail.

```
UsageError
└── FhirPathError              an expression cannot be used as it stands
    ├── ExpressionSyntaxError     it is no FHIRPath: message and place
    ├── SemanticError             it can never give anything on this type (`check` only)
    ├── EvaluationError           it failed on these data
    │   └── StepLimit             it took too long, went too deep or made too much
    └── Undecided                 what would answer it (a server, another resource) is not at hand
```
"""

from conformance.errors import UsageError


class FhirPathError(UsageError):
    """An expression that cannot be used as it stands."""


class ExpressionSyntaxError(FhirPathError):
    """The text is not a FHIRPath expression.

    `offset` counts characters from 0; `line` and `column` count from 1 and stand in the message.
    """

    def __init__(self, message: str, text: str, offset: int) -> None:
        self.offset = min(offset, len(text))
        before = text[: self.offset]
        self.line = before.count("\n") + 1
        self.column = self.offset - (before.rfind("\n") + 1) + 1
        shown = " ".join(text.split())
        shown = shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"
        super().__init__(
            f"not FHIRPath, line {self.line} column {self.column}: {message} (in: {shown})",
            hint="The grammar stands at http://hl7.org/fhirpath/N1/grammar.html.",
        )


class SemanticError(FhirPathError):
    """The expression is FHIRPath, but can never find what it names on the type it is meant for."""


class EvaluationError(FhirPathError):
    """The expression failed on these data: several items where one is needed, types that do not fit."""


class StepLimit(EvaluationError):
    """The evaluation was ended because it took too many steps, too much time, or went too deep."""


class Undecided(FhirPathError):
    """The answer needs something that is not at hand (a terminology server, the target of a reference)."""


SHOWN = 120
"""How much of an expression a message shows."""
