"""Small profiles, resources that meet them and resources that do not, and how both paths are asked."""

from typing import Any

from explaining import URL, profile
from watched import Watched

from conformance.fhir.definitions import r4
from conformance.fhir.packages.package import from_resources
from conformance.fhir.terminology.facade import Terminology

Json = dict[str, Any]
Case = tuple[str, list[Json], list[Json], list[Json]]
"""A type, the rows of a profile on it, what meets the profile, and what does not."""

PATIENT: Json = {"resourceType": "Patient", "active": True}
OBSERVATION: Json = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
UCUM = "http://unitsofmeasure.org"
NAME_USE = "http://hl7.org/fhir/ValueSet/name-use"
USE = "http://hl7.org/fhir/name-use"
GENDER = "http://hl7.org/fhir/administrative-gender"
ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}


def kilograms(value: Any, **more: Any) -> Json:
    return {"value": value, "unit": "kg", "system": UCUM, "code": "kg", **more}


def sliced(path: str, *discriminators: tuple[str, str], rules: str = "open", ordered: bool = False) -> Json:
    rows = [{"type": kind, "path": where} for kind, where in discriminators]
    return {"path": path, "slicing": {"discriminator": rows, "rules": rules, "ordered": ordered}}


def piece(path: str, name: str, **more: Any) -> Json:
    return {"path": path, "id": f"{path}:{name}", "sliceName": name, **more}


def below(path: str, name: str, child: str, **more: Any) -> Json:
    return {"path": f"{path}.{child}", "id": f"{path}:{name}.{child}", **more}


def rule(expression: str) -> Json:
    return {"constraint": [{"key": "t-1", "severity": "error", "human": "x", "expression": expression}]}


MARRIED = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "M"}]}
SINGLE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "S"}]}
WORK = {"system": "phone", "value": "1", "use": "work"}
HOME = {"system": "phone", "value": "2", "use": "home"}
BARE = {"system": "phone", "value": "3"}


def watched(kind: str, rows: list[Json]) -> Watched:
    definitions = from_resources([profile(kind, *rows)], base=r4())
    return Watched(definitions, Terminology(definitions), structures=(f"{URL}profile",))


def judged(case: Case) -> None:
    """What is right is accepted by each walk, what is wrong by none, and `explain` says the same."""
    kind, rows, right, wrong = case
    asked = watched(kind, rows)
    start = PATIENT if kind == "Patient" else OBSERVATION
    for more in right:
        resource = {**start, **more}
        assert asked.explain_resource(resource).valid, more
        assert all(acceptor.accepts(resource) for acceptor in asked.acceptors), more
    for more in wrong:
        assert not asked.explain_resource({**start, **more}).valid, more  # `Watched`: and no walk accepts it
