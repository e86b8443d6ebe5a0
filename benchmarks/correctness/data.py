"""The test data that nobody here made, and the definitions that each suite is judged by."""

import gzip
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.fhir.definitions import r4
from conformance.fhir.definitions.library import Definitions
from conformance.fhir.documents import Document, read_json, read_xml
from conformance.fhir.validation.leeway import Allowed, Leeway
from conformance.outside.packages import load_definitions

EXAMPLES = Leeway(frozenset({Allowed.EXAMPLE_URLS}))
"""Published data uses urls below example.org, and the reference validator is told that they may stand."""

US_CORE = "hl7.fhir.us.core-6.1.0.tgz"
SUITES = {
    "fhir-validator-cases": "fhir-validator-cases/cases.json",
    "uk-core": "uk-core/package.json",
    "us-core": f"ig-packages/{US_CORE}",
    "synthea-small": "synthea-small/README.md",
}


class Data:
    """A folder with the suites as sub-folders, and definitions loaded from it once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def missing(self) -> list[str]:
        """The names of suites that the folder does not have."""
        return [name for name, marker in SUITES.items() if not (self.folder / marker).is_file()]

    @property
    def cases(self) -> Path:
        """The cases of the HL7 validator's own test suite."""
        return self.folder / "fhir-validator-cases"

    @property
    def uk(self) -> Path:
        """UK Core: differentials, value sets, code systems and examples."""
        return self.folder / "uk-core"

    @property
    def us(self) -> Path:
        """The US Core package."""
        return self.folder / "ig-packages" / US_CORE

    @cached_property
    def core(self) -> Definitions:
        """R4 4.0.1 alone."""
        return r4()

    @cached_property
    def uk_core(self) -> Definitions:
        """UK Core over R4."""
        return load_definitions([str(self.uk)])

    @cached_property
    def us_core(self) -> Definitions:
        """US Core 6.1.0 over R4."""
        return load_definitions([str(self.us)])

    def read(self, path: Path) -> Document:
        """One file, JSON or XML by its name."""
        raw = path.read_bytes()
        return read_xml(raw, self.core) if path.suffix == ".xml" else read_json(raw)

    def uk_examples(self) -> Iterator[tuple[str, Document]]:
        """The UK Core examples by file name without its ending."""
        for path in sorted((self.uk / "examples").glob("*.xml")):
            yield path.stem, self.read(path)

    def synthea(self) -> Iterator[tuple[str, int, bytes]]:
        """Every Synthea resource: file, line, bytes."""
        for path in sorted((self.folder / "synthea-small").glob("*.ndjson.gz")):
            with gzip.open(path, "rb") as lines:
                for number, line in enumerate(lines, start=1):
                    if line.strip():
                        yield path.name.removesuffix(".ndjson.gz"), number, line.strip()


def listed(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON array in a file."""
    found: list[dict[str, Any]] = json.loads(path.read_bytes())
    return found
