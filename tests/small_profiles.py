"""Small profiles and target files for tests that run the whole way."""

from pathlib import Path
from typing import Any

import yaml

READING = """\
profile: small
version: 0.1.0
title: A small profile
parameters:
  page: {default: 5}
requirements:
  - id: S-META
    level: SHALL
    text: There is a capability statement.
    source: https://example.org/#meta
    tests:
      - probe: {request: {path: /metadata, label: metadata}}
        expect: [{status: {code: 200}}, {capability-statement: {}}]
  - id: S-READ
    level: SHALL
    text: A read gives the resource that it asks for.
    source: https://example.org/#read
    when: [{declares: {resource: Patient, interaction: read}}]
    tests:
      - probe: {request: {path: "/Patient/{p.id}"}}
        slots: {p: Patient.id}
        examples: 3
        expect: [{status: {code: 200}}, {resource: {type: Patient, id: "{p.id}"}}]
  - id: S-EACH
    level: SHALL
    text: Resources of every type can be read.
    source: https://example.org/#read
    tests:
      - each: {resource-type: {interaction: read}}
        most: 3
        probe: {request: {path: "/{source}"}}
        expect: [{status: {code: 200}}]
  - id: S-UNKNOWN
    level: SHALL
    text: What is not there is not found.
    source: https://example.org/#unknown
    tests:
      - probe: {request: {path: "/Patient/{id}"}}
        draw: {id: unknown-id}
        examples: 2
        expect: [{status: {code: 404}}]
  - id: S-SEARCH
    level: SHOULD
    text: A search gives a searchset.
    source: https://example.org/#search
    tests:
      - probe: {paging: {path: /Patient, count: "${page}"}}
        expect: [{searchset: {}}, {pages-complete: {}}]
  - id: S-WORD
    level: MAY
    text: Something that no test is for.
    source: https://example.org/#word
    untested: nothing outside can see it
"""

WRITING = (  # eight patients are created and removed
    READING.replace("profile: small", "profile: small-writing")
    + """\
  - id: S-CREATE
    level: SHALL
    text: What is created can be read.
    source: https://example.org/#create
    tests:
      - probe: {create: {family: "{family}", birth_date: "1970-01-01"}}
        draw: {family: family-name}
        examples: 8
        expect: [{status: {code: 201, label: create}}]
"""
)


def write_profile(folder: Path, text: str = READING) -> Path:
    """The profile in a file of its own name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{yaml.safe_load(text)['profile']}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def write_target(path: Path, endpoint: str, **members: Any) -> Path:
    """A target file for this endpoint; synthetic data unless the members say otherwise."""
    known = {"endpoint": endpoint, "product": "Tried product", "dataClass": "synthetic"}
    limits = {"connectTimeout": 5, "readTimeout": 10, "retries": 0}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(known | {"limits": limits} | members), encoding="utf-8")
    return path
