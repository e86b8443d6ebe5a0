"""Every check of the FHIR base survives any evidence: it finds fault, is content, or says that it cannot judge."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saw import evidence, exchange, step

from conformance.checks import (
    access,
    capability,
    cors,
    errors,
    formats,
    http,
    must_support,
    references,
    refusals,
    resource,
    rest_bundles,
    rest_conditional,
    rest_declared,
    rest_freshness,
    rest_operations,
    rest_patch,
    rest_reads,
    rest_versions,
    rest_writes,
    scopes,
    search,
    search_laws,
    smart,
    structures,
    tls,
    token,
    token_answers,
    wire_form,
    write,
    write_round_trip,
)
from conformance.errors import NotJudgeable
from conformance.plugin import MARK

NAMES = (
    "resourceType", "id", "meta", "versionId", "link", "relation", "url", "next", "self", "entry",
    "resource", "search", "mode", "total", "type", "issue", "severity", "code", "rest", "interaction",
    "searchParam", "name", "operation", "definition", "birthDate", "identifier", "system", "value",
    "subject", "reference", "response", "status", "location", "gender", "coding", "start", "end",
    "versioning", "extension", "fhirVersion", "kind",
)  # fmt: skip
WORDS = (
    "Bundle",
    "Patient",
    "CapabilityStatement",
    "OperationOutcome",
    "searchset",
    "match",
    "1980-05",
    "2020-13-01",
)

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text()
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=15,
)
resources = st.builds(
    lambda kind, more: more | {"resourceType": kind},
    st.sampled_from(WORDS),
    st.dictionaries(st.sampled_from(NAMES), trees),
)
searchsets = st.builds(
    lambda found, more: more | {"resourceType": "Bundle", "entry": [{"resource": r} for r in found]},
    st.lists(resources | trees, max_size=3),
    st.dictionaries(st.sampled_from(NAMES), trees, max_size=3),
)
LABELS = (
    "", "page", "get", "post", "count", "strict", "declared", "create", "create-with-id", "read-back", "update",
    "read-after-update", "stale-update", "read-after-stale", "mismatched-update", "delete", "read-after-delete",
    "control", "transaction", "after-transaction", "sampled", "holding", "referred", "version", "vread", "history",
    "history-count", "history-since", "read", "again", "head", "same-tag", "other-tag", "patch", "read-after-patch",
    "patch-test", "read-patch-test", "if-none", "after-none", "if-one", "after-one", "control-two", "if-two",
    "after-two", "control-one", "batch", "methods", "updated", "deleted", "links", "linked", "search-created",
    "search-before", "search-after", "recreate", "read-recreated", "valid", "invalid", "everything",
    "prefer-representation", "vread-deleted",
    "bad", "after-bad", "after-control", "stranger", "known", "unknown", "cors", "preflight", "in-header", "in-url",
    "smart", "token-good", "token-expired", "token-narrow", "within", "beyond", "own", "kick-off-beyond", "fresh",
    "late",
)  # fmt: skip
ARGUMENTS = {
    "code": ["4xx", 200], "media": "a/b", "name": "ETag", "type": "Patient", "version": "4.0", "count": 1,
    "label": "page", "one": "get", "other": "post", "source": "Patient/1", "id": "1", "path": "birthDate",
    "value": "1980-05-05", "parameter": "birthdate", "aspect": "content", "resource": "Patient",
    "structure": "http://hl7.org/fhir/StructureDefinition/Patient",
    "same": "same-tag", "interactions": ["read", "vread"], "what": "create", "all": True, "limit": 1,
    "kind": "batch-response", "formats": "json", "values": ["Smith"], "markup": "<b>",
    "known": "known", "unknown": "unknown", "member": "scope", "variants": ["expired"], "labels": ["token-expired"],
    "most": 300, "prefix": "user/",
}  # fmt: skip
MODULES = (
    access, capability, cors, errors, formats, http, must_support, references,
    refusals, resource, rest_bundles, rest_conditional, rest_declared, rest_freshness, rest_operations, rest_patch,
    rest_reads, rest_versions, rest_writes, scopes, search, search_laws, smart, structures,
    tls, token, token_answers, wire_form, write, write_round_trip,
)  # fmt: skip
CHECKS = [
    part
    for module in MODULES
    for value in vars(module).values()
    if (part := getattr(value, MARK, None)) is not None and value.__module__ == module.__name__
]


@pytest.mark.parametrize("part", CHECKS, ids=lambda part: part.name)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_survives(part, data):
    bodies = resources | searchsets | trees | st.binary(max_size=40)
    statuses = st.sampled_from([0, 200, 201, 202, 204, 301, 400, 401, 404, 412, 500])
    headers = st.dictionaries(
        st.sampled_from(["etag", "location", "www_authenticate", "content_type", "date"]),
        st.text(max_size=20),
    )
    answers = [
        exchange(status=data.draw(statuses), body=data.draw(bodies), label=label, **data.draw(headers))
        for label in data.draw(st.lists(st.sampled_from(LABELS), max_size=12))
    ]
    metadata = exchange("/metadata", body=data.draw(bodies), label="metadata")
    ends = {
        f"ended-{label}": data.draw(st.sampled_from(["complete", "loop", 7]))
        for label in ("page", "get", "post")
    }
    sent = {"sent-create": data.draw(resources), "sent-update": data.draw(resources)}
    sent |= {name: data.draw(trees) for name in ("asked", "tls-1.0", "tls-certificate", "lifetime", "waited")}
    seen = evidence(step(*answers, **ends, **sent), discovery=(metadata,))
    known = ARGUMENTS | ({"label": "patch-test"} if part.name == "patch-is-refused" else {})
    given_arguments = {n: known[n] for n, f in part.arguments.model_fields.items() if f.is_required()}
    try:
        findings = list(part(seen, **given_arguments))
    except NotJudgeable:
        return
    assert all(isinstance(finding, str) and finding for finding in findings)
