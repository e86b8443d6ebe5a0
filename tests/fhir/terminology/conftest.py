"""Packages that nobody here made, as sources of terminology."""

import json
import os
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from small_terminology import Shelf

SHARED = Path(__file__).resolve().parents[3] / "../shared/data"
LISTS = {"include", "exclude", "concept", "filter", "valueSet", "property", "contains", "extension"}


def from_xml(node: ET.Element) -> Any:
    """ValueSet and CodeSystem XML as JSON, as far as terminology reads them."""
    if node.get("value") is not None:
        value = node.get("value")
        return value == "true" if value in {"true", "false"} else value
    found: dict[str, Any] = {}
    for child in node:
        name = child.tag.rpartition("}")[2]
        if name in {"text", "contact", "meta"}:
            continue
        if name in LISTS and not (name == "property" and child.get("value")):
            found.setdefault(name, []).append(from_xml(child))
        else:
            found[name] = from_xml(child)
    return found


@pytest.fixture(scope="session")
def r4() -> Shelf:
    """The official core package, from FHIR_R4_CORE or the standard package cache."""
    usual = Path.home() / ".fhir/packages/hl7.fhir.r4.core#4.0.1/package"
    folder = Path(os.environ.get("FHIR_R4_CORE") or usual)
    if not folder.is_dir():
        pytest.skip(f"the unpacked package hl7.fhir.r4.core 4.0.1 is not at {folder}")
    kinds = ("ValueSet-*.json", "CodeSystem-*.json", "StructureDefinition-*.json")
    return Shelf(json.loads(path.read_bytes()) for kind in kinds for path in sorted(folder.glob(kind)))


@pytest.fixture(scope="session")
def uk_core() -> Shelf:
    folder = SHARED / "uk-core"
    if not folder.is_dir():
        pytest.skip(f"UK Core is not at {folder}")
    found = []
    for path in sorted([*folder.glob("valuesets/*.xml"), *folder.glob("codesystems/*.xml")]):
        root = ET.fromstring(path.read_bytes())
        found.append({"resourceType": root.tag.rpartition("}")[2], **from_xml(root)})
    return Shelf(found)


@pytest.fixture(scope="session")
def us_core() -> Shelf:
    path = SHARED / "ig-packages/hl7.fhir.us.core-6.1.0.tgz"
    if not path.is_file():
        pytest.skip(f"US Core is not at {path}")
    with tarfile.open(path) as archive:
        members = [
            member
            for member in archive.getmembers()
            if member.name.startswith(("package/ValueSet-", "package/CodeSystem-"))
        ]
        return Shelf(json.loads(archive.extractfile(member).read()) for member in members)
