"""Time stamps (RFC 3161): asking an authority for one, and finding out when something was there by one.

The door of the optional library `rfc3161-client` (the extra `timestamp`).
"""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

import httpx

from conformance.errors import TargetError, UsageError

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest

MOST_BYTES = 2**20
SECONDS = 30
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class NotStamped(ValueError):
    """These bytes do not show by an authority that the reader trusts when that message was there."""


def available() -> bool:
    """Whether the library is installed."""
    try:
        import rfc3161_client  # noqa: F401, PLC0415 - an extra
    except ImportError:
        return False
    return True


def ask(url: str, message: bytes) -> bytes:
    """The authority's answer over this message, of which it only sees the SHA-256. Raises UsageError, TargetError."""
    if not available():
        raise UsageError(
            "time stamps need the extra `timestamp`", hint="pip install 'conformance-harness[timestamp]'"
        )
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url} is no address of a time stamp authority: give an http or https URL")
    query = _query(message)
    try:
        answer = _posted(url, query.as_bytes())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TargetError(f"the time stamp authority {url} gave no answer: {error}") from None
    _fits(answer, query, url)
    return answer


def stamped_at(answer: bytes, message: bytes, authorities: Iterable[str]) -> dt.datetime:
    """When an authority that the reader trusts saw this message; they are PEM certificates. Raises NotStamped."""
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - slow to import
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415

    try:
        response = decode_timestamp_response(answer)
        roots = [load_pem_x509_certificate(pem.encode()) for pem in authorities]
        if not roots:
            raise NotStamped("the trust file names no time stamp authority")
        VerifierBuilder(roots=roots).build().verify_message(response, message)
    except (VerificationError, ValueError) as error:
        raise NotStamped(str(error)) from None
    return response.tst_info.gen_time.astimezone(dt.UTC)


def _query(message: bytes) -> "TimeStampRequest":
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - an extra

    builder = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def _posted(url: str, query: bytes) -> bytes:
    """At most so many bytes of the answer. Raises httpx.HTTPError, and TargetError for an answer that is none."""
    with (
        httpx.Client(timeout=SECONDS, follow_redirects=False) as client,
        client.stream("POST", url, content=query, headers={"content-type": _QUERY, "accept": _REPLY}) as got,
    ):
        if got.status_code != httpx.codes.OK:
            raise TargetError(f"the time stamp authority {url} answered {got.status_code}")
        answer = b""
        for chunk in got.iter_bytes():
            answer += chunk
            if len(answer) > MOST_BYTES:
                raise TargetError(
                    f"the time stamp authority {url} answered with more than {MOST_BYTES} bytes"
                )
    return answer


def _fits(answer: bytes, query: "TimeStampRequest", url: str) -> None:
    """Refuse what stamps nothing, or something else; whom to trust for it is the reader's business."""
    from rfc3161_client import PKIStatus, decode_timestamp_response  # noqa: PLC0415 - an extra

    try:
        response = decode_timestamp_response(answer)
        granted = PKIStatus(response.status) is PKIStatus.GRANTED
        token = response.tst_info if granted else None
    except ValueError as error:
        raise TargetError(f"the time stamp authority {url} answered with no time stamp: {error}") from None
    if token is None:
        raise TargetError(f"the time stamp authority {url} refused: {', '.join(response.status_string)}")
    if (token.nonce, token.message_imprint.message) != (query.nonce, query.message_imprint.message):
        raise TargetError(f"the time stamp authority {url} stamped something else than it was asked for")
