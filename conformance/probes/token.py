"""Requests for an access token with client assertions that are right, and with some that are wrong in one way."""

from conformance.plugin import TokenVariant, Wire, probe


@probe("token")
def token(wire: Wire, *, variants: list[TokenVariant]) -> None:
    """Ask for a token with each of these client assertions; the label is `token-` and the variant's name."""
    for variant in variants:
        wire.request_token(variant, label=f"token-{variant}")
