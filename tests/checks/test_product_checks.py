"""The checks of who was tested, of open doors, and of plan against product."""

import dataclasses

import pytest
from evidence_builder import BASE, evidence, exchange, ndjson, step
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_builder import about, changed, document, of_plan, plan
from test_completeness import NDJSON, OBSERVATION, PATIENTS, exported

from conformance.catalog import built_in
from conformance.errors import NoData, NotJudgeable
from conformance.plugin import StepEvidence

CATALOG = built_in()


def run(name, judged, **arguments):
    return list(CATALOG.find("check", name)(judged, **arguments))


def statement(name="Harbour EPR", version="7.4.1", **others):
    body = {"resourceType": "CapabilityStatement", "software": {"name": name, "version": version}} | others
    return exchange(url="/metadata", body=body, label="metadata", credentials="none")


def test_the_product_identifies_itself():
    assert run("product-identified", about(exchanges=[statement()])) == []
    assert (
        "'7.3.0' as the product's version"
        in run("product-identified", about(exchanges=[statement(version="7.3.0")]))[0]
    )
    assert "does not identify" in run("product-identified", about(exchanges=[statement(software=None)]))[0]
    with pytest.raises(NoData):
        run("product-identified", about())
    with pytest.raises(NotJudgeable):
        run("product-identified", evidence(step(statement())))


def test_the_capability_statement_is_public():
    refused = exchange(url="/metadata", status=401, credentials="none")
    assert run("metadata-public", about(exchanges=[statement()])) == []
    assert "answered 401" in run("metadata-public", about(exchanges=[refused]))[0]


def page(status=200, body=b"<h1>Export</h1>", url="https://ehr.example.org/docs/export.html"):
    return exchange(
        url=url, status=status, body=body, label="documentation", about={"page": "documentationUrl"}
    )


LOGIN = "https://ehr.example.org/login?next=/docs/export.html"


@pytest.mark.parametrize(
    ("hops", "said"),
    [
        ([page()], ""),
        ([page(301, b""), page(url="https://ehr.example.org/docs/export/")], ""),
        ([page(302, b""), page(url=LOGIN)], "leads to a login"),
        ([page(401, b"")], "answered 401"),
        ([page(body=b"")], "nothing else"),
        ([page(body=b'<form><input name="p" type="password">')], "asks for a password"),
    ],
)
def test_documentation(hops, said):
    found = run("documentation-public", about(document(plan()), exchanges=hops))
    assert said in " ".join(found)
    assert bool(found) is bool(said)


def token(variant, status, body=b""):
    return exchange("POST", "/token", status=status, body=body, label=f"token-{variant}")


GOOD = token("good", 200, {"access_token": "x"})


@pytest.mark.parametrize(
    ("exchanges", "said"),
    [
        ([GOOD, token("expired", 400), token("unknown-key", 401)], ""),
        ([GOOD, token("expired", 200, {"access_token": "y"})], "has expired; not refused"),
        ([token("good", 400), token("expired", 400)], "no access token to a right client assertion"),
    ],
)
def test_tokens(exchanges, said):
    found = run("token-endpoint", about(exchanges=exchanges))
    assert said in " ".join(found)
    assert bool(found) is bool(said)


def test_a_server_that_breaks_down_neither_accepts_nor_refuses():
    with pytest.raises(NotJudgeable):
        run("token-endpoint", about(exchanges=[GOOD, token("expired", 500)]))
    with pytest.raises(NoData):
        run("token-endpoint", about(exchanges=[GOOD]))


def test_smart_configuration():
    def found(body, status=200):
        answer = exchange(url="/.well-known/smart-configuration", body=body, status=status, label="smart")
        return run("smart-configuration", evidence(step(), discovery=[answer]))

    right = {"token_endpoint": f"{BASE}/token", "token_endpoint_auth_methods_supported": ["private_key_jwt"]}
    assert found(right) == []
    assert (
        "private_key_jwt"
        in found(right | {"token_endpoint_auth_methods_supported": ["client_secret_basic"]})[0]
    )
    assert found(b"", 404)


def both(value, *files):
    """Evidence of a case that read a plan and made an export."""
    made = of_plan(value)
    return dataclasses.replace(made, steps=(*made.steps, exported(*files, name="step-2")))


WHOLE = (PATIENTS, [OBSERVATION])


def test_plan_and_product_agree():
    assert run("exit-plan-agrees", both(plan(), *WHOLE), size_tolerance="0.2") == []
    lacking = [row for row in plan()["dataInventory"] if row.get("resourceTypes") != ["Patient"]]
    found = run("exit-plan-agrees", both(changed("dataInventory", to=lacking), *WHOLE), size_tolerance="0.2")
    assert "does not list what the product holds in its inventory of data: Patient" in found[0]
    other = changed("product", "version", to="9")
    assert "'7.4.1' is tested" in run("exit-plan-agrees", both(other, *WHOLE), size_tolerance="0.2")[0]
    large = changed("dataInventory", 0, "bytes", to=9_000_000)
    assert "states 9000000" in run("exit-plan-agrees", both(large, *WHOLE), size_tolerance="0.2")[0]
    size = len(ndjson(*PATIENTS))
    for stated, right in ((size, True), (int(size * 1.2), True), (int(size * 1.3), False), (True, True)):
        rows = [{"resourceTypes": ["Patient"], "exportable": True, "bytes": stated}, *plan()["dataInventory"]]
        found = run("exit-plan-agrees", both(changed("dataInventory", to=rows), *WHOLE), size_tolerance="0.2")
        assert (found == []) is right
    many = changed("dataInventory", 0, "records", to=1_000)
    assert "states 1000" in run("exit-plan-agrees", both(many, *WHOLE), size_tolerance="0.2")[0]


def test_the_inventory_is_exported():
    assert run("exit-plan-inventory-exported", both(plan(), *WHOLE)) == []
    (finding,) = run("exit-plan-inventory-exported", both(plan(), PATIENTS))
    assert "but the export holds nothing of it" in finding
    row = {"category": "All", "resourceTypes": ["Patient", "Observation"], "exportable": True, "records": 4}
    (finding,) = run("exit-plan-inventory-exported", both(changed("dataInventory", to=[row]), PATIENTS))
    assert "lists Observation as exportable (dataInventory[0]), but the export holds none" in finding
    for left in ({"exportable": False}, {"records": 0}, {"resourceTypes": []}):
        only = changed("dataInventory", to=[row | left])
        with pytest.raises(NoData, match="no resource type"):
            run("exit-plan-inventory-exported", both(only, PATIENTS))
    (finding,) = run("exit-plan-inventory-exported", both(changed("dataInventory", to=[]), PATIENTS))
    assert "has no inventory of data" in finding


def test_formats_are_open():
    assert run("export-formats-open", both(plan(), *WHOLE)) == []
    closed = changed("export", "formats", 0, "royaltyFree", to=False)
    assert "free for anyone" in run("export-formats-open", both(closed, *WHOLE))[0]
    unknown = changed("export", "formats", 0, "mediaType", to="application/x-own")
    assert "does not list as a format" in run("export-formats-open", both(unknown, *WHOLE))[0]


ARGUMENTS = {
    "exports-agree": {"ignore": "meta.versionId"},
    "exit-plan-agrees": {"size_tolerance": "0.2"},
}
NAMES = [
    "export-completes", "export-counts-match", "export-has-patients", "export-references-resolve",
    "export-reports-errors", "export-unattended", "exports-agree", "canaries-exported", "attachments-match",
    "nhs-numbers-valid", "nhs-numbers-verified", "ods-codes", "snomed-codes-valid", "identifiers-have-systems",
    "product-identified", "metadata-public", "documentation-public", "token-endpoint", "smart-configuration",
    "exit-plan-agrees", "exit-plan-inventory-exported", "export-formats-open",
]  # fmt: skip
WORDS = [
    "resourceType",
    "identifier",
    "system",
    "value",
    "extension",
    "url",
    "code",
    "coding",
    "content",
    "attachment",
    "size",
    "hash",
    "data",
    "total",
    "entry",
    "resource",
    "output",
    "error",
    "type",
    "link",
    "relation",
    "software",
    "export",
    "dataInventory",
    "resourceTypes",
    "records",
    "product",
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(-9, 9)
    | st.sampled_from([*WORDS, "Patient", "Bundle"])
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=10,
)
RESOURCES = st.builds(
    lambda kind, more: more | {"resourceType": kind, "id": "1"},
    st.sampled_from(["Patient", "Organization", "Binary", "DocumentReference"]),
    st.dictionaries(st.sampled_from(WORDS), TREES, max_size=4),
)
LABELS = [
    "total-before",
    "total-after",
    "patient-page",
    "attachment",
    "documentation",
    "token-good",
    "token-expired",
]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_check_survives_any_answers(name, data):
    more = [
        exchange(
            url="/x",
            body=data.draw(TREES),
            status=data.draw(st.sampled_from([0, 200, 302, 401, 500])),
            label=label,
            about={"type": "Patient", "size": data.draw(st.sampled_from(["", "3", "x", "²"])), "page": "p"},
        )
        for label in data.draw(st.lists(st.sampled_from(LABELS), max_size=6))
    ]
    files = data.draw(st.lists(st.lists(RESOURCES, min_size=1, max_size=3), max_size=2))
    manifest = data.draw(st.none() | TREES)
    notes = {"canaries": data.draw(TREES)}
    made = exported(*files, manifest=manifest if isinstance(manifest, dict) else None, more=more, **notes)
    judged = dataclasses.replace(
        of_plan(data.draw(TREES | st.just(plan()))),
        discovery=StepEvidence(step="discovery", exchanges=tuple(more)),
    )
    judged = dataclasses.replace(judged, steps=(*judged.steps, made, made))
    try:
        findings = run(name, judged, **ARGUMENTS.get(name, {}))
    except NotJudgeable:
        return
    assert all(isinstance(one, str) for one in findings)
    assert NDJSON
