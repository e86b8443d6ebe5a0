"""Writing an export: NDJSON files by type, and the list of them.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest and, for attachments,
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#attachments.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import orjson

from conformance.reference.behaviour import ExportBehaviour
from conformance.reference.export_plan import Plan
from conformance.reference.jsontext import dump, parse
from conformance.reference.outcomes import operation_outcome
from conformance.reference.store import Store

_CHUNK = 500
_DELETIONS_IN_BUNDLE = 100
_RELATIVE_URL = re.compile(rb'"url"\s*:\s*"(?![A-Za-z][A-Za-z0-9+.\-]*:)')
_ATTACHMENTS = frozenset({"attachment", "photo", "presentedForm", "content", "document"})


@dataclass(frozen=True)
class Written:
    """One file of an export: where the manifest lists it, what it holds and how many lines it has."""

    section: str
    resource_type: str
    name: str
    count: int


@dataclass(frozen=True)
class Writer:
    """Writes the files of one export into a folder."""

    store: Store
    folder: Path
    base_url: str
    file_limit: int
    behaviour: ExportBehaviour
    told: Callable[[str], None]
    cancelled: Callable[[], bool]

    def write(self, plan: Plan, ignored: Sequence[str]) -> list[Written]:
        """Write everything that is planned; stops early, leaving files unfinished, if the job is cancelled."""
        self.folder.mkdir(parents=True)
        total = sum(len(keys) for keys in plan.outputs.values())
        broken, repeated = self.behaviour.broken_line(total), self.behaviour.repeated_line(total)
        files: list[Written] = []
        done = 0
        for resource_type, keys in plan.outputs.items():
            for start in range(0, len(keys), self.file_limit):
                part = keys[start : start + self.file_limit]
                name = f"{len(files) + 1}.{resource_type}.ndjson"
                count = 0
                with (self.folder / name).open("wb") as file:
                    for line in self._lines(part):
                        if self.cancelled():
                            return files
                        count += self._put(
                            file.write, line, is_broken=done == broken, is_repeated=done == repeated
                        )
                        done += 1
                        if done % _CHUNK == 0:
                            self.told(f"{resource_type}: {done} of {total} resources written")
                if count:
                    files.append(Written("output", resource_type, name, count))
                else:
                    (self.folder / name).unlink()
        if plan.deleted:
            files.append(self._write_small("deleted", "Bundle", list(_deletions(plan.deleted))))
        if ignored:
            told = [f"The export parameter {name!r} is not supported and was ignored" for name in ignored]
            notes = [operation_outcome("not-supported", text, "warning") for text in told]
            files.append(self._write_small("error", "OperationOutcome", notes))
        return files

    def _lines(self, keys: Sequence[int]) -> Iterator[bytes | None]:
        for start in range(0, len(keys), _CHUNK):
            for version in self.store.fetch(keys[start : start + _CHUNK]):
                text = absolute_attachments(version.text, self.base_url)
                yield self.behaviour.exported(f"{version.type}/{version.id}", text)

    def _put(
        self, write: Callable[[bytes], object], line: bytes | None, *, is_broken: bool, is_repeated: bool
    ) -> int:
        if line is None:
            return 0
        write((line[: len(line) // 2] if is_broken else line) + b"\n")
        if is_repeated:
            write(line + b"\n")
        return 1 + is_repeated

    def _write_small(self, section: str, resource_type: str, resources: Sequence[dict[str, Any]]) -> Written:
        name = f"{section}.{resource_type}.ndjson"
        (self.folder / name).write_bytes(b"".join(orjson.dumps(resource) + b"\n" for resource in resources))
        return Written(section, resource_type, name, len(resources))


def absolute_attachments(text: bytes, base_url: str) -> bytes:
    """A resource in which every Attachment.url is absolute, so that it can be fetched from anywhere."""
    if _RELATIVE_URL.search(text) is None:
        return text
    resource = parse(text)
    _make_absolute(resource, base_url + "/", is_attachment=False)
    return dump(resource)


def _make_absolute(value: Any, base: str, *, is_attachment: bool) -> None:
    if isinstance(value, list):
        for item in value:
            _make_absolute(item, base, is_attachment=is_attachment)
    elif isinstance(value, dict):
        if is_attachment and isinstance(value.get("url"), str):
            value["url"] = urljoin(base, value["url"])
        for name, item in value.items():
            _make_absolute(item, base, is_attachment=name in _ATTACHMENTS or name.endswith("Attachment"))


def _deletions(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(names), _DELETIONS_IN_BUNDLE):
        part = names[start : start + _DELETIONS_IN_BUNDLE]
        entries = [{"request": {"method": "DELETE", "url": name}} for name in part]
        yield {"resourceType": "Bundle", "type": "transaction", "entry": entries}
