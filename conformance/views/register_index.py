"""The index of a register for programs, and the JSON Schema that describes it."""

import json

from conformance.model.register import REGISTER_FORMAT, Register

__all__ = ["SCHEMA_FILE", "index", "schema"]

SCHEMA_FILE = f"register-v{REGISTER_FORMAT}.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def index(register: Register) -> str:
    """The whole register as one JSON document in ASCII; members that hold their default are left out."""
    return json.dumps(register.plain(), ensure_ascii=True, allow_nan=False) + "\n"


def schema() -> str:
    """The JSON Schema of the index: of this format, and no other."""
    described = Register.model_json_schema(by_alias=True)
    described["properties"]["format"] = {"const": REGISTER_FORMAT, "default": REGISTER_FORMAT}
    return json.dumps({"$schema": DIALECT, **described}, indent=1, sort_keys=True) + "\n"
