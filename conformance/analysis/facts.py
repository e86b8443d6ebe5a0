"""Facts about an export file, gathered in one pass and merged across files.

Memory grows with the number of ids and references, not with the size of what stands around them. Merging is
associative, and for bodies that end in a newline the facts of two files one after the other are the merged
facts of each: so files, or parts of one, can be read by several processes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.analysis.elements import Attachment, attachments_and_references
from conformance.analysis.lines import BYTE_ORDER_MARK, Ending, NoResource, lines, resource_of
from conformance.model.evidence import Content

MOST_INVALID = 20
"""So many invalid lines are described; the others are only counted."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is in an NDJSON file, or in several: lines, resources by type, ids, references, attachments.

    `invalid` describes the first invalid lines by number (from 1) and reason. `repeated` tells for a `Type/id`
    how often it stands there beyond the first. `updated` is `meta.lastUpdated` by `Type/id`, as text.
    `references` are literal references that point outside their own resource (`#…` is left out).
    """

    lines: int = 0
    blank_lines: int = 0
    invalid_count: int = 0
    invalid: tuple[tuple[int, str], ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)
    without_id: int = 0
    repeated: dict[str, int] = field(default_factory=dict)
    updated: dict[str, str] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    byte_order_mark: bool = False
    carriage_returns: int = 0
    ends_in_newline: bool = True

    @property
    def resources(self) -> int:
        """How many lines hold a resource."""
        return sum(self.counts.values())

    def has(self, reference: str) -> bool:
        """Whether the resource `Type/id` is there."""
        resource_type, _, resource_id = reference.partition("/")
        return resource_id in self.ids.get(resource_type, ())

    def merge(self, other: "FileFacts") -> "FileFacts":
        """The facts of this file followed by the other; neither is changed."""
        return merged((self, other))


def merged(several: Iterable[FileFacts]) -> FileFacts:
    """The facts of all these files, one after the other."""
    total = _Gathering()
    for facts in several:
        total.add(facts)
    return total.facts()


def scan(chunks: Iterable[bytes]) -> FileFacts:
    """The facts of an NDJSON body, given in chunks of any size."""
    found = _Gathering()
    ending = Ending()
    for number, raw in enumerate(lines(chunks, ending), start=1):
        line = raw
        if number == 1 and line.startswith(BYTE_ORDER_MARK):
            found.byte_order_mark = True
            line = line[len(BYTE_ORDER_MARK) :]
        found.take(number, line)
    found.ends_in_newline = ending.newline
    return found.facts()


def facts_of(content: Content) -> FileFacts:
    """The facts of a recorded file, gathered once. Raises NotJudgeable where its body was not kept."""
    return content.memo("facts", lambda: scan(content.chunks()))


def resources(content: Content) -> Iterator[dict[str, Any]]:
    """The resources of a recorded file, one after the other; lines that hold none are passed over.

    Raises NotJudgeable where its body was not kept.
    """
    for number, line in enumerate(lines(content.chunks()), start=1):
        text = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if text.strip():
            try:
                yield resource_of(text)
            except NoResource:
                continue


@dataclass(slots=True)
class _Gathering:
    """Facts while they are being gathered: the one place where they change."""

    lines: int = 0
    blank_lines: int = 0
    invalid_count: int = 0
    invalid: list[tuple[int, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    ids: dict[str, set[str]] = field(default_factory=dict)
    without_id: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    updated: dict[str, str] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    byte_order_mark: bool = False
    carriage_returns: int = 0
    ends_in_newline: bool = True

    def take(self, number: int, line: bytes) -> None:
        """Count one more line."""
        self.lines = number
        self.carriage_returns += line.endswith(b"\r")
        if not line.strip():
            self.blank_lines += 1
            return
        try:
            resource = resource_of(line)
        except NoResource as reason:
            self.invalid_count += 1
            if len(self.invalid) < MOST_INVALID:
                self.invalid.append((number, str(reason)))
            return
        self._take_resource(resource)

    def _take_resource(self, resource: dict[str, Any]) -> None:
        resource_type, resource_id = resource["resourceType"], resource.get("id")
        self.counts[resource_type] += 1
        source = resource_type
        if isinstance(resource_id, str) and resource_id:
            source = f"{resource_type}/{resource_id}"
            known = self.ids.setdefault(resource_type, set())
            if resource_id in known:
                self.repeated[source] += 1
            known.add(resource_id)
            meta = resource.get("meta")
            if isinstance(meta, dict) and isinstance(meta.get("lastUpdated"), str):
                self.updated[source] = meta["lastUpdated"]
        else:
            self.without_id += 1
        attachments_and_references(resource, source, self.attachments, self.references)

    def add(self, facts: FileFacts) -> None:
        """Count all that another file holds, as if it followed."""
        room = MOST_INVALID - len(self.invalid)
        self.invalid += [(self.lines + number, reason) for number, reason in facts.invalid[:room]]
        self.lines += facts.lines
        self.blank_lines += facts.blank_lines
        self.invalid_count += facts.invalid_count
        self.counts.update(facts.counts)
        self.repeated.update(facts.repeated)
        for resource_type, ids in facts.ids.items():
            known = self.ids.setdefault(resource_type, set())
            self.repeated.update(f"{resource_type}/{resource_id}" for resource_id in known & ids)
            known |= ids
        self.without_id += facts.without_id
        self.updated.update(facts.updated)
        self.references += facts.references
        self.attachments += facts.attachments
        self.byte_order_mark |= facts.byte_order_mark
        self.carriage_returns += facts.carriage_returns
        self.ends_in_newline &= facts.ends_in_newline

    def facts(self) -> FileFacts:
        """The facts as gathered so far."""
        return FileFacts(
            lines=self.lines,
            blank_lines=self.blank_lines,
            invalid_count=self.invalid_count,
            invalid=tuple(self.invalid),
            counts=dict(self.counts),
            ids=self.ids,
            without_id=self.without_id,
            repeated=dict(self.repeated),
            updated=self.updated,
            references=self.references,
            attachments=self.attachments,
            byte_order_mark=self.byte_order_mark,
            carriage_returns=self.carriage_returns,
            ends_in_newline=self.ends_in_newline,
        )
