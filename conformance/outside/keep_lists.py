"""What may be recorded as it is. Everything else is replaced by tags: what nobody thought of stays secret."""

import re

HEADERS = frozenset(
    [
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "accept-ranges",
        "age",
        "allow",
        "api-version",
        "cache-control",
        "connection",
        "content-digest",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-security-policy",
        "content-type",
        "date",
        "deprecation",
        "digest",
        "etag",
        "expires",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-exist",
        "if-none-match",
        "if-unmodified-since",
        "keep-alive",
        "last-modified",
        "link",
        "location",
        "origin",
        "pragma",
        "prefer",
        "preference-applied",
        "range",
        "referrer-policy",
        "repr-digest",
        "retry-after",
        "server",
        "ssp-from",
        "ssp-interactionid",
        "ssp-to",
        "ssp-traceid",
        "strict-transport-security",
        "sunset",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "vary",
        "www-authenticate",
        "x-content-type-options",
        "x-correlation-id",
        "x-export-status",
        "x-frame-options",
        "x-powered-by",
        "x-progress",
        "x-request-id",
    ]
)
HEADER_PREFIXES = ("access-control-", "ratelimit", "x-ratelimit-")
SPOKEN_HEADERS = frozenset(
    [
        "api-version",
        "content-digest",
        "content-disposition",
        "content-range",
        "content-security-policy",
        "digest",
        "etag",
        "if-match",
        "if-none-match",
        "range",
        "repr-digest",
        "server",
        "trailer",
        "x-correlation-id",
        "x-export-status",
        "x-powered-by",
        "x-progress",
        "x-request-id",
    ]
)
"""Those of them whose values a server words as it likes: where the data is not synthetic, they are not published."""

URL_HEADERS = frozenset({"location", "content-location"})

SECRET_PARAMETERS = re.compile(
    r"""(?:.*[_-])?(?:token|secret|signature|password|passwd|assertion|credentials?|api_?key|apikey|access_?key)
    |x-amz-.*|x-goog-.*|awsaccesskeyid|key-pair-id|policy|sig|key|auth|authorization|jwt|session|session_?id
    |jsessionid|sid|ticket|otp""",
    re.IGNORECASE | re.VERBOSE,
)
"""Names of query and form parameters whose values let their bearer in."""

SECRETS_IN_BODY = tuple(
    re.compile(
        rb"(?P<name>"
        + mark
        + rb"""(?i:x-amz-[a-z-]+|x-goog-[a-z-]+|[a-z_-]*(?:token|secret|signature|password|assertion|api_?key)
        |awsaccesskeyid|key-pair-id|policy|sig|key|auth|jwt|session_?id)=)
        (?!redacted-)(?P<value>(?:[^&"'\\\s\#<>]|\\/)+)""",
        re.VERBOSE,
    )
    for mark in (rb"\?", b"&")
)
"""The same within the URLs of a body, as in the manifest of an export to pre-signed URLs.

Two patterns, since one that begins with a certain byte is searched for twenty times as fast.
"""

TOKENS_IN_BODY = re.compile(
    rb'(?P<name>"(?:access_token|refresh_token|id_token)"\s*:\s*)"(?P<value>(?:[^"\\]|\\.)+)"', re.DOTALL
)
"""The members of a token response (RFC 6749 section 5.1) that let their bearer in."""

PUBLIC_PARAMETERS = frozenset(
    [
        "_count",
        "_elements",
        "_format",
        "_getpagesoffset",
        "_include",
        "_lastUpdated",
        "_offset",
        "_outputFormat",
        "_page",
        "_pretty",
        "_revinclude",
        "_since",
        "_sort",
        "_summary",
        "_total",
        "_type",
        "_typeFilter",
        "_until",
        "allowPartialManifests",
        "includeAssociatedData",
        "page",
        "mode",
        "grant_type",
        "client_assertion_type",
        "scope",
        "token_type",
        "client_id",
    ]
)
"""Parameters whose values say nothing about a person."""

PUBLIC_ABOUT = frozenset(
    [
        "type",
        "resource",
        "level",
        "kind",
        "format",
        "interaction",
        "operation",
        "parameter",
        "page",
        "page-number",
        "variant",
        "modifier",
        "prefix",
        "method",
        "media_type",
        "media-type",
        "status",
        "code-system",
        "group-by",
        "count",
        "step",
        "phase",
        "file-type",
    ]
)
"""Words of a probe about what it sent that say nothing about a person."""
