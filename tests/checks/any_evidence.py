"""Evidence of any kind, sensible and absurd, for checks that must survive it."""

from hypothesis import strategies as st
from saw import evidence, exchange, step

NAMES = (
    "resourceType", "id", "meta", "versionId", "link", "relation", "url", "next", "self", "entry",
    "resource", "search", "mode", "total", "type", "issue", "severity", "code", "rest", "interaction",
    "searchParam", "name", "operation", "definition", "birthDate", "identifier", "system", "value",
    "subject", "reference", "response", "status", "location", "gender", "coding", "start", "end",
    "versioning", "extension", "fhirVersion", "kind", "output", "error", "deleted", "lastUpdated", "tag", "text",
    "token_endpoint", "access_token", "expires_in", "scope", "contained", "request", "method", "fullUrl",
)  # fmt: skip
WORDS = (
    "Bundle", "Patient", "Observation", "CapabilityStatement", "OperationOutcome", "searchset", "history",
    "match", "include", "1980-05", "2020-13-01", "Patient/1", "http://h/fhir/Patient/1", "#x", "urn:uuid:1",
)  # fmt: skip

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


@st.composite
def any_evidence(draw, labels, ending):
    """Answers under some of these labels; the searches under `ending` came to an end or did not."""
    bodies = resources | searchsets | trees | st.binary(max_size=40)
    statuses = st.sampled_from([0, 200, 201, 202, 204, 301, 400, 401, 404, 412, 500])
    headers = st.dictionaries(st.sampled_from(["etag", "location"]), st.text(max_size=20))
    answers = [
        exchange(status=draw(statuses), body=draw(bodies), label=label, **draw(headers))
        for label in draw(st.lists(st.sampled_from(labels), max_size=12))
    ]
    metadata = exchange("/metadata", body=draw(bodies), label="metadata")
    ends = {f"ended-{label}": draw(st.sampled_from(["complete", "loop", 7])) for label in ending}
    sent = {"sent-create": draw(resources), "sent-update": draw(resources)}
    return evidence(step(*answers, **ends, **sent), discovery=(metadata,))
