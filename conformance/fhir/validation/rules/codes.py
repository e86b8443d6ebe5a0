"""Codes that their own code system does not have, whatever they are bound to, and displays that it does not have.

What decides is the loaded code system, where it says that it lists every code (`content` complete, no supplement, no
grammar of its own), or the syntax of a system whose codes can be told by their form. A Coding that names another
version than the loaded one is left alone. One that names none is judged by the loaded one: the version that a set of
definitions brings is the one that its codes are read by, and a newer package stands before an older one. (R4 brings
the code systems of terminology.hl7.org as they were when it was published; the message names the version, and
loading the newer package settles the matter.)

Source: FHIR R4, https://hl7.org/fhir/R4/datatypes-definitions.html#Coding.code ("a symbol in syntax defined by the
system") and https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.content
"""

from collections.abc import Iterable

from conformance.fhir.validation.issues import Issue, Severity
from conformance.fhir.validation.leeway import Refused
from conformance.fhir.validation.node import Node
from conformance.fhir.validation.rules.reading import first_below, shortened, text_at
from conformance.fhir.validation.scope import Scope

UCUM = "http://unitsofmeasure.org"
MOST_NAMES = 3


def known_to_its_system(node: Node, scope: Scope) -> Iterable[Issue]:
    """A Coding's code is one of its code system."""
    system, code = text_at(node.value, "system"), text_at(node.value, "code")
    if not system or not code or scope.terminology is None:
        return
    problem = scope.terminology.problem(system, code)
    if not problem:
        loaded = scope.definitions.code_system(system)
        if loaded is None or loaded.get("content") != "complete":
            return  # not asked of a server either: each code of a large system would be a question of its own
        if scope.terminology.code_in_system(system, code, text_at(node.value, "version")) is not False:
            return
        version = text_at(loaded, "version")
        problem = f"is no code of it{f' as loaded, version {version}' if version else ''}"
    yield scope.issue(
        first_below(scope, node, "code"),
        "code-unknown-in-system",
        f"the code {shortened(code)!r} of {shortened(system)} {problem}",
        code="code-invalid",
    )


def unit_of_ucum(node: Node, scope: Scope) -> Iterable[Issue]:
    """A Quantity's code in UCUM is a unit of UCUM; a warning, since no rule of FHIR binds every quantity."""
    system, code = text_at(node.value, "system"), text_at(node.value, "code")
    if system != UCUM or not code or scope.terminology is None:
        return
    problem = scope.terminology.problem(system, code)
    if problem:
        yield scope.issue(
            first_below(scope, node, "code"),
            "quantity-unit-unknown",
            f"the code {shortened(code)!r} of {system} {problem}",
            code="code-invalid",
            severity=Severity.WARNING,
        )


def display_of_its_system(node: Node, scope: Scope) -> Iterable[Issue]:
    """A Coding's display is what its code system calls the code; a warning, unless wrong ones are refused.

    R4 calls Coding.display a representation of the code's meaning that follows the rules of the system; no text
    makes another wording an error. Yet people read the display and programs the code: the two should not differ.
    """
    system, code, display = (text_at(node.value, name) for name in ("system", "code", "display"))
    if not system or not code or not display.strip() or scope.terminology is None:
        return
    names = scope.terminology.displays_instead(
        system,
        code,
        display,
        version=text_at(node.value, "version"),
        language=text_at(node.resource.value, "language"),
    )
    if names:
        known = " or ".join(repr(shortened(name)) for name in names[:MOST_NAMES])
        yield scope.issue(
            first_below(scope, node, "display"),
            "display-wrong",
            f"the code {shortened(code)!r} of {shortened(system)} is called {known} there, not {shortened(display)!r}",
            code="invalid",
            severity=scope.leeway.severity(Refused.WRONG_DISPLAYS),
        )


QUANTITY = (unit_of_ucum,)
CODING = (known_to_its_system, display_of_its_system)
