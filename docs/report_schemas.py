"""JSON Schemas of what machines read: a report, its predicate, a tender pack, a decision, a register."""

import json
from typing import Any

from conformance.model.attestation import REPORT_PREDICATE
from conformance.model.base import Noun
from conformance.model.predicate import PREDICATE_FORMAT, ReportPredicate
from conformance.model.report import REPORT_FORMAT, Report
from conformance.model.tender import (
    DECISION_PREDICATE,
    TENDER_FORMAT,
    TENDER_PREDICATE,
    EquivalenceDecision,
    Tender,
)
from conformance.views import register_index

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REPORT_FILE = f"report-v{REPORT_FORMAT}.schema.json"
PREDICATE_FILE = f"predicate-v{PREDICATE_FORMAT}.schema.json"
PACK_FILE = f"tender-v{TENDER_FORMAT}.schema.json"
DECISION_FILE = f"decision-v{TENDER_FORMAT}.schema.json"


def report_schemas() -> dict[str, str]:
    """The schemas by their file's names; each fits one major version, and no other."""
    report = Report.model_json_schema(by_alias=True)
    report["properties"]["format"] = {"const": REPORT_FORMAT, "default": REPORT_FORMAT}
    return {
        REPORT_FILE: _text(report),
        PREDICATE_FILE: _text(_predicate(ReportPredicate, REPORT_PREDICATE, PREDICATE_FORMAT)),
        PACK_FILE: _text(_predicate(Tender, TENDER_PREDICATE, TENDER_FORMAT)),
        DECISION_FILE: _text(_predicate(EquivalenceDecision, DECISION_PREDICATE, TENDER_FORMAT)),
        register_index.SCHEMA_FILE: register_index.schema(),
    }


def _predicate(kind: type[Noun], type_: str, version: str) -> dict[str, Any]:
    """The schema of what is stated in an in-toto Statement v1, which writes every member out."""
    stated = kind.model_json_schema(by_alias=True)
    stated["properties"]["formatVersion"] = {"const": version}
    stated["required"] = sorted(stated["properties"])
    stated["description"] = f"The predicate of the type {type_} in an in-toto Statement v1."
    return stated


def _text(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DIALECT, **schema}, indent=1, sort_keys=True) + "\n"
