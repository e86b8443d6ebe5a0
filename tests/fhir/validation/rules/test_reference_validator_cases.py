"""The cases of HL7's own validator that turn on rules of this package: error or no error as it says.

Where we differ, by the text of the specification, the case stands in `DIFFERENT` with the reason.
"""

import json
from pathlib import Path

import pytest

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.documents import read_json, read_xml
from conformance.fhir.packages.package import Package
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.leeway import Allowed, Leeway
from conformance.fhir.validation.validator import Validator

EXAMPLES = Leeway(frozenset({Allowed.EXAMPLE_URLS}))
CASES = Path(__file__).resolve().parents[4] / "../shared/data/fhir-validator-cases"
MODULES = {"bundle", "extensions", "references", "questionnaire"}
DIFFERENT = {
    "contained-resource-bad-id-ignore": "their run was told to overlook what is found here",
    "pat-example-extensions": "urls of examples are trusted here",
    "questionnaireResponse-enableWhenEx-test-fail": "the condition is a vendor's extension that no package defines",
    "quantity-min-max-qr": "quantities without codes cannot be compared, which is told as not evaluated",
    "quantity-qr": "quantities without codes cannot be compared, which is told as not evaluated",
    "reference-invalid-resource-type-qr": "an absolute URL need not be that of a FHIR server",
    "choice-gender-coding-async-qr": "displays are not judged",
}


def cases() -> list[dict]:
    if not CASES.exists():
        return []
    known = json.loads((CASES / "cases.json").read_bytes())
    return [case for case in known if case["module"] in MODULES and not case["missingFiles"]]


class Loaded(Definitions):
    forms: dict = {}  # noqa: RUF012 - set for each instance

    def resource(self, canonical: str) -> dict | None:
        return self.forms.get(canonical.partition("|")[0])


@pytest.mark.skipif(not CASES.exists(), reason="the cases of HL7's validator are not there")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_case(core, case):
    files = [(name, (CASES / "files" / name).read_bytes()) for name in case["profiles"] + case["supporting"]]
    definitions = Loaded((Package.of_files(files, name="case"), *core.layers))
    supporting = [read(name, data, core) for name, data in files]
    definitions.forms = {one["url"]: one for one in supporting if one.get("resourceType") == "Questionnaire"}
    validator = Validator(definitions, Terminology(definitions), leeway=EXAMPLES)
    value = read(case["file"], (CASES / "files" / case["file"]).read_bytes(), definitions)
    found = [issue for issue in validator.explain_resource(value).issues if issue.is_error]
    expected = any(issue["severity"] in {"error", "fatal"} for issue in case["base"])
    assert (bool(found) is expected) is (case["name"] not in DIFFERENT), [issue.text for issue in found]


def read(name: str, data: bytes, definitions: Definitions) -> dict:
    return (read_xml(data, definitions) if name.endswith(".xml") else read_json(data)).value
