"""The supplier's declarations: files beside the target file, or an exit plan at a public address."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from conformance.model.evidence import LARGEST_PLAN, Body
from conformance.model.target import Target
from conformance.outside.bodies import BodyStore
from conformance.outside.calls import Call
from conformance.outside.line import Line
from conformance.outside.redact import Redactor

LARGEST = 50_000_000
_CHUNK = 2**20
_MEDIA_TYPES = {".json": "application/json", ".yaml": "application/yaml", ".yml": "application/yaml"}
OK = 200


@dataclass(frozen=True)
class Declared:
    """One document as it was found; `problem` says why it was not."""

    location: str
    body: Body | None = None
    problem: str = ""


def declared(
    name: str, target: Target, folder: Path, *, line: Line, bodies: BodyStore, redactor: Redactor
) -> Iterator[Declared]:
    """The documents of that name which the target file declares, in its order."""
    for location in _locations(name, target):
        largest = LARGEST_PLAN if name == "exit-plan" else LARGEST
        if location.startswith(("https://", "http://")):
            yield _fetched(location, line, largest)
        else:
            yield _read(location, folder, largest, bodies, redactor)


def _locations(name: str, target: Target) -> Iterable[str]:
    documents = target.documents
    if name == "exit-plan":
        return [documents.exit_plan] if documents.exit_plan else []
    if name == "attestation":
        return [each.file for each in documents.attestations]
    if name == "attestation-key":
        return [each.key for each in documents.attestations]
    if name == "interface":
        return [documents.interface] if documents.interface else []
    if name == "canaries":
        return [documents.canaries] if documents.canaries else []
    raise ValueError(f"there are no documents named {name!r}")


def _fetched(location: str, line: Line, largest: int) -> Declared:
    if not location.startswith("https://"):
        return Declared(location, problem="it is not at an https address")
    try:
        url = httpx.URL(location)
    except httpx.InvalidURL as error:
        return Declared(location, problem=f"its address is no URL ({error})")
    answer = line.ask(Call("GET", url, (("Accept", "*/*"), ("Accept-Encoding", "gzip"))))
    if answer.failure:
        return Declared(location, problem=f"it could not be fetched: {answer.failure}")
    if answer.status != OK:
        return Declared(location, problem=f"it could not be fetched: answered {answer.status}")
    if answer.body is not None and answer.body.size > largest:
        return Declared(location, problem=_too_large(largest))
    return Declared(location, answer.body)


def _read(location: str, folder: Path, largest: int, bodies: BodyStore, redactor: Redactor) -> Declared:
    path = folder / location
    media_type = _MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
    try:
        if path.stat().st_size > largest:
            return Declared(location, problem=_too_large(largest))
        if not path.is_file():
            return Declared(location, problem="it is no file")
        writer = bodies.writer()
        with path.open("rb") as file:
            # A digest is signed over some of these: only secrets of this run are replaced, nothing else.
            for chunk in redactor.stream(iter(lambda: file.read(_CHUNK), b""), media_type, file=True):
                writer.write(chunk)
    except OSError as error:
        return Declared(location, problem=f"it cannot be read: {(error.strerror or str(error)).lower()}")
    return Declared(location, writer.finish(media_type))


def _too_large(largest: int) -> str:
    return f"it is larger than {largest:,} bytes"
