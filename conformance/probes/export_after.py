"""What is looked at once an export is complete: the same again, attachments, and what is not there.

Sources: https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-output-file-request and
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#attachments
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from conformance.analysis.export import is_received
from conformance.analysis.facts import facts_of
from conformance.model.evidence import Exchange
from conformance.plugin import Wire
from conformance.probes.export_files import NDJSON, ListedFile, credentials_for, fetch_one, in_the_open

MOST_ATTACHMENTS = 3
WITH_ATTACHMENTS = frozenset(
    {"DocumentReference", "DiagnosticReport", "Media", "Consent", "Communication", "Patient"}
)


@dataclass
class Fetched:
    """A manifest, its URL, and of its files the smallest and those in which attachments are looked for."""

    manifest: dict[str, Any]
    where: str
    smallest: tuple[ListedFile, Exchange] | None = None
    with_attachments: dict[str, Exchange] = field(default_factory=dict)

    def take(self, file: ListedFile, answer: Exchange) -> None:
        """Take note of a file that was asked for."""
        if file.about["kind"] != "output" or not is_received(answer) or answer.body is None:
            return
        least = self.smallest[1].body if self.smallest is not None else None
        if least is None or answer.body.size < least.size:
            self.smallest = (file, answer)
        kind = file.about["type"]
        if kind in WITH_ATTACHMENTS:
            self.with_attachments.setdefault(kind, answer)


def look_again(wire: Wire, fetched: Fetched) -> None:
    """Ask for the manifest and for a file once more (`manifest-again`, `file-again`), and for a part of the file.

    Then for a few attachments that the files name by URL (`attachment`), with the credentials that files need, and
    for a file that was never listed (`file-unknown`).
    """
    wire.send("GET", fetched.where, label="manifest-again", accept="application/json", waits=True)
    if fetched.smallest is not None:
        file, _ = fetched.smallest
        fetch_one(wire, fetched.manifest, file, "file-again")
        own = credentials_for(fetched.manifest)
        wire.send(
            "GET",
            file.url,
            label="file-part",
            about=file.about,
            headers={"Range": "bytes=0-99", "Accept-Encoding": "identity"},
            accept=NDJSON,
            credentials=own,
            file=True,
            follow=True,
        )
        wire.send(
            "GET", _never_listed(file.url), label="file-unknown", accept=NDJSON, credentials=own, waits=True
        )
    _attachments(wire, fetched)


def look_at_what_is_gone(wire: Wire, fetched: Fetched) -> None:
    """Ask for a file once the target was told that it may be removed (`file-after-delete`)."""
    if fetched.smallest is not None:
        fetch_one(wire, fetched.manifest, fetched.smallest[0], "file-after-delete")


def _attachments(wire: Wire, fetched: Fetched) -> None:
    named = [
        attachment
        for _, answer in sorted(fetched.with_attachments.items())
        for attachment in facts_of(answer).attachments
        if attachment.url.lower().startswith(("http:", "https:")) and not in_the_open(wire, attachment.url)
    ]
    for attachment in sorted(named, key=lambda one: (one.source, one.url))[:MOST_ATTACHMENTS]:
        wire.send(
            "GET",
            attachment.url,
            label="attachment",
            about={"reference": attachment.source},
            accept=attachment.content_type.split(";")[0].strip() or "*/*",
            credentials=credentials_for(fetched.manifest),
            file=True,
            follow=True,
        )


def _never_listed(url: str) -> str:
    """An address beside that of a file, at which there is none."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path}-of-nobody"))
