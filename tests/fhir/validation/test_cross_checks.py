"""`fhir.resources` as a second opinion: pydantic models of R4B that nobody here wrote.

It knows names, types and cardinalities, not much more. The types used here are those of Synthea, which R4B did not
change. Whatever it refuses we must refuse; whatever we refuse for its structure it must refuse, but for what its
models are known to let pass.
"""

import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from benchmarks.correctness.mutants import mutants
from conformance.fhir.definitions import r4
from conformance.fhir.documents import read_json
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.validator import Validator
from conformance.fhir.validation.vital_signs import vital_signs

SYNTHEA = Path(__file__).resolve().parents[3] / "../shared/data/synthea-small"
STRUCTURAL = {
    "array-empty",
    "array-expected",
    "array-not-allowed",
    "choice-repeated",
    "choice-type-not-allowed",
    "element-without-content",
    "missing",
    "null-not-allowed",
    "object-empty",
    "object-expected",
    "primitive-boolean",
    "primitive-companion-misplaced",
    "primitive-kind",
    "property-unknown",
    "too-few",
}
LOOSE = {
    "array-expected": "one value is taken for a list of one",
    "null-not-allowed": "a property that is null counts as absent",
    "object-empty": "an object without content is a value of its type",
    "primitive-boolean": "1 and 0 are taken for booleans",
    "primitive-kind": "'true' and '1' are taken for what their text says",
}
"""What the models let pass, and why: pydantic's lax mode, and FHIR's rules for emptiness, which they do not have."""

RESOURCES, MUTANTS = 6, 4


@pytest.fixture(scope="module")
def sample():
    if not SYNTHEA.is_dir():
        pytest.skip("the synthea-small test data are not here")
    drawn = defaultdict(list)
    for path in sorted(SYNTHEA.glob("*.ndjson.gz")):
        with gzip.open(path, "rb") as lines:
            every = lines.read().splitlines()
        drawn[path.name.split(".")[0]] = [
            json.loads(line) for line in every[:: max(1, len(every) // RESOURCES)]
        ]
    return {kind: found[:RESOURCES] for kind, found in drawn.items()}


@pytest.fixture(scope="module")
def judged(sample):
    """Changed resources with what both say: text, our errors, theirs."""
    definitions = r4()
    validator = Validator(definitions, Terminology(definitions))
    found = []
    for kind, resources in sample.items():
        for number, resource in enumerate(resources):
            for changed in mutants(resource, f"cross {kind} {number}", MUTANTS):
                text = json.dumps(changed)
                ours = [
                    issue for issue in validator.explain(read_json(text.encode())).issues if issue.is_error
                ]
                found.append((text, ours, refusals(changed["resourceType"], text)))
    return found


def refusals(kind, text):
    try:
        get_fhir_model_class(kind).model_validate_json(text)
    except ValidationError as error:
        told = [(one["loc"], one["msg"], str(one.get("input"))) for one in error.errors(include_url=False)]
        return [
            f"{'.'.join(map(str, place))}: {words}" for place, words, value in told if not nbsp(words, value)
        ]
    return []


def nbsp(words, value):
    r"""Whether a no-break space alone is refused: FHIR's \S is XML Schema's, to which it is no white space."""
    return "should match pattern" in words and value == "\u00a0"


def test_resources_that_we_accept_are_accepted_by_the_models(sample):
    definitions = r4()
    validator = Validator(definitions, Terminology(definitions))
    accepted = 0
    for kind, resources in sample.items():
        for resource in resources:
            text = json.dumps(resource)
            if validator.explain(read_json(text.encode())).valid:
                accepted += 1
                assert refusals(kind, text) == []
    assert accepted > sum(map(len, sample.values())) / 2


def test_what_the_models_refuse_we_refuse(judged):
    refused = [(text, ours, theirs) for text, ours, theirs in judged if theirs]
    assert len(refused) > len(judged) / 4
    assert [(theirs, text) for text, ours, theirs in refused if not ours] == []


def test_what_we_refuse_for_its_structure_the_models_refuse(judged):
    structural = [
        (text, ours, theirs) for text, ours, theirs in judged if STRUCTURAL & {i.message_id for i in ours}
    ]
    assert len(structural) > len(judged) / 5
    alone = [
        (issue.message_id, issue.expression, text)
        for text, ours, theirs in structural
        if not theirs
        for issue in ours
        if issue.message_id in STRUCTURAL
        and issue.message_id not in LOOSE
        and issue.structure not in vital_signs(r4()).values()  # the models know no profiles
    ]
    assert alone == []
