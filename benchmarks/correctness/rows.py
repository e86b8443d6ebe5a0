"""The rows of the table: which suite, what is measured, what others reach, what we want to reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One row; `wanted` is in percent, None where the figure is for information. `best` names the best peer."""

    key: str
    suite: str
    measure: str
    best: str = "none known"
    wanted: float | None = None


NONE = "none known"
CASES = "HL7 validator test cases (221, R4)"
STRICT = "strict: no terminology server involved"
VERDICT = "error or no error, as the Java reference validator says"
MUTATION = "each rule broken once in a valid instance: refused for that reason"
EXAMPLES = "published examples accepted"
BOTH = "strict, where both find errors"
ROWS = (
    Row("hl7-base-json", CASES, f"base step, JSON, {STRICT}: {VERDICT}", "pyrofile 88.4 %", 97),
    Row("hl7-base-xml", CASES, f"base step, XML, strict: {VERDICT}", NONE, 97),
    Row("hl7-base", CASES, f"base step, both, strict: {VERDICT}", NONE, 97),
    Row(
        "hl7-base-plain",
        CASES,
        f"the same without the switches that the suite's manifest sets for single cases: {VERDICT}",
    ),
    Row(
        "hl7-base-theirs",
        CASES,
        f"the same with the switches, and wrong displays refused, as the reference has them: {VERDICT}",
    ),
    Row("hl7-profile", CASES, f"profile step, strict: {VERDICT}", "pyrofile 15 of 24", 92),
    Row(
        "hl7-faults",
        CASES,
        f"{BOTH}: the same number of faults at the same locations, repetitions aside",
        NONE,
        80,
    ),
    Row("hl7-both", CASES, f"{BOTH}: the same number of errors and the same locations, as recorded"),
    Row("hl7-count", CASES, f"{BOTH}: the same number of errors, as recorded"),
    Row("hl7-places", CASES, f"{BOTH}: errors at the same set of locations, as recorded"),
    Row("hl7-all-base", CASES, f"base step, all cases (a server's answers are not at hand): {VERDICT}"),
    Row("hl7-all-profile", CASES, f"profile step, all cases: {VERDICT}"),
    Row("uk-core-structures", "UK Core", "structures load (differentials only, no snapshots)", NONE, 100),
    Row("uk-core-examples", "UK Core", f"{EXAMPLES} by the structure that their file name names", NONE, 100),
    Row("uk-core-mutation", "UK Core", MUTATION, "none has it", 98),
    Row("us-core-structures", "US Core 6.1.0", "structures load", NONE, 100),
    Row("us-core-examples", "US Core 6.1.0", f"{EXAMPLES} by their meta.profile", NONE, 100),
    Row("us-core-mutation", "US Core 6.1.0", MUTATION, "none has it", 98),
    Row("java", "Changed resources", f"2,000, set as the reference is set: {VERDICT}", NONE, 97),
    Row(
        "java-without-digits",
        "Changed resources",
        f"the same without those that differ only by check digits of SNOMED CT and dm+d: {VERDICT}",
    ),
    Row("java-text", "Changed resources", f"2,000, by FHIR's text alone: {VERDICT}"),
    Row("java-synthea", "Synthea resources, changed", f"1,000 of them, by R4, set alike: {VERDICT}"),
    Row("java-uk-core", "UK Core examples, changed", f"1,000 of them, by UK Core, set alike: {VERDICT}"),
    Row("java-synthea-text", "Synthea resources, changed", f"the same by FHIR's text alone: {VERDICT}"),
    Row("java-uk-core-text", "UK Core examples, changed", f"the same by FHIR's text alone: {VERDICT}"),
    Row("java-synthea-originals", "Synthea resources, as they are", f"a sample by R4: {VERDICT}"),
    Row("java-uk-core-originals", "UK Core examples, as they are", f"by UK Core: {VERDICT}"),
    Row(
        "synthea-small", "Synthea, 38,483 resources", "resources without error; every finding explained", NONE
    ),
)
ACCEPTING = {"uk-core-examples", "us-core-examples", "synthea-small"}
"""Rows in which a refused resource counts as right when the explanation says that the data is at fault."""

LISTED = {"uk-core-mutation", "us-core-mutation"}
"""Rows whose deviations are listed with what was found instead, and need no explanation."""
