"""A curl line gives a shell exactly the request that was sent, and nothing else."""

import shlex
import subprocess
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.model.curl import curl
from conformance.model.evidence import Body, Exchange

METADATA = "https://fhir.example.org/r4/metadata"
BODY = Body(sha256="0" * 64, size=2, media_type="application/fhir+json")


def sent(url=METADATA, method="GET", **rest):
    return Exchange(**{"id": "e1", "url": url, "method": method, "credentials": "none"} | rest)


@pytest.mark.parametrize(
    ("exchange", "line"),
    [
        (sent(), f"curl --include --globoff {METADATA}"),
        (
            sent(request_headers={"accept": "application/fhir+json", "user-agent": "x", "cookie": "a=b"}),
            f"curl --include --globoff -H 'accept: application/fhir+json' {METADATA}",
        ),
        (
            sent(request_headers={"if-none-match": ""}),
            f"curl --include --globoff -H 'if-none-match;' {METADATA}",
        ),
        (sent(credentials="own"), f'curl --include --globoff -H "Authorization: Bearer $TOKEN" {METADATA}'),
        (sent(credentials="invalid"), f"curl --include --globoff {METADATA}"),
        (sent(method="HEAD"), f"curl --include --globoff --head {METADATA}"),
        (
            sent(method="POST", request_body=BODY),
            f"curl --include --globoff -X POST --data-binary @body.json {METADATA}",
        ),
        (
            sent(method="POST", request_body=BODY, request_headers={"content-type": "text/plain"}),
            "curl --include --globoff -X POST -H 'content-type: text/plain' --data-binary @body.txt "
            + METADATA,
        ),
        (
            sent(method="GET", request_body=BODY),
            f"curl --include --globoff -X GET --data-binary @body.json {METADATA}",
        ),
        (sent(url="file:///etc/passwd"), ""),
        (sent(url="-o/tmp/x"), ""),
    ],
)
def test_a_request_as_a_line(exchange, line):
    assert curl(exchange) == line


def test_credentials_that_were_recorded_are_never_repeated():
    line = curl(sent(request_headers={"authorization": "Bearer tag-1", "Authorization": "Basic tag-2"}))
    assert "tag-" not in line


words = st.text(max_size=60)
headers = st.dictionaries(
    st.sampled_from(["accept", "content-type", "prefer", "if-match", "if-none-exist"]), words
)
visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60)


@given(
    words,
    headers,
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "$(id)", "a b\n"]),
    st.booleans(),
)
def test_any_line_is_visible_and_holds_one_url(tail, given_headers, method, body):
    line = curl(
        sent(METADATA + tail, method, request_headers=given_headers, request_body=BODY if body else None)
    )
    assert line.isascii()
    assert line.isprintable()
    parts = shlex.split(line)
    url = parts[-1]
    assert url.isascii()
    assert " " not in url
    assert unquote(url, errors="replace").startswith(METADATA)
    assert parts.count("-H") == len(given_headers)


@given(visible, headers)
def test_a_shell_reads_back_exactly_the_url_and_the_headers(tail, given_headers):
    exchange = sent(METADATA + tail, request_headers=given_headers)
    parts = shlex.split(curl(exchange))
    assert parts[-1] == exchange.url
    read = [parts[i + 1] for i, part in enumerate(parts[:-2]) if part == "-H"]
    expected = [
        f"{name}: {shown}" if (shown := "".join(c for c in value if " " <= c <= "~").strip()) else f"{name};"
        for name, value in given_headers.items()
    ]
    assert read == expected


@pytest.mark.parametrize(
    "tail", ["/$(echo gone)", "/`id`", "/'; echo gone; '", "/\n echo gone", '/" && echo gone "']
)
def test_a_real_shell_runs_one_command_only(tail):
    line = curl(sent(METADATA + tail, credentials="own"))
    seen = subprocess.run(
        ["sh", "-c", 'curl() { for word in "$@"; do printf "%s\\n" "$word"; done; }; ' + line],
        env={"TOKEN": "secret token"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert seen[:4] == ["--include", "--globoff", "-H", "Authorization: Bearer secret token"]
    assert len(seen) == 5
    assert unquote(seen[4]) == METADATA + tail
