"""Every finding in 38,483 synthetic resources, grouped by kind: each group must be known to be right.

The models of `fhir.resources` (R4B, which did not change the types that occur here) are asked about every resource as
well: what they refuse and we accept is a group of its own.
"""

from collections import Counter, defaultdict

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from benchmarks.correctness.data import EXAMPLES, Data
from benchmarks.correctness.figures import Deviation, Figure, Measured, kinds
from benchmarks.correctness.places import bare
from conformance.fhir.documents import read_json
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.validator import Validator

ROW = "synthea-small"
FIRST = 3


def measure(data: Data, day: str) -> Measured:
    """How many resources have no error; each group of findings, warnings too, is a deviation to explain."""
    validator = Validator(data.core, Terminology(data.core), leeway=EXAMPLES)
    groups: dict[str, list[str]] = defaultdict(list)
    counts: Counter[str] = Counter()
    unjudged: Counter[str] = Counter()
    total = clean = accepted = 0
    for kind, line, raw in data.synthea():
        outcome = validator.explain(read_json(raw))
        refused = refusal(kind, raw)
        total += 1
        clean += outcome.valid
        accepted += not refused
        unjudged.update(kinds(outcome.not_evaluated))
        said = [(group(issue), issue.text) for issue in outcome.issues]
        if refused and outcome.valid:
            said.append((f"fhir.resources: {refused}", refused))
        for key, text in said:
            counts[key] += 1
            if len(groups[key]) < FIRST:
                groups[key].append(f"{kind} line {line}: {text}")
    deviations = tuple(Deviation(key, tuple(groups[key]), (), counts[key]) for key in sorted(groups))
    found = f"{sum(counts.values()):,} findings, warnings too, in {len(groups)} groups"
    note = f"{found}; the models of fhir.resources accept {accepted:,}"
    return Measured("synthea", day, (Figure(ROW, clean, total, deviations, note),), dict(unjudged))


def group(issue: Issue) -> str:
    """What findings that are equal but for their place have in common."""
    return f"{issue.severity}: {issue.message_id} at {bare(issue.expression)} {issue.rule}".rstrip()


def refusal(kind: str, raw: bytes) -> str:
    """Why the model of a type refuses a resource; empty where it does not."""
    try:
        get_fhir_model_class(kind).model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"] if isinstance(step, str))
        return f"{where}: {first['msg']}"
    return ""
