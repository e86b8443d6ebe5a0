"""A server that knows no patients is tested all the same, with what it does know."""

import datetime as dt
import re

import pytest
from evidence_builder import exchange, step

from conformance.catalog import built_in
from conformance.model.evidence import Evidence
from conformance.model.target import TargetCard
from conformance.session.shipped import shipped_suite
from conformance.stages.bind import Circumstances, bind
from conformance.stages.judge import gates

TODAY = dt.date(2026, 11, 22)
CARD = TargetCard(endpoint="https://lab.example.org")
ABOUT_ANY_TYPE = re.compile(
    r"FHIR-(READ-0[1-7]|FMT-(0[1-9]|1[2-8])|JSON-01|ERR-0[1-5]|NEG-0[1-5]|COND-0[12]|VREAD-01|HIST-0[13]"
    r"|SEARCH-(0[1-4]|1[0-36])|RESULT-(0[1-9]|1[0-9]|2[1-5]|3[1-5]))"
)


def laboratory():
    """Discovery of a server that holds observations only, and lets nobody write."""
    kind = {
        "type": "Observation",
        "interaction": [{"code": c} for c in ("read", "vread", "history-instance", "search-type")],
        "conditionalRead": "full-support",
        "searchParam": [{"name": "identifier", "type": "token"}, {"name": "code", "type": "token"}],
    }
    statement = {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": [kind]}]}
    held = [
        {
            "resourceType": "Observation",
            "id": f"o{n}",
            "identifier": [{"system": "urn:i", "value": f"{n}"}],
            "code": {"coding": [{"system": "urn:c", "code": f"c{n}"}]},
        }
        for n in range(6)
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in held]}
    return step(
        exchange(url="/metadata", body=statement, label="metadata"),
        exchange(url="/Observation", body=bundle, label="sample", about={"type": "Observation"}),
        name="discovery",
    )


@pytest.fixture(scope="module")
def tried():
    """The requirements of which a case is tried against the laboratory."""
    discovery = laboratory()
    seen = Evidence((), discovery, CARD, TODAY)
    around = Circumstances(run_id="run", as_of=TODAY, target=CARD, overrides={}, plugins={})
    suite = shipped_suite("fhir-r4-base")
    bound = bind(suite, discovery, around, lambda calls: gates(calls, seen, built_in()), built_in())
    return {case.requirement for case in bound.cases if case.steps}


def test_what_is_asked_of_every_type_is_tried_without_patients(tried):
    wanted = {
        r.id for r in shipped_suite("fhir-r4-base").profile.requirements if ABOUT_ANY_TYPE.fullmatch(r.id)
    }
    assert len(wanted) > 70
    assert wanted <= tried, sorted(wanted - tried)
