"""Files of an export brought to the disk as they lie; what broke off goes on where it stopped.

A download goes on only where the server says that the file is still the one whose beginning is there: a validator
and If-Range (RFC 9110 sections 13.1.5 and 14.2). Where it has none, or the file changed, it begins anew.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from conformance.errors import HarnessError
from conformance.outside import calls
from conformance.outside.calls import Answer, Call
from conformance.outside.client import Client
from conformance.outside.continuing import validator
from conformance.outside.line import FIRST_WAIT, LONGEST_WAIT, TooLarge, retry_after
from conformance.plugin import Credentials

__all__ = ["Wanted", "download"]

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PARTIAL, GONE_RANGE = 206, 416
CODINGS = frozenset({"", "identity", "gzip", "x-gzip"})
"""Those that are asked for: a file that came packed is kept packed."""


@dataclass(frozen=True)
class Wanted:
    """A file: its URL, where it goes, how many bytes it may have, with whose credentials it is asked for as what."""

    url: str
    path: Path
    most: int
    whose: Credentials = "own"
    accept: str = "application/fhir+ndjson"


class _Sink:
    """Takes the bytes of one answer, after those that are there already.

    `problem` says why asking again is of no use; `short` that the answer was only a part.
    """

    def __init__(self, part: Path, note: Path, most: int) -> None:
        self._part, self._note, self._most = part, note, most
        self.have = part.stat().st_size if part.exists() else 0
        self.validator = _noted(note) if self.have else ""
        self.have = self.have if self.validator else 0
        self.received = 0
        self.problem = ""
        self.short = ""
        self.complete = False

    def __call__(self, answer: Answer, chunks: Iterator[bytes]) -> None:
        coding = answer.header("content-encoding").strip().lower()
        if coding not in CODINGS:
            self.problem = f"was sent with the Content-Encoding {coding[:40]}, which was not asked for"
            return
        part = answer.status == PARTIAL
        if part and not answer.header("content-range").startswith(f"bytes {self.have}-"):
            self.problem = "was answered with another range than was asked for"
            self._part.unlink(missing_ok=True)
            return
        if not part:
            self.have = 0
        if not self.have:
            self._note.write_text(json.dumps({"validator": validator(answer)}), "utf-8")
        try:
            with self._part.open("ab" if self.have else "wb") as stream:
                for chunk in self._counted(chunks):
                    stream.write(chunk)
        except TooLarge as reason:
            self.problem = str(reason)
            self._part.unlink()
            return
        whole = answer.header("content-range").rpartition("/")[2] if part else ""
        self.complete = not whole.isdecimal() or int(whole) == self.have + self.received
        self.short = "" if self.complete else "was sent only in part"

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if self.have + self.received + len(chunk) > self._most:
                raise TooLarge(f"it is larger than {self._most:,} bytes")
            yield chunk
            self.received += len(chunk)


def download(client: Client, wanted: Wanted, retries: int) -> str:
    """Bring a file to its path; gives what is wrong where it cannot be had, else nothing.

    What is there already is not asked for again. Raises HarnessError where the disk does not take it.
    """
    if wanted.path.exists():
        return ""
    try:
        return _download(client, wanted, retries)
    except OSError as error:
        raise HarnessError(
            f"{wanted.path.parent} cannot be written to: {error.strerror}",
            hint="Make room, or name another folder with --work. What was done is kept: call it again to go on.",
        ) from error


def _download(client: Client, wanted: Wanted, retries: int) -> str:
    part = wanted.path.with_name(f"{wanted.path.name}.part")
    note = wanted.path.with_name(f"{wanted.path.name}.note")
    in_vain = farthest = 0
    while True:
        sink = _Sink(part, note, wanted.most)
        had = sink.have
        answer = _asked(client, wanted, sink)
        all_there = answer.status == GONE_RANGE and answer.header("content-range") == f"bytes */{had}"
        if (sink.complete and not answer.failure) or (had and all_there):
            part.replace(wanted.path)
            note.unlink(missing_ok=True)
            return ""
        if sink.problem:
            return sink.problem
        if answer.status == GONE_RANGE:
            part.unlink(missing_ok=True)
        reached = sink.have + sink.received
        in_vain = 0 if reached > farthest else in_vain + 1
        farthest = max(farthest, reached)
        temporary = (
            sink.received or answer.again or answer.failure.startswith("busy") or answer.status == GONE_RANGE
        )
        if in_vain > retries or not temporary:
            return answer.failure or sink.short or f"answered {answer.status}"
        asked = retry_after(answer.header("retry-after"), client.now())
        client.wait(min(FIRST_WAIT * 2**in_vain if asked is None else asked, LONGEST_WAIT))


def _asked(client: Client, wanted: Wanted, sink: _Sink) -> Answer:
    headers = [
        ("Accept", wanted.accept),
        ("Accept-Encoding", "gzip"),
    ]
    if sink.have:
        headers += [("Range", f"bytes={sink.have}-"), ("If-Range", sink.validator)]
    try:
        call = Call("GET", httpx.URL(wanted.url), tuple(headers), file=True, sink=sink)
    except httpx.InvalidURL as error:
        return Answer(failure=f"it is no URL ({error})")
    for _ in range(MOST_REDIRECTS + 1):
        answer = client.ask(call, wanted.whose)
        location = answer.header("location") if answer.status in REDIRECTS else ""
        if not location:
            return answer
        try:
            following = calls.redirected(call, call.url.join(location), answer.status)
        except httpx.InvalidURL as error:
            return replace(answer, failure=f"was redirected to what is no URL ({error})")
        if call.url.scheme == "https" and following.url.scheme == "http":
            return replace(answer, failure="was redirected from https to plain HTTP")
        call = following
    return replace(answer, failure=f"was redirected more than {MOST_REDIRECTS} times")


def _noted(note: Path) -> str:
    try:
        found = json.loads(note.read_text("utf-8"))["validator"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) else ""
