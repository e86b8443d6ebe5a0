"""STU3, R4B and R5 against the HL7 validator's own cases for them.

`python -m benchmarks.other_releases SUITE PACKAGES [--release 5.0]`: SUITE is the folder `validator` of a checkout of
github.com/FHIR/fhir-test-cases, PACKAGES one that `benchmarks.core_packages` wrote. Prints, for each release, how many
steps agree with the recorded verdict of the Java reference validator on error or no error, and each that does not.
Cases that need packages, other resource models or other kinds of run are left out; so are steps in which a
terminology server had a part.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.core_packages import RELEASES
from benchmarks.correctness.data import EXAMPLES
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.documents import Document, is_xml, read_json, read_xml
from conformance.fhir.packages.package import Package
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Issue
from conformance.fhir.validation.validator import Validator
from conformance.outside.packages import load_definitions

Json = dict[str, Any]
BESIDE = {"hl7.fhir.r5.core": ("hl7.fhir.uv.extensions.r5", "hl7.terminology")}
"""What the reference validator loads with the core package, as far as the jars have it."""
OTHER_KINDS = frozenset(
    {"cda", "shc", "tx", "tx-advanced", "matchetype", "cdshooks", "logical", "json5", "version", "ndjson"}
)


@dataclass(frozen=True)
class Step:
    """One judgement to make, and the errors that the reference validator found."""

    name: str
    file: str
    extra: tuple[str, ...]
    structure: str
    expected: tuple[str, ...]


def steps(suite: Path, release: str) -> Iterator[Step]:
    """The steps of a release; a case that names none is one of R5."""
    for case in json.loads((suite / "manifest.json").read_bytes())["test-cases"]:
        ours = (case.get("version") or "5.0").startswith(release) and (suite / case["file"]).is_file()
        other = case.get("packages") or case.get("logical") or case.get("module") in OTHER_KINDS
        if not ours or other or case.get("use-test") is False:
            continue
        extra = [*case.get("profiles", ()), *case.get("supporting", ())]
        rows = [("base", case.get("java"), extra, "")]
        if profile := case.get("profile"):
            more = [*extra, *profile.get("supporting", ()), profile["source"]]
            rows.append(("profile", profile.get("java"), more, profile["source"]))
        for name, java, files, source in rows:
            expected = _recorded(suite, java)
            if expected is not None:
                there = tuple(file for file in dict.fromkeys(files) if (suite / file).is_file())
                yield Step(f"{case['name']}/{name}", case["file"], there, source, expected)


def _recorded(suite: Path, java: Any) -> tuple[str, ...] | None:
    """The errors of an outcome; None where it is not there or rests on a terminology server."""
    path = suite / "outcomes" / java if isinstance(java, str) else suite
    if not path.is_file():
        return None
    issues = json.loads(path.read_bytes()).get("issue", ())
    if any("tx" in json.dumps(issue.get("extension", ())) for issue in issues):
        return None
    return tuple(issue["details"]["text"] for issue in issues if issue["severity"] in {"error", "fatal"})


def judged(suite: Path, step: Step, base: Definitions) -> list[Issue]:
    """Our errors."""
    definitions = base
    if step.extra:
        files = [(name, (suite / name).read_bytes()) for name in step.extra]
        definitions = Definitions((Package.of_files(files, name="case"), *base.layers), base.fhir_version)
    asked = (_read(suite / step.structure, base).value["url"],) if step.structure else ()
    validator = Validator(definitions, Terminology(definitions), structures=asked, leeway=EXAMPLES)
    outcome = validator.explain(_read(suite / step.file, definitions))
    return [issue for issue in outcome.issues if issue.is_error]


def _read(path: Path, definitions: Definitions) -> Document:
    raw = path.read_bytes()
    return read_xml(raw, definitions) if is_xml(raw) else read_json(raw)


def main() -> int:
    """Ends with 0: what differs is to be read."""
    parser = argparse.ArgumentParser(description="Other releases against the HL7 validator's cases.")
    parser.add_argument("suite", type=Path)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--release", choices=[one.version[:3] for one in RELEASES], action="append")
    asked = parser.parse_args()
    for release in RELEASES:
        short = release.version[:3]
        if asked.release and short not in asked.release:
            continue
        names = (release.package, *BESIDE.get(release.package, ()))
        base = load_definitions([str(asked.packages / name) for name in names], fhir_version=release.version)
        found = [(step, judged(asked.suite, step, base)) for step in steps(asked.suite, short)]
        wrong = [(step, errors) for step, errors in found if bool(errors) != bool(step.expected)]
        print(f"{release.version}: {len(found) - len(wrong)} of {len(found)} agree")
        for step, errors in wrong:
            ours = [f"{issue.message_id} at {issue.expression}" for issue in errors]
            said = [f"ours: {text}" for text in ours] or [f"reference: {text}" for text in step.expected]
            print(f"  {step.name}: {said[0][:160]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
