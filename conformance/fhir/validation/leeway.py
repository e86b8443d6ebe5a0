"""`Leeway`: what whoever runs the validator lets stand though FHIR forbids it, or refuses though FHIR lets it stand.

FHIR's text decides where nobody says otherwise. Each switch is one that projects use in practice: test data with
made-up urls, files with comments, records in which every extension must be documented.
"""

from dataclasses import dataclass
from enum import StrEnum

from conformance.fhir.validation.issues import Severity

__all__ = ["AS_FHIR_SAYS", "Allowed", "Leeway", "Refused"]


class Allowed(StrEnum):
    """What is an error by FHIR, and may be let stand."""

    EXAMPLE_URLS = "example-urls"
    """Extensions whose url is below example.org, example.com or example.net."""

    JSON_COMMENTS = "json-comments"
    """`//` and `/* */` in JSON."""


class Refused(StrEnum):
    """What is no error by FHIR, and may be made one."""

    HTML_IN_MARKDOWN = "html-in-markdown"
    """HTML tags in markdown that are not escaped."""

    WRONG_DISPLAYS = "wrong-displays"
    """A display by which the loaded code system does not call the code."""

    UNKNOWN_EXTENSIONS = "unknown-extensions"
    """Extensions, modifying or not, that no loaded package defines."""

    UNKNOWN_MODIFIERS = "unknown-modifiers"
    """Modifier extensions that no loaded package defines."""


@dataclass(frozen=True, slots=True)
class Leeway:
    """What is allowed and what is refused beyond FHIR's own text."""

    allowed: frozenset[Allowed] = frozenset()
    refused: frozenset[Refused] = frozenset()

    def allows(self, what: Allowed) -> bool:
        """Whether it may stand."""
        return what in self.allowed

    def refuses(self, what: Refused) -> bool:
        """Whether it is an error."""
        return what in self.refused

    def severity(self, what: Refused) -> Severity:
        """Error where it is refused, else warning."""
        return Severity.ERROR if self.refuses(what) else Severity.WARNING


AS_FHIR_SAYS = Leeway()
