"""Descriptions of a service, and what its supplier offers with it: what passes, what fails, and what shows nothing."""

import json

import pytest
from described_evidence import BASE, changed, description, exchange, fits, seen, told
from small_services import described

from conformance.errors import NoData, NotJudgeable

WHOLE = described()
FAILED = "the connection was reset"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([description(label="description-anonymous")], []),
        ([exchange("description-anonymous", "/x", 404), description(label="description-anonymous")], []),
        ([description({"swagger": "2.0"}, "description-anonymous")], ["is no OpenAPI 3 description: the description"]),
        ([description(label="description-anonymous", status=401), description()], ["not for everybody"]),
        ([description(label="description-anonymous", status=401), description(label="description-own")],
         ["answered 401 without credentials"]),
        ([exchange("description-anonymous", "/a", 404), exchange("description-anonymous", "/b", 410)],
         ["GET /a (404), GET /b (410)"]),
    ],
)  # fmt: skip
def test_anybody_gets_the_description(answers, words):
    assert fits(told("openapi-public", seen(*answers)), words)


def test_a_description_that_could_not_be_asked_for():
    with pytest.raises(NoData):
        told("openapi-public", seen())
    broken = exchange("description-anonymous", "/x", 0).model_copy(update={"failure": FAILED})
    with pytest.raises(NotJudgeable, match=FAILED):
        told("openapi-public", seen(broken))


LOST = changed("paths", "/things", "get", "parameters", to=[{"$ref": "#/components/parameters/Lost"}])
AWAY = changed("paths", "/things", "get", "parameters", to=[{"$ref": "https://a.example/b.json#/P"}])
LOOSE = changed("components", "schemas", "Thing", to={})


@pytest.mark.parametrize(
    ("check", "whole", "word"),
    [
        ("openapi-form", LOST, "breaks the form of OpenAPI"),
        ("openapi-form", changed("info", "title"), "breaks the form of OpenAPI"),
        ("openapi-self-contained", AWAY, "refers 1 times to other documents"),
        ("openapi-tight", LOOSE, "so loose that anything agrees with it"),
        (
            "openapi-names-this-server",
            changed("servers", to=[{"url": "http://other.example"}]),
            "http://other.example",
        ),
    ],
)
def test_a_description_is_sound(check, whole, word):
    assert told(check, seen()) == []
    findings = told(check, seen(whole=whole))
    assert findings
    assert all(word in finding for finding in findings)


@pytest.mark.parametrize("check", ["openapi-tight", "openapi-documents-itself"])
def test_a_description_of_nothing_says_nothing(check):
    with pytest.raises(NoData, match="no operation"):
        told(check, seen(whole=described(paths={})))


OTHER = changed("info", "title", to="Other")


@pytest.mark.parametrize(
    ("again", "later", "words"),
    [
        ([WHOLE], [], []),
        ([WHOLE, OTHER], [], ["it differs at info.title"]),
        ([WHOLE], [OTHER], ["it differs at info.title"]),
        ([changed("components")], [], ["it differs at components"]),
        ([{"swagger": "2.0"}], [], ["gave something else than before"]),
        ([WHOLE], [WHOLE], []),
    ],
)
def test_the_description_is_the_same_for_all(again, later, words):
    first = [description(each, "description-again") for each in again]
    evidence = seen(*(description(each) for each in later), again=first)
    assert fits(told("openapi-same-for-all", evidence), words)


def test_other_white_space_is_no_other_description():
    spaced = exchange("description-again", "/openapi.json", body=json.dumps(WHOLE, indent=1).encode())
    assert told("openapi-same-for-all", seen(again=[spaced])) == []
    gone = exchange("description-again", "/openapi.json", 500)
    with pytest.raises(NoData, match="only once"):
        told("openapi-same-for-all", seen(again=[gone]))


def at(version, address=BASE):
    return changed("servers", to=[{"url": address}], whole=changed("info", "version", to=version))


@pytest.mark.parametrize(
    ("whole", "answer", "interface", "words"),
    [
        (at("1.0.0"), {}, None, []),
        (at("v1.2"), {}, None, []),
        (at("2026-01-01"), {}, None, []),
        (at("latest"), {}, None, ["states 'latest' as info.version, which is no version"]),
        (at(""), {}, None, ["which is no version"]),
        (at("1.0.0"), {"api_version": "1.0.0"}, {"version": "1.0.0"}, []),
        (
            at("1.0.0"),
            {"api_version": "2.0.0"},
            None,
            ["states the version '2.0.0', and the description 1.0.0"],
        ),
        (at("1.0.0"), {"api_version": "[redacted 1]"}, None, []),
        (at("1.0.0"), {}, {"version": "1.1.0"}, ["but the supplier declares '1.1.0'"]),
        (at("1.0.0"), {}, {"version": 3}, []),
    ],
)
def test_a_description_has_the_version_of_the_service(whole, answer, interface, words):
    evidence = seen(exchange("valid", **answer), whole=whole, interface=interface)
    assert fits(told("openapi-versioned", evidence), words)


DOCUMENTED = described(
    externalDocs={"url": "https://a.example/docs"},
    info=WHOLE["info"] | {"termsOfService": "https://a.example/terms"},
)


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (DOCUMENTED, []),
        (WHOLE, ["names no documentation", "names no terms"]),
        (changed("externalDocs", "url", to="", whole=DOCUMENTED), ["names no documentation"]),
        (
            changed("paths", "/things", "get", "summary", whole=DOCUMENTED),
            ["what 1 operations are for: GET /things"],
        ),
        (
            changed("paths", "/things", "get", to={"description": "All", "responses": {}}, whole=DOCUMENTED),
            [],
        ),
    ],
)
def test_a_description_documents_itself(whole, words):
    assert fits(told("openapi-documents-itself", seen(whole=whole)), words)


# ------------------------------------------------------------------ what is offered

OFFER = {
    "product": "Things", "version": "1.0.0", "documentationUrl": "https://a.example/docs",
    "termsUrl": "https://a.example/terms", "feesUrl": "https://a.example/fees",
    "fees": {"othersApply": False, "currency": "GBP", "items": [{"name": "Call", "unit": "1,000", "price": "0.10"}]},
    "sandbox": {"url": "https://sandbox.example", "fee": "0.00", "selfService": True},
    "lifecycle": {"noticeDays": 180}, "productionUrl": "https://live.example",
}  # fmt: skip
FEE = OFFER["fees"]["items"][0]


@pytest.mark.parametrize("check", ["declared", "fees", "sandbox", "notice"])
def test_without_a_declaration_nothing_is_offered(check):
    arguments = {"days": 180} if check == "notice" else {}
    assert told(f"interface-{check}", seen(interface=OFFER), **arguments) == []
    with pytest.raises(NoData, match="no declaration of the API was given"):
        told(f"interface-{check}", seen(), **arguments)
    with pytest.raises(NoData, match="cannot be read"):
        told(f"interface-{check}", seen(interface=b"{"), **arguments)
    with pytest.raises(NoData, match="it is no mapping"):
        told(f"interface-{check}", seen(interface=[]), **arguments)


def fees(**item):
    return changed("fees", "items", to=[FEE | item], whole=OFFER)


@pytest.mark.parametrize(
    ("check", "offer", "words"),
    [
        ("declared", changed("feesUrl", whole=OFFER), ["does not say feesUrl"]),
        ("declared", changed("product", to=" ", whole=OFFER), ["does not say product"]),
        ("fees", changed("fees", whole=OFFER), ["lists no fees"]),
        ("fees", changed("fees", "items", to=[], whole=OFFER), []),
        ("fees", changed("fees", "othersApply", whole=OFFER), ["what is not listed costs nothing"]),
        (
            "fees",
            changed("fees", "items", to=["x"], whole=OFFER),
            ["a fee that says nothing (fees.items[0])"],
        ),
        ("fees", fees(name=""), ["does not say the name of a fee (fees.items[0])"]),
        ("fees", fees(unit=None), ["does not say the unit of a fee"]),
        ("fees", fees(price="on request"), ['states no price but "on request"']),
        ("fees", fees(price=None), ["states no price but null"]),
        ("fees", fees(currency=""), ["states no currency"]),
        ("fees", changed("fees", "currency", whole=OFFER), ["states no currency"]),
        ("sandbox", changed("sandbox", whole=OFFER), ["names no sandbox"]),
        ("sandbox", changed("sandbox", "url", to="", whole=OFFER), ["names no sandbox"]),
        ("sandbox", changed("sandbox", "fee", to="9.00", whole=OFFER), ['asks "9.00" for the sandbox']),
        ("sandbox", changed("sandbox", "fee", whole=OFFER), ["asks null for the sandbox"]),
        ("sandbox", changed("sandbox", "selfService", to="yes", whole=OFFER), ["anybody can sign up"]),
    ],
)
def test_what_an_offer_lacks_is_told(check, offer, words):
    assert fits(told(f"interface-{check}", seen(interface=offer)), words)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (180, []),
        (181, []),
        (179, ["gives 179 days of notice, not 180"]),
        ("180", ["how many"]),
        (True, ["how many"]),
    ],
)
def test_notice_is_long_enough(stated, words):
    offer = changed("lifecycle", "noticeDays", to=stated, whole=OFFER)
    assert fits(told("interface-notice", seen(interface=offer), days=180), words)


def page(status=200, name="termsUrl", body=b"Terms of use " * 50, **more):
    return exchange("page", "/terms", status, body, "text/html", about={"page": name}, **more)


def test_a_page_that_the_declaration_names_is_public():
    arguments = {"page": "termsUrl"}
    assert told("interface-page-public", seen(page(), interface=OFFER), **arguments) == []
    assert told("interface-page-public", seen(page(404), interface=OFFER), **arguments)
    unnamed = changed("termsUrl", whole=OFFER)
    assert (
        "names no termsUrl" in told("interface-page-public", seen(page(), interface=unnamed), **arguments)[0]
    )
    with pytest.raises(NotJudgeable, match="was not asked for"):
        told("interface-page-public", seen(page(name="feesUrl"), interface=OFFER), **arguments)
    broken = page(0).model_copy(update={"failure": FAILED})
    with pytest.raises(NotJudgeable, match=FAILED):
        told("interface-page-public", seen(broken, interface=OFFER), **arguments)


@pytest.mark.parametrize(
    ("whole", "offer", "words"),
    [
        (WHOLE, OFFER, []),
        (changed("info", "version", to="0.9.0"), OFFER, ['(sandbox) is of version "0.9.0", not "1.0.0"']),
        (
            changed("paths", "/things", "post"),
            OFFER,
            ["(sandbox) lacks 1 operations, among them POST /things"],
        ),
        (changed("paths", "/more", to={"get": {"responses": {}}}), OFFER, []),
        ({"swagger": "2.0"}, OFFER, ["(sandbox) gives no description"]),
        (WHOLE, OFFER | {"productionUrl": "https://sandbox.example/"}, ["(sandbox) is production itself"]),
    ],
)
def test_a_sandbox_has_what_is_tested(whole, offer, words):
    answer = exchange("sandbox", "/openapi.json", body=whole)
    assert fits(told("interface-sandbox-answers", seen(answer, interface=offer)), words)


def test_a_sandbox_that_does_not_answer():
    refused = exchange("sandbox", "/openapi.json", 404)
    assert "answered 404" in told("interface-sandbox-answers", seen(refused, interface=OFFER))[0]
    with pytest.raises(NotJudgeable, match=FAILED):
        told(
            "interface-sandbox-answers", seen(refused.model_copy(update={"failure": FAILED}), interface=OFFER)
        )
    with pytest.raises(NoData, match="names no sandbox"):
        told("interface-sandbox-answers", seen(interface=OFFER))
