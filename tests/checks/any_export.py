"""Evidence of exports of any kind, sensible and absurd, for checks that must survive it."""

from evidence_builder import BASE, exchange
from export_evidence import JOB
from hypothesis import strategies as st

SINCE = "?_since=2026-01-02T00:00:00Z"
FILTER = "?_type=Patient&_typeFilter=Patient%3Fgender%3Dfemale"
QUERIES = (
    *(
        "_elements=id,Patient.name",
        "organizeOutputBy=Patient",
        "allowPartialManifests=true",
        "_until=2026",
        "_type=",
    ),
    *(
        "includeAssociatedData=LatestProvenanceResources",
        "_maximumFileSize=1",
        "_typeFilter=x",
        "_outputFormat=ndjson",
    ),
)

texts = st.sampled_from(
    ["", "Patient", "/x", "http://[", f"{BASE}/files/1", "2026-01-01T00:00:00Z", "ü", "TLSv1.3"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted({
        "transactionTime", "request", "requiresAccessToken", "output", "error", "deleted", "extension", "url", "type",
        "count", "resourceType", "issue", "entry", "member", "entity", "reference", "subject", "rest", "operation",
        "resource", "name", "definition", "instantiates", "meta", "lastUpdated", "id", "contentType", "method",
        "link", "relation", "outputOrganizedBy", "continuesInFile", "parameter", "valueReference", "target", "recorded",
        "tag", "searchParam", "identifier", "securityContext", "attachment", "scope", "access_token", "code",
    })), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip
manifests = st.fixed_dictionaries(
    {"resourceType": st.sampled_from(["Patient", "Group", "CapabilityStatement", "Bundle", 3])},
    optional=dict.fromkeys(("output", "error", "deleted", "transactionTime", "member", "rest"), json_values),
)
bodies = json_values | manifests | st.binary(max_size=30)
exchanges = st.builds(
    lambda url, status, headers, body, label, about: exchange(
        "GET", url, status, headers, body, label, about
    ),
    st.sampled_from(
        ["/$export", f"/$export{SINCE}", f"/$export{FILTER}", "/Group/g/$export", "/Patient/$export", JOB]
        + [f"/$export?{query}" for query in QUERIES]
    ),
    st.sampled_from([0, 200, 202, 206, 302, 400, 401, 404, 500, 503]),
    st.dictionaries(
        st.sampled_from(
            [
                "content-type",
                "retry-after",
                "content-location",
                "expires",
                "x-export-status",
                "preference-applied",
            ]
        ),
        texts,
    ),
    bodies,
    st.sampled_from(
        [
            *("kick-off", "status", "file", "metadata", "cancel", "status-after-cancel", "status-anonymous"),
            *(
                "file-early",
                "file-again",
                "file-part",
                "file-unknown",
                "file-after-delete",
                "attachment",
                "action",
            ),
            *("manifest-page", "manifest-again", "burst", "kick-off-second", "status-second", "token-narrow"),
            *("read", "group-read", "sample"),
        ]
    ),
    st.dictionaries(
        st.sampled_from(["kind", "index", "type", "action", "number"]),
        st.sampled_from(["output", "error", "0", "1", "²", "poll", "cancel"]),
    ),
)
notes = st.dictionaries(
    st.sampled_from(["gone", "kept", "asked", "pages-ended", "parameters"]),
    texts
    | st.none()
    | st.dictionaries(st.sampled_from(["_type", "patient", "_since"]), st.lists(json_values, max_size=2)),
    max_size=3,
)
