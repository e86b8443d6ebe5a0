"""What the supplier of the notification service publishes beside its API: the declaration of it, and some pages."""

from typing import Any

from conformance.reference.open_api.description import TITLE, VERSION

SUPPLIER = "Tern Messaging Ltd"
_TEXTS = {
    "guide": ("Guide", "How to get a token, send a message, be called back, and take everything out again."),
    "terms": (
        "Terms",
        "Anybody may use the sandbox. The API is described by its OpenAPI description, which binds us.",
    ),
    "fees": (
        "Fees",
        "An SMS costs 0.0240 GBP, a letter 0.6800 GBP. Everything else, the sandbox too, costs nothing.",
    ),
    "lifecycle": (
        "Lifecycle",
        "An operation that ends is deprecated for a year before, in its description and answers.",
    ),
}
PAGES = frozenset(_TEXTS)


def page(name: str) -> str:
    """One of the pages."""
    title, text = _TEXTS[name]
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{TITLE}: {title}</title></head>"
        f"<body><h1>{title}</h1><p>{text}</p></body></html>"
    )


def declaration(origin: str) -> dict[str, Any]:
    """The supplier's declaration of the API, as the harness reads it (docs/open-api.md)."""
    docs = f"{origin}/docs"
    sms = {"name": "SMS", "unit": "message", "price": "0.0240"}
    letter = {"name": "Letter", "unit": "message", "price": "0.6800"}
    return {
        "supplier": SUPPLIER,
        "product": TITLE,
        "version": VERSION,
        "documentationUrl": f"{docs}/guide",
        "termsUrl": f"{docs}/terms",
        "feesUrl": f"{docs}/fees",
        "fees": {"currency": "GBP", "items": [sms, letter], "othersApply": False},
        "sandbox": {
            "url": f"{origin}/v2",
            "descriptionUrl": f"{origin}/sandbox/openapi.json",
            "fee": "0",
            "selfService": True,
        },
        "productionUrl": "https://api.tern.example/v2",
        "lifecycle": {"noticeDays": 365, "policyUrl": f"{docs}/lifecycle"},
        "export": {"path": "/export"},
    }
