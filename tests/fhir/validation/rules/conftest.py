import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from watched import Watched

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.packages.package import from_resources
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Outcome
from conformance.fhir.validation.leeway import Allowed, Leeway
from conformance.fhir.validation.validator import Validator

EXAMPLES = Leeway(frozenset({Allowed.EXAMPLE_URLS}))


class WithForms(Definitions):
    """Definitions that also offer Questionnaires by their canonical."""

    forms: dict = {}  # noqa: RUF012 - set for each instance

    def resource(self, canonical: str) -> dict | None:
        return self.forms.get(canonical.partition("|")[0])


@pytest.fixture(scope="session")
def core() -> Definitions:
    return r4()


@pytest.fixture(scope="session")
def core_validator(core) -> Validator:
    return Watched(core, Terminology(core), leeway=EXAMPLES)


@pytest.fixture
def judged(core, core_validator) -> Callable[..., Outcome]:
    """Judges a resource by R4, with further conformance resources where they are given."""

    def judge(resource: dict, *loaded: dict, leeway: Leeway = EXAMPLES) -> Outcome:
        if not loaded and leeway == EXAMPLES:
            return core_validator.explain_resource(resource)
        definitions = WithForms(from_resources(loaded).layers + core.layers)
        definitions.forms = {each["url"]: each for each in loaded if each["resourceType"] == "Questionnaire"}
        validator = Watched(definitions, Terminology(definitions), leeway=leeway)
        return validator.explain_resource(resource)

    return judge


@pytest.fixture
def told(judged) -> Callable[..., list[tuple[str, str]]]:
    """Message id and place of every finding whose id begins so."""

    def tell(prefix: str, resource: dict, *loaded: dict, **how) -> list[tuple[str, str]]:
        issues = judged(resource, *loaded, **how).issues
        return [(i.message_id, i.expression) for i in issues if i.message_id.startswith(prefix)]

    return tell
