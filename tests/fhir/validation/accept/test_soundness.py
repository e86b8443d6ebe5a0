"""Acceptance is sound: what it accepts, `explain` finds no error in; and both walks say the same."""

import io
import json
import random
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import mutated

from conformance.fhir.definitions import Definitions, r4
from conformance.fhir.documents.xml_reader import read_xml
from conformance.fhir.packages.package import Package
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.accept import Acceptor, engine
from conformance.fhir.validation.validator import Validator

UK = "https://fhir.hl7.org.uk/StructureDefinition/"
SLOW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Judges = tuple[list[Acceptor], Validator]


def judged(raw: bytes, acceptors: Iterable[Acceptor], validator: Validator) -> bool:
    """Whether a text is accepted; fails where the walks disagree, or where `explain` finds an error in it."""
    answers = [acceptor.accepts_bytes(raw) for acceptor in acceptors]
    assert len(set(answers)) == 1, f"the walks disagree: {answers} on {raw.decode()}"
    if answers[0]:
        errors = [issue for issue in validator.explain(raw).issues if issue.is_error]
        assert not errors, f"{errors[0]} in {raw.decode()}"
    return answers[0]


@pytest.fixture(scope="session")
def judges(made: Callable[..., Acceptor], validator: Validator) -> Judges:
    return _walks(made), validator


def _walks(made: Callable[..., Acceptor], *what: Any) -> list[Acceptor]:
    return [made("pure", *what), *([made("compiled", *what)] if engine() == "compiled" else [])]


@SLOW
@given(kind=st.integers(0), place=st.integers(0), seed=st.integers(0, 2**32))
def test_mutated_synthea(judges: Judges, synthea: dict[str, list[bytes]], kind: int, place: int, seed: int):
    lines = synthea[sorted(synthea)[kind % len(synthea)]]
    resource = mutated(orjson.loads(lines[place % len(lines)]), random.Random(seed))
    judged(_text(resource), *judges)


def test_clean_synthea_is_accepted(judges: Judges, synthea: dict[str, list[bytes]]):
    lines = [line for kind in synthea.values() for line in kind]
    accepted = sum(judged(line.strip(), *judges) for line in lines)
    assert accepted >= len(lines) - 1  # one DocumentReference states a wrong size


def test_cases_of_the_reference_validator(judges: Judges, data: Path):
    folder = data / "fhir-validator-cases/files"
    accepted = 0
    for path in sorted(folder.rglob("*.json")):
        raw = path.read_bytes()
        if b"resourceType" in raw:
            accepted += judged(raw, *judges)
    assert accepted > 20


@pytest.fixture(scope="session")
def uk_core(data: Path) -> tuple[Definitions, list[tuple[str, bytes]]]:
    """Definitions of UK Core, and its examples as JSON with the structure that the file's name tells."""
    folder = data / "uk-core"
    files = [
        (path.name, path.read_bytes())
        for kind in ("structuredefinitions", "valuesets", "codesystems")
        for path in sorted((folder / kind).glob("*.xml"))
    ]
    package = Package.of_files(files, name="uk-core")
    definitions = Definitions((package, *r4().layers))
    known = set(package.canonicals("StructureDefinition"))
    examples = []
    for path in sorted((folder / "examples").glob("UKCore-*.xml")):
        value = read_xml(path.read_bytes(), r4()).value
        steps = path.stem.split("-")
        names = (UK + "-".join(steps[:count]) for count in range(len(steps), 1, -1))
        examples.append((next((name for name in names if name in known), ""), _text(value)))
    return definitions, examples


def test_examples_of_uk_core_by_their_structures(made: Callable[..., Acceptor], uk_core: Any):
    definitions, examples = uk_core
    chance = random.Random(20)
    accepted = 0
    for canonical in sorted({name for name, _ in examples}):
        structures = (canonical,) if canonical else ()
        validator = Validator(definitions, Terminology(definitions), structures=structures)
        acceptors = _walks(made, definitions, structures)
        for raw in [text for name, text in examples if name == canonical]:
            accepted += judged(raw, acceptors, validator)
            judged(_text(mutated(orjson.loads(raw), chance)), acceptors, validator)
    assert accepted >= 0.8 * len(examples)


def test_examples_of_us_core_by_their_declared_profiles(made: Callable[..., Acceptor], data: Path):
    with tarfile.open(data / "ig-packages/hl7.fhir.us.core-6.1.0.tgz") as archive:
        members = [member for member in archive if member.name.endswith(".json")]
        files = [(member.name, (archive.extractfile(member) or io.BytesIO()).read()) for member in members]
    package = Package.of_files([(name, raw) for name, raw in files if "/example/" not in name])
    definitions = Definitions((package, *r4().layers))
    judges = _walks(made, definitions), Validator(definitions, Terminology(definitions))
    examples = [raw for name, raw in files if "/example/" in name and b'"resourceType"' in raw]
    chance = random.Random(21)
    accepted = 0
    for raw in examples:
        accepted += judged(raw, *judges)
        judged(_text(mutated(orjson.loads(raw), chance)), *judges)
    assert accepted >= 0.8 * len(examples)


def _text(value: Any) -> bytes:
    return json.dumps(value, default=float).encode(errors="surrogatepass")
