"""What lies have in common: choosing without chance, and reaching the resources of an answer."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from benchmarks.assurance.exact import parsed, written
from benchmarks.assurance.passing import Answer, Ask, Asked, Memory

R4 = "https://hl7.org/fhir/R4"
BULK = "https://hl7.org/fhir/uv/bulkdata/STU3/export.html"
SMART = "https://hl7.org/fhir/smart-app-launch/STU2.2"
Change = Callable[[dict[str, Any]], dict[str, Any] | None]


def chosen(text: str, one_in: int) -> bool:
    """Whether this text is among the one in so many that a lie picks; always the same ones."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % one_in == 0


def is_bundle(answer: Answer, *kinds: str) -> bool:
    """Whether the answer is a good one with a Bundle in it, of one of these kinds if any are given."""
    document = answer.document if answer.status == 200 else None
    return (
        isinstance(document, dict)
        and document.get("resourceType") == "Bundle"
        and (not kinds or document.get("type") in kinds)
    )


def entries(answer: Answer) -> list[dict[str, Any]]:
    """The entries of the Bundle in an answer."""
    return list(answer.document.get("entry", []))


def with_entries(answer: Answer, kept: list[dict[str, Any]], **members: Any) -> Answer:
    """The same Bundle with these entries, and with these members instead of its own; None takes one out."""
    document = {**answer.document, "entry": kept, **members}
    if not kept:
        del document["entry"]
    return answer.with_document({name: value for name, value in document.items() if value is not None})


def matches(answer: Answer) -> list[dict[str, Any]]:
    """The entries of a search result that match."""
    return [entry for entry in entries(answer) if entry.get("search", {}).get("mode", "match") == "match"]


def changed(answer: Answer, change: Change) -> Answer:
    """The answer with each resource in it changed; a resource for which there is None is left out."""
    if "ndjson" in answer.header("content-type") and answer.status == 200:
        return replace(answer, body=lines_written(each_line(lines_of(answer.body), change)))
    document = answer.document
    if not isinstance(document, dict) or answer.status >= 400:
        return answer
    if document.get("resourceType") != "Bundle":
        return answer.with_document(change(document) or document)
    return answer.with_document(bundle_changed(document, change))


def bundle_changed(bundle: dict[str, Any], change: Change) -> dict[str, Any]:
    """A Bundle with the resource of each entry changed."""
    kept = []
    for entry in bundle.get("entry", []):
        if not isinstance(entry.get("resource"), dict):
            kept.append(entry)
        elif (resource := change(entry["resource"])) is not None:
            kept.append({**entry, "resource": resource})
    return {**bundle, "entry": kept} if kept else {k: v for k, v in bundle.items() if k != "entry"}


def lines_of(body: bytes) -> list[Any]:
    """The documents of an NDJSON file."""
    return [parsed(line) for line in body.split(b"\n") if line.strip()]


def lines_written(documents: list[Any]) -> bytes:
    """An NDJSON file of these documents."""
    return b"".join(written(document) + b"\n" for document in documents)


def each_line(documents: list[Any], change: Change) -> list[Any]:
    """The resources of a file, each changed; those for which there is None are left out."""
    return [new for document in documents if (new := change(document)) is not None]


def walked(node: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """A document with `change(name, value)` in the place of each primitive value."""
    if isinstance(node, dict):
        return {key: walked(value, change, key) for key, value in node.items()}
    if isinstance(node, list):
        return [walked(value, change, name) for value in node]
    return change(name, node)


def without(node: Any, *names: str) -> Any:
    """A document without these members, at any depth; what is empty then goes too."""
    if isinstance(node, dict):
        kept = {key: without(value, *names) for key, value in node.items() if key not in names}
        return {key: value for key, value in kept.items() if value not in ({}, [])}
    if isinstance(node, list):
        return [new for value in node if (new := without(value, *names)) != {}]
    return node


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """All objects of a document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value)


def patients_of(resource: dict[str, Any]) -> set[str]:
    """The ids of the patients that a resource is or names."""
    named = {
        str(node["reference"]).split("/")[1]
        for node in objects(resource)
        if str(node.get("reference", "")).startswith("Patient/")
    }
    return named | ({str(resource.get("id"))} if resource.get("resourceType") == "Patient" else set())


def is_manifest(asked: Asked, answer: Answer) -> bool:
    """Whether an answer about a job tells its files, be it all of them or those so far."""
    document = answer.document if asked.is_job and asked.method == "GET" else None
    return isinstance(document, dict) and "output" in document


Lines = Callable[[list[Any]], list[Any]]


async def files_changed(asked: Asked, ask: Ask, memory: Memory, change: Lines) -> Answer:
    """Exported files with their resources changed, and a manifest that agrees with them."""
    return await files_rewritten(asked, ask, memory, lambda body: lines_written(change(lines_of(body))))


async def files_rewritten(
    asked: Asked, ask: Ask, memory: Memory, rewrite: Callable[[bytes], bytes]
) -> Answer:
    """Exported files rewritten, and a manifest whose counts and digests are of what is really sent.

    A supplier computes them from its files, so a lie that only forgot them would give itself away.
    """
    answer = await ask(asked)
    if asked.is_file and answer.status == 200:
        return replace(answer, body=rewrite(answer.body))
    if not is_manifest(asked, answer):
        return answer
    manifest = answer.document
    for output in manifest["output"]:
        path = "/export-files/" + output["url"].split("/export-files/")[1]
        if path not in memory:
            asking = replace(asked, path=path, query="").with_header("accept", "application/fhir+ndjson")
            file = await ask(asking)
            if file.status != 200:  # this token may not have it, and whoever may will ask again
                continue
            body = rewrite(file.body)
            count = sum(one.get("resourceType") != "Parameters" for one in lines_of(body))
            memory[path] = (count, hashlib.sha256(body).hexdigest())
        count, digest = memory[path]
        if "count" in output:
            output["count"] = count
        for name in output.get("extension", {}):
            if name.endswith("file-sha256"):
                output["extension"][name] = digest
    return answer.with_document(manifest)


def remembered(memory: Memory, place: str) -> dict[Any, Any]:
    """A table of its own in what a lie remembers."""
    return memory.setdefault(place, {})
