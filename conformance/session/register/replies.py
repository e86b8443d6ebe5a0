"""Statements that lie beside bundles: which report each is about, before anybody looks at who signed it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import Unreadable
from conformance.model.base import NotJson, sha256, strict_json
from conformance.model.dsse import NotAnEnvelope, read_envelope
from conformance.model.register import Refusal
from conformance.outside.register_files import statement_bytes
from conformance.stages.verify import Given


@dataclass
class Replies:
    """Statements by the digest of the report that they are about; `refused` are those that cannot be read."""

    about: dict[str, list[Given]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)

    def of(self, payload: str) -> tuple[Given, ...]:
        """The statements about the report with this payload."""
        return tuple(self.about.get(payload, ()))

    def digest(self, payload: str) -> str:
        """A digest over the statements about this report."""
        return sha256("".join(sorted(sha256(one.data) for one in self.of(payload))).encode())

    def about_nothing(self, payloads: Iterable[str]) -> list[Refusal]:
        """Those that are about no report with one of these payloads."""
        known = set(payloads)
        return [
            Refusal(place=one.name, why="it is about no report in this register")
            for digest, given in self.about.items()
            if digest not in known
            for one in given
        ]


def replies_in(folder: Path, statements: Iterable[Path]) -> Replies:
    """The statements in these files."""
    found = Replies()
    for path in statements:
        place = path.relative_to(folder).as_posix()
        try:
            data = statement_bytes(path)
            for digest in _subjects(data):
                found.about.setdefault(digest, []).append(Given(place, data))
        except (Unreadable, NotAnEnvelope, NotJson) as error:
            found.refused.append(Refusal(place=place, why=str(error)))
    return found


def _subjects(data: bytes) -> list[str]:
    """What a statement is about, by digest. Raises NotAnEnvelope, NotJson."""
    value = strict_json(read_envelope(data).content)
    subjects = value.get("subject") if isinstance(value, dict) else None
    digests = [
        str(subject["digest"].get("sha256"))
        for subject in (subjects if isinstance(subjects, list) else ())
        if isinstance(subject, dict) and isinstance(subject.get("digest"), dict)
    ]
    if not digests:
        raise NotJson("it is a statement about nothing")
    return digests
