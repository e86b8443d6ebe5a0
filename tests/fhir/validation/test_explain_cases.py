"""`explain` against what the Java reference validator says of HL7's own cases, where no server was involved.

Where the two differ, the reason stands beside the case: who is right by the text of the specification is known.
"""

import json
from pathlib import Path

import pytest
from explaining import EXAMPLES, core

from conformance.fhir.definitions.library import Definitions
from conformance.fhir.documents import read_json, read_xml
from conformance.fhir.packages.package import Package
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.leeway import AS_FHIR_SAYS, Allowed, Leeway, Refused
from conformance.fhir.validation.validator import Validator

CASES = Path(__file__).resolve().parents[3] / "../shared/data/fhir-validator-cases"
UNSEEN = "the reference validator fetches the target of a reference, which is not among the files here"
UNKNOWN = "the reference validator fails what names a structure that is not loaded; here it is not evaluated"
OPTION = "the suite's manifest runs the case with an option that this validator does not have"
DIFFERENT = {
    ("patient-circle1-bad-source1", "profile"): UNSEEN,
    ("patient-circle2-bad-linked", "profile"): UNSEEN,
    ("patient-circle2-bad-source1", "profile"): UNSEEN,
    ("res-inv-example-good", "profile"): UNKNOWN,
    ("de-address-example", "profile"): UNKNOWN,
    ("profile-patient-op1", "base"): UNKNOWN,
    ("contained-resource-bad-id-ignore", "base"): OPTION,
    (
        "toplevel-maxvalueduration-fail",
        "profile",
    ): "2100 is more than ten years ahead, which the profile forbids",
}
SWITCHES = {
    "pat-example-extensions": AS_FHIR_SAYS,
    "json-comments-1-yes": Leeway(frozenset({Allowed.EXAMPLE_URLS, Allowed.JSON_COMMENTS})),
    "bad-markdown-no-html": Leeway(EXAMPLES.allowed, frozenset({Refused.HTML_IN_MARKDOWN})),
}
"""Cases that the suite's manifest runs with switches of its own; all others may use example.org."""
LEAST = {"base": 161, "profile": 61}


def read(name, definitions):
    raw = (CASES / "files" / name).read_bytes()
    return read_xml(raw, definitions) if name.endswith(".xml") else read_json(raw)


def has_error(case, names, source):
    files = [(name, (CASES / "files" / name).read_bytes()) for name in dict.fromkeys(names)]
    definitions = Definitions((Package.of_files(files, name="case"), *core().layers)) if files else core()
    structures = (read(source, core()).value["url"],) if source else ()
    judge = Validator(
        definitions,
        Terminology(definitions),
        structures=structures,
        leeway=SWITCHES.get(case["name"], EXAMPLES),
    )
    return not judge.explain(read(case["file"], definitions)).valid


@pytest.mark.parametrize("step", ["base", "profile"])
def test_agreement_with_the_reference_validator(step):
    if not CASES.is_dir():
        pytest.skip(f"{CASES} is not there")
    agreed, differing = 0, []
    for case in json.loads((CASES / "cases.json").read_bytes()):
        given = case.get("profile") if step == "profile" else {"expected": case["base"], "supporting": []}
        if not case["strict"] or not given:
            continue
        source = given.get("source", "")
        names = [*case["profiles"], *case["supporting"], *given["supporting"], *([source] if source else [])]
        expected = any(issue["severity"] in {"error", "fatal"} for issue in given["expected"] or ())
        if has_error(case, names, source) is expected:
            agreed += 1
        elif (case["name"], step) not in DIFFERENT:
            differing.append(case["name"])
    assert agreed >= LEAST[step], differing
