"""Writing an export: NDJSON files by type or by patient, and the list of them.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest and, for attachments,
https://hl7.org/fhir/uv/bulkdata/STU3/export.html#attachments.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from conformance.reference.behaviour.export import ExportBehaviour
from conformance.reference.export.lines import Trim, absolute_attachments
from conformance.reference.export.plan import Plan
from conformance.reference.export.request import ExportRequest
from conformance.reference.forms.outcomes import operation_outcome
from conformance.reference.records.store import Store

_CHUNK = 500
_DELETIONS_IN_BUNDLE = 100


@dataclass(frozen=True)
class Written:
    """One file of an export: where the manifest lists it, what it holds and how many lines it has.

    Files that are organised by patient hold no one type. `continues_in` names the file that goes on with the last
    block of this one. `sha256` is the digest of its bytes.
    """

    section: str
    resource_type: str
    name: str
    count: int
    continues_in: str = ""
    sha256: str = ""


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

    def write(self, plan: Plan, request: ExportRequest) -> list[Written]:
        """Write everything that is planned; stops early, leaving files unfinished, if the job is cancelled."""
        self.folder.mkdir(parents=True)
        trim = Trim(request.elements, self.behaviour.parameters) if request.elements else None
        files = self._by_patient(plan, trim) if request.organised else self._by_type(plan, trim)
        if plan.deleted:
            bundles = [self.behaviour.deletions.bundle(bundle) for bundle in _deletions(plan.deleted)]
            files.append(self._write_small("deleted", "Bundle", bundles))
        if request.ignored:
            told = [
                f"The export parameter {name!r} is not supported and was ignored" for name in request.ignored
            ]
            notes = [operation_outcome("not-supported", text, "warning") for text in told]
            section = "output" if self.behaviour.messages_in_output else "error"
            files.append(self._write_small(section, "OperationOutcome", notes))
        if self.behaviour.empty_error_file and not request.ignored:
            files.append(self._write_small("error", "OperationOutcome", []))
        wanted = {"": False, "alone": not files, "beside others": request.is_bare and bool(files)}
        if wanted[self.behaviour.empty_output_file]:
            files.append(self._write_small("output", "Schedule", []))
        return [replace(file, sha256=self._digest(file.name)) for file in files]

    def _digest(self, name: str) -> str:
        if self.cancelled():
            return ""
        with (self.folder / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _by_type(self, plan: Plan, trim: Trim | None) -> list[Written]:
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
                    for line in self._lines(part, trim):
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
        return files

    def _by_patient(self, plan: Plan, trim: Trim | None) -> list[Written]:
        """Blocks, each a header, a patient and what is about it; one that finds no room begins a new file."""
        organised = self.behaviour.organised
        files: list[Written] = []
        lines: list[bytes] = []
        for patient, keys in plan.blocks.items():
            if self.cancelled():
                return files
            header = [_header(patient)] if organised.headers else []
            block = [line for line in self._lines(keys, trim) if line is not None]
            if lines and len(lines) + len(header) + len(block) > self.file_limit:
                self._close(files, lines)
                lines = []
            lines += header
            if organised.split_blocks and len(block) > 1:
                half = len(block) // 2
                continued = f"{len(files) + 2}.ndjson" if organised.continuation_told else ""
                self._close(files, lines + block[:half], continued)
                lines, block = header if organised.header_repeated else [], block[half:]
            lines = lines + block
        if lines:
            self._close(files, lines)
        return files

    def _close(self, files: list[Written], lines: list[bytes], continued: str = "") -> None:
        name = f"{len(files) + 1}.ndjson"
        (self.folder / name).write_bytes(b"".join(line + b"\n" for line in lines))
        files.append(Written("output", "", name, len(lines), continued))

    def _lines(self, keys: Sequence[int], trim: Trim | None) -> Iterator[bytes | None]:
        for start in range(0, len(keys), _CHUNK):
            for version in self.store.fetch(keys[start : start + _CHUNK]):
                text = absolute_attachments(version.text, self.base_url)
                text = trim(text) if trim else text
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


def _header(patient: str) -> bytes:
    value = {"name": "header", "valueReference": {"reference": f"Patient/{patient}"}}
    return orjson.dumps({"resourceType": "Parameters", "parameter": [value]})


def _deletions(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(names), _DELETIONS_IN_BUNDLE):
        part = names[start : start + _DELETIONS_IN_BUNDLE]
        entries = [{"request": {"method": "DELETE", "url": name}} for name in part]
        yield {"resourceType": "Bundle", "type": "transaction", "entry": entries}
