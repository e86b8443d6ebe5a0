"""What is written down of URLs, headers, bodies and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.model.evidence import Exchange, StepEvidence
from conformance.model.target import DataClass
from conformance.outside.redact import Redactor
from conformance.outside.secrets import Secrets

BASE = "https://fhir.example.org/r4"


def redactor(data_class=DataClass.SYNTHETIC, key=b"k" * 32):
    return Redactor(key, Secrets({}), data_class, BASE)


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/Patient/p1?_count=5&identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018",
        f"{BASE}/Observation?code=http://loinc.org|8480-6",
        f"{BASE}/ValueSet/$validate-code?code=a&system=b",
        f"{BASE}/Patient/p1/_history/2",
    ],
)
def test_synthetic_data_keeps_its_urls(url):
    assert redactor().url(url) == url


def test_secrets_of_urls_are_tags_and_can_be_revealed_in_this_process():
    hide = redactor()
    url = "https://joe:pw@s3.example.org/f?X-Amz-Signature=0a1b2c&X-Amz-Date=2026&part=1&token=t#frag"
    shown = hide.url(url)
    for secret in ("joe", "pw@", "0a1b2c", "frag", "token=t"):
        assert secret not in shown
    assert "part=1" in shown
    assert shown.count("redacted-") == 5
    assert hide.reveal(shown) == url
    assert hide.url(shown) == shown
    assert redactor(key=b"o" * 32).reveal(shown) == shown


def test_an_authorisation_code_is_a_secret_but_the_search_parameter_code_is_none():
    assert "4/abc" not in redactor().url("https://x.example.org/callback?code=4/abc")
    assert "4/abc" not in redactor().form("grant_type=authorization_code&code=4/abc")
    assert redactor().form("code=8480-6") == "code=8480-6"


def test_ids_and_searched_values_of_people_are_tags():
    hide = redactor(DataClass.LIVE)
    shown = hide.url(
        f"{BASE}/Patient/abc-1/Observation?_count=5&_type=Patient&subject=Patient/abc-1&name:exact=Smith"
    )
    assert shown.startswith(f"{BASE}/Patient/redacted-")
    assert "/Observation?_count=5&_type=Patient&subject=redacted-" in shown
    assert "abc-1" not in shown
    assert "Smith" not in shown
    assert hide.url(f"{BASE}/Patient/$export?_type=Patient") == f"{BASE}/Patient/$export?_type=Patient"
    assert hide.url(f"{BASE}/metadata") == f"{BASE}/metadata"
    assert "9990000018" not in hide.url("https://files.example.org/9990000018/Patient.ndjson")


def test_headers_are_kept_by_a_list():
    shown = dict(
        redactor().headers(
            [
                ("content-type", "application/fhir+json"),
                ("authorization", "Bearer abcdefgh"),
                ("set-cookie", "s=abcdefgh"),
                ("x-new-thing", "abcdefgh"),
                ("access-control-allow-origin", "*"),
                (
                    "www-authenticate",
                    'Bearer realm="fhir", error="invalid_token", nonce="abcdefgh", Basic realm="b"',
                ),
                ("link", '<https://x.example.org/?sig=abcdefgh>; rel="next"'),
                ("content-location", "https://x.example.org/job?token=abcdefgh"),
            ]
        )
    )
    assert "abcdefgh" not in str(shown)
    assert shown["content-type"] == "application/fhir+json"
    assert shown["access-control-allow-origin"] == "*"
    assert shown["authorization"].startswith("[redacted:")
    assert shown["www-authenticate"] == 'Bearer realm="fhir", error="invalid_token", Basic realm="b"'
    assert shown["link"].endswith('>; rel="next"')


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("Bearer error=invalid_token", 'Bearer error="invalid_token"'),
        ("Bearer error=invalid_token, nonce=abcdefgh", 'Bearer error="invalid_token"'),
        ('Bearer realm="x", Error = "invalid_token"', 'Bearer realm="x", error="invalid_token"'),
        ("Bearer error=abcdefgh9", "Bearer"),
        ("Bearer error=invalid_token.abcdefgh", "Bearer"),
        ('Bearer last-error="abcdefgh"', "Bearer"),
        ('Bearer error_description="abcdefgh"', "Bearer"),
    ],
)
def test_the_error_of_a_challenge_is_kept_with_quotes_and_without(stated, kept):
    assert dict(redactor().headers([("www-authenticate", stated)]))["www-authenticate"] == kept


def test_tokens_in_a_body_are_tags_and_become_secrets():
    secrets = Secrets({})
    hide = Redactor(b"k" * 32, secrets, DataClass.SYNTHETIC, BASE)
    body = b'{"access_token" : "abc\\/defghijk", "token_type":"bearer","expires_in":300}'
    shown = hide.body(body, "application/json")
    tag = hide.tag("abc/defghijk")
    assert shown.decode() == f'{{"access_token" : "{tag}", "token_type":"bearer","expires_in":300}}'
    assert secrets.found(b"abc/defghijk")
    assert hide.body(shown, "application/json") == shown


def test_pre_signed_urls_in_a_manifest_are_tags_across_chunks_and_can_be_asked():
    hide = redactor()
    url = "https://s3.example.org/Patient.ndjson?part=1&X-Amz-Signature=0a1b2c3d4e5f&X-Amz-Expires=60"
    body = f'{{"output":[{{"type":"Patient","url":"{url}"}}]}}'.encode()
    whole = hide.body(body, "application/json")
    assert b"0a1b2c3d4e5f" not in whole
    shown = whole.partition(b'"url":"')[2].partition(b'"')[0].decode()
    assert hide.reveal(shown) == url
    for size in (1, 7, 50):
        chunks = [body[at : at + size] for at in range(0, len(body), size)]
        assert b"".join(hide.stream(chunks, "application/json")) == whole


@given(data=st.binary(max_size=400), size=st.integers(1, 50))
def test_bodies_without_secrets_are_kept_to_the_byte(data, size):
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    assert b"".join(redactor().stream(chunks, "application/fhir+ndjson", file=True)) == data


@given(value=st.text(max_size=30))
def test_tags_depend_on_key_and_value_only(value):
    assert redactor().tag(value) == redactor().tag(value)
    assert redactor().tag(value) != redactor(key=b"o" * 32).tag(value)
    assert len(redactor().tag(value)) == len("[redacted:]") + 12


def test_sentences_about_people_lose_values_ids_and_long_numbers():
    hide = redactor(DataClass.PSEUDONYMISED)
    text = (
        "GET /r4/Patient/abc-1?name=Smith,John answered 200; expected 'Smith' (\"O'Neil\") of Patient/abc-1, "
        "NHS number 943 476 5919 or 9434765919, born 2001-02-03."
    )
    shown = hide.sentence(text)
    for private in ("Smith", "John", "O'Neil", "abc-1", "943 476", "9434765919"):
        assert private not in shown
    assert shown.startswith("GET /r4/Patient/redacted-")
    assert "answered 200; expected '[redacted:" in shown
    assert hide.sentence(shown) == shown
    assert redactor().sentence(text) == text


def test_a_tag_that_holds_a_long_number_by_chance_is_left_as_it_is():
    hide = redactor(DataClass.PSEUDONYMISED)
    tags = "id [redacted:123456789012] at Patient/redacted-943476591912"
    assert hide.sentence(tags) == tags
    assert "9990000018" not in hide.sentence(f"{tags} of 9990000018")


def test_arguments_and_notes_about_people_keep_what_is_about_nobody():
    hide = redactor(DataClass.LIVE)
    shown = hide.private(
        {
            "path": "/Patient/abc-1",
            "type": "Patient",
            "family": "smith",
            "source": "Patient/abc-1",
            "number": 9434765919,
            "code": 404,
            "list": ["Jones", True, None],
        }
    )
    assert shown["path"].startswith("/Patient/redacted-")
    assert (shown["type"], shown["code"], shown["list"][1:]) == ("Patient", 404, [True, None])
    assert shown["source"].startswith("Patient/redacted-")
    for private in ("abc-1", "smith", "9434765919", "Jones"):
        assert private not in str(shown)
    assert redactor().private({"family": "smith"}) == {"family": "smith"}


def test_published_evidence_holds_nobody():
    hide = redactor(DataClass.LIVE)
    exchange = Exchange(
        id="s.1",
        method="GET",
        url=f"{BASE}/Patient/abc-1",
        about={"type": "Patient", "id": "abc-1"},
        request_headers={"Accept": "application/fhir+json"},
        status=200,
        headers=(("location", f"{BASE}/Patient/abc-1/_history/1"), ("etag", 'W/"1"')),
    )
    evidence = StepEvidence(
        step="s", exchanges=(exchange,), notes={"ids": ["abc-1"]}, crash="at Patient/abc-1"
    )
    shown = hide.published(evidence)
    assert b"abc-1" not in shown.canonical()
    assert shown.exchanges[0].about["type"] == "Patient"
    assert shown.exchanges[0].header("etag") == 'W/"1"'
    assert redactor().published(evidence) == evidence
