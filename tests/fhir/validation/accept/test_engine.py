"""Which walk runs, and why."""

import pytest

from conformance.fhir.validation.accept import engine as told
from conformance.fhir.validation.accept.engine import SOURCES, walk_type
from conformance.fhir.validation.accept.walk import Walk


def test_the_pure_walk_can_be_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONFORMANCE_PURE", "1")
    assert told() == "pure (CONFORMANCE_PURE is 1)"
    assert walk_type() is Walk


def test_a_core_of_other_sources_is_refused(monkeypatch: pytest.MonkeyPatch):
    if told() != "compiled":
        pytest.skip(f"no compiled core: {told()}")
    module = __import__("sys").modules["conformance.fhir.validation.accept.engine"]
    module._compiled.cache_clear()
    monkeypatch.setattr(module, "SOURCES", SOURCES[:-1])
    try:
        assert told().startswith("pure (the compiled core was built from other sources")
        assert walk_type() is Walk
    finally:
        module._compiled.cache_clear()


def test_the_build_names_the_same_sources():
    build = pytest.importorskip(
        "conformance.fhir.validation.accept.build_core", reason="hatchling is not installed"
    )
    assert build.SOURCES == SOURCES
