"""JSON Schemas of what is signed beside a report: replies to it, the release of a profile, waivers."""

import json
from collections.abc import Mapping

from conformance.model.base import Noun
from conformance.model.release import RELEASE_PREDICATE, Release
from conformance.model.replies import REPLIES
from conformance.model.waivers import WAIVERS_PREDICATE, WaiverList

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STATED: Mapping[str, type[Noun]] = {**REPLIES, RELEASE_PREDICATE: Release, WAIVERS_PREDICATE: WaiverList}
"""What each predicate type holds."""


def statement_schemas() -> dict[str, str]:
    """The schemas by their file's names: of `…/profile-release/v1` in `profile-release-v1.schema.json`."""
    return {_file(type_): _schema(type_, kind) for type_, kind in STATED.items()}


def _file(predicate_type: str) -> str:
    name, version = predicate_type.split("/")[-2:]
    return f"{name}-{version}.schema.json"


def _schema(predicate_type: str, kind: type[Noun]) -> str:
    stated = kind.model_json_schema(by_alias=True)
    stated["required"] = sorted(stated["properties"])  # a statement writes every member out
    stated["description"] = f"The predicate of the type {predicate_type} in an in-toto Statement v1."
    return json.dumps({"$schema": DIALECT, **stated}, indent=1, sort_keys=True) + "\n"
