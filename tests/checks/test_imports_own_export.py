"""A product that declares no way in does not import; one that declares another way than create cannot be tried."""

import pytest
from evidence_builder import evidence, exchange, step

from conformance.catalog import built_in
from conformance.errors import NoData

IGNORE = "meta.lastUpdated"


def declared(system=(), patient=(), operation=()):
    server = {
        "mode": "server",
        "interaction": [{"code": code} for code in system],
        "resource": [{"type": "Patient", "interaction": [{"code": code} for code in patient]}],
        "operation": [{"name": name, "definition": f"https://example.org/{name}"} for name in operation],
    }
    return {"resourceType": "CapabilityStatement", "rest": [server]}


def judged(statement, status=200):
    seen = evidence(step(exchange(url="/metadata", status=status, body=statement, label="declared-types")))
    return list(built_in().find("check", "imports-own-export")(seen, ignore=IGNORE))


def test_no_way_in_is_no_import():
    (finding,) = judged(declared(system=["search-system"], patient=["read", "delete"], operation=["export"]))
    assert "declares no way to take resources in" in finding


@pytest.mark.parametrize(
    ("ways", "named"),
    [
        ({"system": ["transaction"]}, "transaction"),
        ({"patient": ["update"]}, "update"),
        ({"operation": ["import"]}, r"\$import"),
        ({"patient": ["create"]}, "create for no type"),
    ],
)
def test_another_way_in_is_named_and_nothing_is_concluded(ways, named):
    with pytest.raises(NoData, match=named):
        judged(declared(**ways))


def test_without_a_capability_statement_nothing_is_known():
    with pytest.raises(NoData, match="no capability statement"):
        judged({"resourceType": "OperationOutcome"}, status=500)
