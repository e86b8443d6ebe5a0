"""JSON Schemas of what machines read: the report's content, the signed predicate, the index of a register."""

import json
from typing import Any

from conformance.model.attestation import REPORT_PREDICATE
from conformance.model.predicate import PREDICATE_FORMAT, ReportPredicate
from conformance.model.report import REPORT_FORMAT, Report
from conformance.views import register_index

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REPORT_FILE = f"report-v{REPORT_FORMAT}.schema.json"
PREDICATE_FILE = f"predicate-v{PREDICATE_FORMAT}.schema.json"


def report_schemas() -> dict[str, str]:
    """The schemas by their file's names; each fits one major version, and no other."""
    report = Report.model_json_schema(by_alias=True)
    report["properties"]["format"] = {"const": REPORT_FORMAT, "default": REPORT_FORMAT}
    predicate = ReportPredicate.model_json_schema(by_alias=True)
    predicate["properties"]["formatVersion"] = {"const": PREDICATE_FORMAT}
    predicate["required"] = sorted(predicate["properties"])  # the statement writes every member out
    predicate["description"] = f"The predicate of the type {REPORT_PREDICATE} in an in-toto Statement v1."
    return {
        REPORT_FILE: _text(report),
        PREDICATE_FILE: _text(predicate),
        register_index.SCHEMA_FILE: register_index.schema(),
    }


def _text(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DIALECT, **schema}, indent=1, sort_keys=True) + "\n"
