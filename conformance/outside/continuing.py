"""The bytes of a large answer, over as many connections as it takes: what broke off goes on where it stopped.

Parts are put together only where the server says that the file is still the one whose beginning came: a validator and
If-Range, and a Content-Range that fits (RFC 9110 sections 13.1.5, 14.4 and 15.3.7). Else the file is begun anew.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import cached_property

import httpcore

from conformance.outside import troubles
from conformance.outside.calls import Answer, Call

__all__ = ["BrokenOff", "Continued", "validator"]

OK, PARTIAL, UNAUTHORISED = 200, 206, 401
LATER = frozenset({UNAUTHORISED, 429, 503})
"""After these it is asked again: with other credentials, or when the target has time."""
ENOUGH = 2**16
"""A connection that brought so many bytes was not in vain."""

Pause = Callable[[Answer | None, int], None]
Opening = Callable[[Call], tuple[Answer, Iterator[bytes]]]
"""Sends a call on a connection of its own; its bytes come as they are read. Raises what httpcore does, Interrupted."""


class BrokenOff(Exception):
    """A file broke off and could not be gone on with; `anew` says whether to begin it again."""

    def __init__(self, text: str, *, anew: bool) -> None:
        super().__init__(text)
        self.anew = anew


class Continued:
    """The bytes of one answer; `places` says at which byte of it, as it was encoded, each further part began."""

    def __init__(self, call: Call, answer: Answer, *, retries: int) -> None:
        self.places: list[int] = []
        self._call = call
        self._first = answer
        self._retries = retries
        self._have = 0
        length = answer.header("content-length")
        self._whole = int(length) if length.isdecimal() else None

    @cached_property
    def _validator(self) -> str:
        return validator(self._first)

    @property
    def _possible(self) -> bool:
        asked = {name.lower() for name, _ in self._call.headers}
        plain = self._call.file and self._call.method == "GET" and "range" not in asked
        return plain and self._first.status == OK and self._validator != ""

    @property
    def _missing(self) -> int:
        """How many bytes are known to be still missing; fewer than none where more came than there are."""
        return 0 if self._whole is None else self._whole - self._have

    def chunks(
        self,
        first: Iterator[bytes],
        open_again: Opening,
        pause: Pause,
    ) -> Iterator[bytes]:
        """All bytes, in order. Raises BrokenOff, and what `first` raises where going on is not possible.

        `open_again` sends what asks for a part, `pause` waits before that: it is given the answer that was none yet,
        None after a connection that broke, and how many connections in a row were in vain.
        """
        chunks, in_vain = first, 0
        while True:
            before = self._have
            try:
                for chunk in chunks:
                    self._have += len(chunk)
                    yield chunk
            except (httpcore.NetworkError, httpcore.ReadTimeout, httpcore.RemoteProtocolError) as error:
                if not self._possible or not self._have or not _broke(error):
                    raise
            else:
                if not self.places or self._missing == 0:
                    return
                if self._missing < 0:
                    raise self._broken_off("more came than was missing")
            in_vain = 0 if self._have - before >= ENOUGH else in_vain + 1
            chunks, in_vain = self._next(open_again, pause, in_vain)

    def _next(self, open_again: Opening, pause: Pause, in_vain: int) -> tuple[Iterator[bytes], int]:
        """What follows on the bytes that came, and how many connections in a row were in vain by now."""
        answer: Answer | None = None
        while in_vain <= self._retries:
            pause(answer, in_vain)
            refused = answer is not None and answer.status == UNAUTHORISED
            self._call = self._call.renewed(refused) or self._call
            try:
                answer, chunks = open_again(self._range())
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError):
                answer, in_vain = None, in_vain + 1
                continue
            if answer.status not in LATER:
                self._check(answer)
                self.places.append(self._have)
                return chunks, in_vain
            in_vain += 1
        raise self._broken_off(f"{in_vain} attempts to go on were in vain", anew=False)

    def _range(self) -> Call:
        wanted = (("Range", f"bytes={self._have}-"), ("If-Range", self._validator))
        return replace(self._call, headers=(*self._call.headers, *wanted))

    def _check(self, answer: Answer) -> None:
        """Raise BrokenOff unless the answer is the missing part of the same file."""
        unit_and_range, _, whole = answer.header("content-range").partition("/")
        named = [answer.header(name) for name in ("etag", "last-modified")]
        is_next = answer.status == PARTIAL and unit_and_range.startswith(f"bytes {self._have}-")
        same = (
            self._validator in named
            if self._validator.startswith('"')
            else named[1] in {"", self._validator} and named[0] == self._first.header("etag")
        )
        alike = answer.header("content-encoding") == self._first.header("content-encoding")
        if self._whole is None and whole.isdecimal():
            self._whole = int(whole)
        if not (is_next and same and alike) or whole not in {"*", str(self._whole)}:
            raise self._broken_off("what was missing of it could not be had")

    def _broken_off(self, why: str, *, anew: bool = True) -> BrokenOff:
        return BrokenOff(f"the file broke off after {self._have:,} bytes, and {why}", anew=anew)


def validator(answer: Answer) -> str:
    """What tells whether a file is still the same, strong enough to put parts of it together; empty where nothing is.

    A strong entity tag, or a date of change at least a second before the answer's own (RFC 9110 section 8.8.2.2).
    """
    tag = answer.header("etag")
    if tag.startswith('"'):
        return tag
    changed = answer.header("last-modified")
    try:
        between = parsedate_to_datetime(answer.header("date")) - parsedate_to_datetime(changed)
    except (ValueError, TypeError):
        return ""
    return changed if between.total_seconds() >= 1 else ""


def _broke(error: Exception) -> bool:
    """Whether the connection is at fault, and not what came over it."""
    return isinstance(error, httpcore.ReadTimeout) or troubles.may_be_tried_again(error)
