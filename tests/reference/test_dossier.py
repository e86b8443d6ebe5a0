"""The demo supplier's documents: an honest exit plan within every limit, and single deviations of it."""

import base64
import hashlib
import json
import stat
import subprocess
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from jsonschema import Draft202012Validator
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

import conformance
from conformance.reference.dossier.writing import CHANGES, write_dossier
from conformance.reference.faults.table import FAULTS as NAMED

SCHEMA = Path(conformance.__file__).parent / "checks" / "schemas" / "exit-plan.schema.json"
AS_OF = date(2026, 11, 22)
BASE = "https://127.0.0.1:8443/fhir"
TYPES = {
    "Patient": 60,
    "Observation": 300,
    "Binary": 60,
    "DocumentReference": 60,
    "Group": 1,
    "AuditEvent": 9,
}
FAULTS = {
    "plan-claims-impossible-speed": ["export"],
    "plan-claims-impossible-rate": ["export"],
    "plan-volume-beyond-window": ["volumes"],
    "plan-offline-route-blank": ["export"],
    "plan-cap-too-low": ["costs"],
    "plan-definitions-not-published": ["export"],
    "plan-without-signatory": ["signatory"],
    "plan-review-overdue": ["review"],
    "plan-only-planned-exit": ["scenarios"],
    "plan-only-other-supplier": ["scenarios"],
    "plan-inventory-lacks-type": ["dataInventory"],
    "plan-notice-six-months": ["termination"],
    "plan-transition-one-year": ["transition"],
    "plan-retrieval-one-week": ["retrieval"],
    "plan-unlisted-costs": ["costs"],
    "plan-total-understated": ["costs"],
    "plan-deletion-after-a-year": ["deletion"],
    "plan-supplier-owns-configuration": ["ownership"],
    "plan-subcontractor-not-bound": ["subcontractors"],
    "attestation-for-other-version": [],
    "plan-claims-imaging": ["dataInventory"],
    "plan-without-derivation-rule": ["dataInventory"],
    "plan-exclusion-without-reason": ["dataInventory"],
    "plan-format-with-royalties": ["export"],
    "plan-without-known-risks": ["transition"],
    "plan-transition-not-extended": ["transition"],
    "plan-never-rehearsed": ["review"],
    "plan-read-only-one-week": ["retrieval"],
    "plan-terms-not-pinned": ["termination"],
    "plan-is-exclusive": ["termination"],
    "plan-charges-for-interface": ["costs"],
    "plan-charges-for-switching": ["costs"],
    "plan-cost-without-basis": ["costs"],
    "plan-early-termination-rises": ["costs"],
    "plan-help-never-free": ["costs"],
    "plan-without-indexation": ["costs"],
    "plan-slow-response": ["assistance"],
    "plan-without-certificate": ["deletion"],
    "plan-erases-unasked": ["deletion"],
    "plan-address-of-example": ["interface"],
    "plan-unknown-resource-type": ["dataInventory"],
    "plan-unknown-format": ["dataInventory"],
    "plan-step-takes-no-time": ["scenarios"],
    "plan-step-beyond-transition": ["scenarios"],
    "plan-step-to-be-agreed": ["scenarios"],
    "plan-terms-pinned-to-nothing": ["termination"],
    "plan-longer-without-reasons": ["transition"],
    "plan-extension-without-clause": ["transition"],
    "plan-least-volume": ["termination"],
    "plan-supplier-claims-exports": ["ownership"],
    "plan-exclusion-of-anything": ["dataInventory"],
    "plan-exclusion-delays-switch": ["dataInventory"],
    "plan-escrow-with-itself": ["ownership"],
    "plan-escrow-stale": ["ownership"],
    "plan-licence-without-terms": ["thirdPartyLicences"],
    "plan-subcontractor-holds-unknown": ["subcontractors"],
    "plan-without-dependencies": ["dependencies"],
    "plan-knowledge-to-be-agreed": ["people"],
    "plan-price-by-quotation": ["costs"],
    "plan-charge-without-trigger": ["costs"],
    "plan-switching-called-other": ["costs"],
    "plan-interface-called-licence": ["costs"],
    "plan-cap-without-bound": ["costs"],
    "plan-scenario-without-help": ["costs"],
    "plan-scenario-charges-included-days": ["costs"],
    "plan-early-termination-never-falls": ["costs"],
    "plan-rate-card-dearer-than-table": ["assistance"],
    "plan-index-unnamed": ["costs"],
    "plan-free-help-without-clause": ["costs"],
    "plan-erasure-leaves-subcontractor-out": ["deletion"],
    "plan-certificate-without-signatory": ["deletion"],
    "plan-confirmation-without-clause": ["deletion"],
    "plan-register-stale": ["export"],
    "register-lacks-type": [],
    "plan-documentation-lacks-subject": ["export"],
    "plan-without-restrictions": ["export"],
    "plan-registration-by-consent": ["interface"],
    "plan-fees-not-stated": ["interface"],
    "plan-changes-within-a-week": ["interface"],
    "plan-export-once-a-month": ["export"],
    "plan-without-offline-route": ["export"],
    "plan-no-retest-at-exit": ["retest"],
    "plan-equivalent-decided-by-supplier": ["equivalence"],
    "attestation-silent-on-staff": [],
    "attestation-silent-on-rehearsal": [],
    "attestation-silent-on-product": [],
    "plan-not-updated-before-extension": ["review"],
    "attestation-silent-on-erasure": [],
    "plan-keeps-configuration": ["dataInventory"],
    "plan-names-one-environment-twice": ["export"],
    "plan-function-on-screen-only": ["export"],
    "plan-function-not-declared": ["export"],
    "plan-without-functions": ["export"],
    "plan-without-schemas": ["export"],
    "plan-schema-is-a-page": ["export"],
    "schema-of-another-format": [],
}


INVALID = {"plan-offline-route-blank", "plan-without-signatory", "plan-exclusion-without-reason"}
"""Those whose plan breaks the schema as well."""


def written(folder: Path, **changes: Any) -> dict[str, Any]:
    said = {"base_url": BASE, "product_version": "7.4.1", "as_of": AS_OF, "types": TYPES, **changes}
    write_dossier(folder, **said)
    return json.loads((folder / "exit-plan.json").read_bytes())


def statement(folder: Path) -> dict[str, Any]:
    """The attested statement, once its signature has been verified with the key beside it."""
    envelope = Envelope.from_dict(json.loads((folder / "attestation.dsse.json").read_bytes()))
    public = load_pem_public_key((folder / "supplier-key.pub.pem").read_bytes())
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = SSlibKey.from_crypto(public, keyid=hashlib.sha256(spki).hexdigest())
    envelope.verify([key], 1)
    assert envelope.payload_type == "application/vnd.in-toto+json"
    return json.loads(envelope.payload)


@pytest.fixture
def plan(tmp_path: Path) -> dict[str, Any]:
    return written(tmp_path)


def valid(plan: dict[str, Any]) -> bool:
    return Draft202012Validator(json.loads(SCHEMA.read_bytes())).is_valid(plan)


def test_the_plan_is_valid_against_the_published_schema(plan):
    assert valid(plan)


def test_the_plan_keeps_to_every_default_limit(plan):
    assert plan["termination"]["switchNotice"] == "P2M"
    assert not plan["termination"]["exclusivity"]
    transition, retrieval = plan["transition"], plan["retrieval"]
    assert (transition["standard"], transition["longest"]) == ("P30D", "P7M")
    assert transition["infeasibilityNoticeWorkingDays"] <= 14
    assert transition["buyerMayExtendOnce"]
    assert retrieval == {
        "period": "P30D", "startsAt": "end-of-transition", "readOnlyAccessAfterGoLive": "P90D",
    }  # fmt: skip
    assert (plan["deletion"]["liveDataWithin"], plan["deletion"]["backupsWithin"]) == ("P30D", "P90D")
    assert plan["assistance"]["responseWorkingDays"] <= 5
    assert all(one["exitTermsFlowDown"] for one in plan["subcontractors"])


@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 1, 1), date(2028, 2, 29), date(2027, 12, 31)])
def test_the_dates_fit_whatever_the_day(tmp_path, as_of):
    plan = written(tmp_path, as_of=as_of)
    days = {
        name: date.fromisoformat(text)
        for name, text in plan["review"].items()
        if name not in {"rehearsalReportSha256", "planBeforeExtension"}
    }
    start = date.fromisoformat(plan["contract"]["start"])
    assert start < days["issued"] <= start + timedelta(days=89), "within three months"
    assert days["issued"] <= days["lastReviewed"] <= as_of <= days["nextReviewDue"]
    assert days["nextReviewDue"] - days["lastReviewed"] <= timedelta(days=365)
    assert as_of - days["lastRehearsed"] <= timedelta(days=365)
    assert (
        date.fromisoformat(plan["signatory"]["signedOn"])
        <= as_of
        < date.fromisoformat(plan["contract"]["end"])
    )


def test_the_total_is_quantities_times_prices_and_within_the_cap(plan):
    costs = plan["costs"]
    prices = {item["id"]: Decimal(item["unitPrice"]) for item in costs["items"]}
    quantities = costs["standardScenario"]["quantities"]
    total = sum(prices[name] * quantity for name, quantity in quantities.items())
    assert total == Decimal(costs["standardScenario"]["statedTotal"]) <= Decimal(costs["cap"])
    assert all(
        prices[item["id"]] == 0 for item in costs["items"] if item["kind"] in {"switching", "egress", "api"}
    )
    assert all(item["costBasis"] for item in costs["items"])
    charges = [Decimal(row["charge"]) for row in costs["earlyTermination"]]
    assert charges == sorted(charges, reverse=True)


def test_steps_fit_inside_the_transition(plan):
    for scenario in plan["scenarios"]:
        for step in scenario["steps"]:
            assert int(step["startsAfter"][1:-1]) + int(step["lasts"][1:-1]) <= 30


def test_the_inventory_covers_every_type_with_its_records_and_bytes(tmp_path):
    sizes = {name: count * 100 for name, count in TYPES.items()}
    rows = written(tmp_path, types={**TYPES, "Claim": 5}, sizes={**sizes, "Claim": 50})["dataInventory"]
    named = [name for row in rows for name in row.get("resourceTypes", [])]
    assert sorted(named) == sorted([*TYPES, "Claim"])
    for row in rows:
        if row["exportable"]:
            assert row["records"] == sum({**TYPES, "Claim": 5}[name] for name in row["resourceTypes"])
            assert row["bytes"] == sum({**sizes, "Claim": 50}[name] for name in row["resourceTypes"])
        else:
            assert row["exclusionReason"]


@pytest.mark.parametrize(
    ("base", "docs"),
    [
        (BASE, "https://127.0.0.1:8443/docs"),
        ("https://fhir.example/fhir", "https://fhir.example/docs"),
    ],
)
def test_the_plan_points_to_documents_that_were_written(tmp_path, base, docs):
    plan = written(tmp_path, base_url=base)
    for name in ("documentationUrl", "registerUrl", "apiTermsUrl"):
        url = plan["export"][name]
        assert url.startswith(f"{docs}/")
        assert (tmp_path / url.removeprefix(f"{docs}/")).stat().st_size > 500
    specimen = plan["deletion"]["certificate"]["specimen"]
    assert specimen["sha256"] == hashlib.sha256((tmp_path / specimen["document"]).read_bytes()).hexdigest()
    (clause,) = plan["termination"]["clauses"]
    assert clause["sha256"] == hashlib.sha256((tmp_path / clause["document"]).read_bytes()).hexdigest()
    rehearsal = hashlib.sha256((tmp_path / "rehearsal.html").read_bytes()).hexdigest()
    assert plan["review"]["rehearsalReportSha256"] == rehearsal


class Headings(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_pages_are_well_formed_and_lead_somewhere(tmp_path):
    written(tmp_path)
    for page in ("export.html", "terms.html", "rehearsal.html"):
        parser = Headings()
        parser.feed((tmp_path / page).read_text(encoding="utf-8"))
        parser.close()
        assert parser.open == []
        assert all((tmp_path / link).exists() for link in parser.links if not link.startswith("https://"))


def test_documentation_and_register_name_every_type(tmp_path):
    written(tmp_path)
    page = (tmp_path / "export.html").read_text(encoding="utf-8")
    register = json.loads((tmp_path / "register.json").read_bytes())
    assert all(f"<td>{name}</td>" in page for name in TYPES)
    assert [row["type"] for row in register["structures"]] == sorted(TYPES)
    assert "$export" in page
    assert "application/fhir+ndjson" in page


def test_the_attestation_is_signed_and_is_about_this_plan(tmp_path):
    written(tmp_path)
    said = statement(tmp_path)
    plan_sha256 = hashlib.sha256((tmp_path / "exit-plan.json").read_bytes()).hexdigest()
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["subject"] == [{"name": "exit-plan.json", "digest": {"sha256": plan_sha256}}]
    assert said["predicateType"] == "https://conformance-harness.org/attestation/supplier-attestation/v1"
    predicate = said["predicate"]
    assert predicate["product"] == {
        "supplier": "Harbour Health Systems Ltd", "name": "Harbour EPR", "version": "7.4.1",
    }  # fmt: skip
    assert set(predicate["signatory"]) == {"name", "role", "organisation"}
    assert date.fromisoformat(predicate["signedOn"]) <= AS_OF
    assert "EXIT-GOV-01" in predicate["requirements"]


def test_the_signature_holds_without_the_library_that_made_it(tmp_path):
    written(tmp_path)
    envelope = json.loads((tmp_path / "attestation.dsse.json").read_bytes())
    payload = base64.b64decode(envelope["payload"], validate=True)
    kind = envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    public = load_pem_public_key((tmp_path / "supplier-key.pub.pem").read_bytes())
    signature = base64.b64decode(envelope["signatures"][0]["sig"], validate=True)
    public.verify(signature, signed)
    with pytest.raises(InvalidSignature):
        public.verify(signature, signed.replace(b"7.4.1", b"7.4.2"))


def test_the_private_key_is_written_only_when_asked_for_and_then_closed(tmp_path):
    written(tmp_path / "docs", private_key=tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert b"PRIVATE KEY" in (tmp_path / "key.pem").read_bytes()
    assert all(b"PRIVATE KEY" not in file.read_bytes() for file in (tmp_path / "docs").iterdir())


def test_the_table_of_faults_is_complete():
    assert sorted(CHANGES) == sorted(FAULTS)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_changes_one_thing_and_the_attestation_stays_about_the_file(tmp_path, fault):
    honest = written(tmp_path / "honest")
    faulty = written(tmp_path / "faulty", fault=fault, seed=5)
    changed = [name for name in honest if honest[name] != faulty.get(name)]
    assert changed == FAULTS[fault]
    said, truth = statement(tmp_path / "faulty"), statement(tmp_path / "honest")
    digest = hashlib.sha256((tmp_path / "faulty" / "exit-plan.json").read_bytes()).hexdigest()
    assert said["subject"][0]["digest"]["sha256"] == digest
    expected = deepcopy(truth["predicate"])
    if fault == "attestation-for-other-version":
        assert said["predicate"]["product"].pop("version") != expected["product"].pop("version")
    if fault.startswith("attestation-silent-on-"):
        named = expected["requirements"], said["predicate"]["requirements"]
        assert len(set(named[0]) - set(named[1])) == 1
        expected["requirements"] = named[1]
    assert said["predicate"] == expected
    pages = {"export.html", "register.json", "terms.html", "rehearsal.html", "certificate.html"}
    for name in sorted(pages - {"register.json"} if fault == "register-lacks-type" else pages):
        assert (tmp_path / "faulty" / name).read_bytes() == (tmp_path / "honest" / name).read_bytes()


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - INVALID))
def test_a_faulty_plan_is_still_valid_so_that_only_its_own_requirement_fails(tmp_path, fault):
    assert valid(written(tmp_path, fault=fault))


def test_a_plan_without_signatory_is_not_valid(tmp_path):
    assert not valid(written(tmp_path, fault="plan-without-signatory"))


@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 4, 29), date(2028, 2, 29)])
def test_the_overdue_review_is_two_years_ago(tmp_path, as_of):
    honest, late = (
        written(tmp_path / str(fault), as_of=as_of, fault=fault) for fault in (None, "plan-review-overdue")
    )
    apart = date.fromisoformat(honest["review"]["lastReviewed"]) - date.fromisoformat(
        late["review"]["lastReviewed"]
    )
    assert 729 <= apart.days <= 734
    assert late["review"]["lastReviewed"] > late["review"]["issued"]
    assert date.fromisoformat(late["review"]["nextReviewDue"]) < as_of


def test_where_a_fault_strikes_is_drawn_from_the_seed(tmp_path):
    def missing(seed: int) -> str:
        rows = written(tmp_path, fault="plan-inventory-lacks-type", seed=seed)["dataInventory"]
        (name,) = set(TYPES) - {name for row in rows for name in row.get("resourceTypes", [])}
        return name

    assert missing(1) == missing(1)
    assert len({missing(seed) for seed in range(12)}) > 2


def test_faults_of_the_server_change_no_document(tmp_path):
    assert written(tmp_path / "a") == written(tmp_path / "b", fault="read-without-etag")


def test_openssl_reads_the_public_key(tmp_path):
    written(tmp_path)
    try:
        shown = subprocess.run(
            ["openssl", "pkey", "-pubin", "-noout", "-text", "-in", tmp_path / "supplier-key.pub.pem"],
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    assert "ED25519" in shown.stdout.upper()


def test_the_faults_of_the_documents_are_those_that_are_listed_as_such():
    assert sorted(CHANGES) == sorted(fault.name for fault in NAMED if fault.where == "dossier")
