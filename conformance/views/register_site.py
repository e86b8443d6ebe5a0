"""A register as a website that needs no server: pages readable without a script, a feed, badges."""

import base64
import hashlib
import uuid
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from jinja2 import Environment, Template
from markupsafe import Markup

from conformance.model.predicate import instant
from conformance.model.register import Listed, Product, Register, Standing, Version
from conformance.model.report import Result
from conformance.views import page, register_badge, text, wording

__all__ = ["feed", "front_page", "look", "product_page", "refused_page"]

MOST_NEWS = 50
LONGEST_NAME = 160

STANDING_WORDS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.CURRENT: "stands",
        Standing.EARLIER: "measured again later by the same tester",
        Standing.SUPERSEDED: "superseded by its signer",
        Standing.EXPIRED: "expired",
    }
)
RESULT_CLASS = MappingProxyType({result: result.value.lower().replace(" ", "-") for result in Result})
ROLE_WORDS = MappingProxyType(
    {
        "independent-lab": "independent laboratory",
        "buyer": "buyer",
        "supplier-self-test": "supplier's self-test",
        "standards-body": "standards body",
        "self": "no role stated",
    }
)


def front_page(register: Register) -> str:
    """All products, each with what it passed, and a search that appears where scripts run."""
    return _template("register.html.j2").render(
        register=register, script=_script(), script_digest=_digest(_script())
    )


def product_page(product: Product, register: Register) -> str:
    """One product: its versions, and every report on each."""
    return _template("register_product.html.j2").render(product=product, register=register)


def refused_page(register: Register) -> str:
    """What was handed in and did not verify, with the reason; none of it counts for anything."""
    return _template("register_refused.html.j2").render(register=register)


def feed(register: Register) -> str:
    """The newest reports as an Atom feed (RFC 4287), those that were disputed or superseded told as such."""
    news = [
        (product, version, one)
        for product in register.products
        for version in product.versions
        for one in version.reports
    ]
    news.sort(key=lambda it: (instant(it[2].entry.finished_at), it[2].entry.id), reverse=True)
    return _template("register_feed.xml.j2").render(
        register=register, news=news[:MOST_NEWS], headline=_headline
    )


@cache
def _environment() -> Environment:
    made = page.environment()
    made.globals |= {
        "wording": wording,
        "badge": register_badge,
        "standing": STANDING_WORDS,
        "result_class": RESULT_CLASS,
        "roles": ROLE_WORDS,
        "Result": Result,
        "summary": _summary,
    }
    made.filters |= {"name": _name, "urn": _urn}
    return made


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _script() -> Markup:
    return Markup(files("conformance.views").joinpath("templates", "register.js").read_text("utf-8"))  # noqa: S704 - ours


@cache
def look() -> str:
    """A digest over all that a product's page looks like: where it changes, pages are made anew."""
    loader = _environment().loader
    assert loader is not None, "the engine reads templates from the package"
    names = ("register_product.html.j2", "register_head.html.j2", "report.css", "badge.svg.j2")
    sources = [loader.get_source(_environment(), name)[0] for name in names]
    return hashlib.sha256("\0".join(sources).encode()).hexdigest()


def _digest(script: str) -> str:
    """The script by its digest, so that the page's policy lets this one run and no other (CSP Level 3)."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _name(value: str) -> str:
    """A name that somebody chose, fit for a heading."""
    return text.shortened(text.one_line(value), LONGEST_NAME)


def _urn(name: str) -> str:
    """An identifier that stays with what it names (RFC 9562 section 5.5)."""
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def _summary(version: Version) -> str:
    """What the current reports on a version come to, in one line."""
    passed = sum(line.passed for line in version.profiles)
    told = f"{passed} of {text.counted(len(version.profiles), 'profile')} passed"
    disputed = sum(line.disputed for line in version.profiles)
    return f"{told}, {disputed} disputed" if disputed else told


def _headline(product: Product, version: Version, one: Listed) -> str:
    entry = one.entry
    about = " ".join(filter(None, (_name(product.product), _name(version.version))))
    said = "" if one.standing is Standing.CURRENT else f" ({STANDING_WORDS[one.standing]})"
    disputed = ", disputed" if one.disputed else ""
    return f"{about}: {entry.result} against {_name(entry.profile.title)}{disputed}{said}"
