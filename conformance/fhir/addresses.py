"""Addresses that a server gives: read without trust in their form."""

from urllib.parse import urljoin, urlsplit


def led_to(place: str, address: str) -> str:
    """Where an address leads that stands at a place, which it may be relative to (RFC 3986 section 5).

    What is no address (`http://[`) stays as it is: whoever is asked to go there refuses, and records that.
    """
    try:
        return urljoin(place, address)
    except ValueError:
        return address


def scheme(address: str) -> str:
    """The scheme, in lower case; empty where there is none, or it is no address."""
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""
