"""Every secret that was loaded in this run, so that none of them is ever written down.

The target file only refers to secrets (`env:NAME`, `file:PATH`). What is loaded through those references, and
every token that is got during the run, is registered here, together with the encodings in which a server
might give it back. `gate` is asked before anything is written; `replaced` takes secrets out of what must be
kept.
"""

import base64
import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

from conformance.errors import LeakFound, TargetFileError

SHORTEST = 8
"""Shorter values are not searched for: they occur by chance."""
KEY_LINES = 6
"""So many lines of a private key are searched for, each on its own."""
_HINT = "Write env:NAME or file:PATH instead; secrets never stand in a target file."

_RUN = re.compile(rb"[A-Za-z0-9]+")


@dataclass(frozen=True)
class _Searched:
    """What is searched for: the forms with their values, the longest first, and a part of each form.

    No encoding changes letters and digits, so that many forms share a part. Where none of the parts is, no form is.
    """

    forms: tuple[tuple[bytes, str], ...] = ()
    parts: tuple[bytes, ...] = ()
    shortest: int = 0
    longest: int = 0


class Secrets:
    """The secrets of one run. `warnings` are for the person who runs it; safe for use by many threads."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._lock = threading.Lock()
        self._names: dict[str, str] = {}
        self._searched = _Searched()
        self.warnings: list[str] = []

    def load(self, reference: str, folder: Path) -> str:
        """The secret behind `env:NAME` or `file:PATH` (relative to the folder). Raises TargetFileError."""
        kind, _, rest = reference.partition(":")
        if kind == "env" and rest:
            value = self._environ.get(rest, "").strip()
            if not value:
                raise TargetFileError(
                    f"the environment variable {rest} is not set; the target file names it as a secret",
                    hint=f"Set it, as in: export {rest}=…",
                )
        elif kind == "file" and rest:
            value = self._from_file(folder / Path(rest).expanduser(), reference)
        else:
            raise TargetFileError("a secret in the target file is neither env:NAME nor file:PATH", hint=_HINT)
        self.add(value, reference)
        return value

    def _from_file(self, path: Path, reference: str) -> str:
        try:
            value = path.read_text("utf-8").strip()
            mode = path.stat().st_mode
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise TargetFileError(
                f"the secret {reference} cannot be read from {path}: {reason}",
                hint="The path is relative to the folder of the target file.",
            ) from None
        if not value:
            raise TargetFileError(f"the file of the secret {reference} is empty: {path}", hint=_HINT)
        if mode & 0o077:
            self.warnings.append(f"{path} holds a secret, but others can read it; chmod 600 would mend that")
        return value

    def add(self, value: str, name: str = "a token of this run") -> None:
        """Register a secret by a name that messages may show. Private keys are searched for line by line."""
        with self._lock:
            if value in self._names:
                return
            self._names[value] = name
            forms = dict(self._searched.forms)
            for part in _parts(value):
                forms.update(dict.fromkeys(_forms(part), value))
            if forms:
                # The longest first: what contains another secret is to be replaced as a whole.
                ordered = sorted(forms.items(), key=lambda item: (-len(item[0]), item[0]))
                lengths = len(ordered[-1][0]), len(ordered[0][0])
                self._searched = _Searched(tuple(ordered), _shared(forms), *lengths)

    @property
    def longest(self) -> int:
        """The length of the longest thing that is searched for, in bytes."""
        return self._searched.longest

    def found(self, data: bytes) -> str:
        """The name of a secret that occurs in the data, in any of its forms; empty where none does."""
        return next((self._names[value] for form, value in self._possible(data) if form in data), "")

    def gate(self, data: bytes, where: str) -> None:
        """Let data pass that holds no secret. Raises LeakFound, which names the secret only."""
        if name := self.found(data):
            raise LeakFound(
                f"{where} would have held the secret {name}; nothing was written",
                hint="Please report this: the harness should have replaced it before.",
            )

    def gate_chunks(self, chunks: Iterable[bytes], where: str) -> Iterator[bytes]:
        """The same bytes, each let pass only once no secret can begin in it. Raises LeakFound."""
        held = b""
        for chunk in chunks:
            held += chunk
            self.gate(held, where)
            cut = max(0, len(held) - max(self.longest - 1, 0))
            if cut:
                yield held[:cut]
                held = held[cut:]
        if held:
            yield held

    def replaced(self, data: bytes, tag: Callable[[str], str]) -> bytes:
        """The data with every secret replaced by its tag; the very same object where none occurs."""
        for form, value in self._possible(data):
            if form in data:
                data = data.replace(form, tag(value).encode())
        return data

    def _possible(self, data: bytes) -> tuple[tuple[bytes, str], ...]:
        """The forms, where one of them may be in the data; of nearly all data that is quickly denied."""
        searched = self._searched
        if len(data) < searched.shortest or not any(map(data.__contains__, searched.parts)):
            return ()
        return searched.forms


def _parts(value: str) -> list[str]:
    """A private key in PEM may be given back in part: its lines count, each on its own, but not its frame."""
    lines, inside = [], False
    for line in map(str.strip, value.splitlines()):
        if line.startswith("-----"):
            inside = line.startswith("-----BEGIN") and "PRIVATE KEY" in line
        elif inside and len(line) >= SHORTEST:
            lines.append(line)
    return [value, *lines[:KEY_LINES]]


def _shared(forms: Iterable[bytes]) -> tuple[bytes, ...]:
    """Texts of which each form contains one: the longest row of letters and digits of each, none within another."""
    shared: list[bytes] = []
    for row in sorted({max(_RUN.findall(form), key=len, default=form) for form in forms}, key=len):
        if not any(shorter in row for shorter in shared):
            shared.append(row)
    return tuple(shared)


def _forms(value: str) -> set[bytes]:
    """How a secret may come back: plain, URL-encoded, JSON-escaped, in base64 at any offset."""
    raw = value.encode("utf-8", "surrogatepass")
    if len(raw) < SHORTEST:
        return set()
    quoted = {quote(raw, safe=""), quote_plus(raw), quote(raw)}
    texts = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1].replace("/", "\\/")}
    texts |= quoted | {re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), text) for text in quoted}
    forms = {raw, *(text.encode("utf-8", "surrogatepass") for text in texts)}
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw)
        # Characters at either end that hold bits of what stands beside the secret are left out.
        inner = encoded[(0, 2, 3)[offset] : (offset + len(raw)) * 8 // 6]
        forms |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return forms
