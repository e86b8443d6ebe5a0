"""The manifest of an export: whole, or in two pages where the client takes partial ones.

See https://hl7.org/fhir/uv/bulkdata/STU3/export.html#response---output-manifest.
"""

from collections.abc import Sequence
from typing import Any

from conformance.reference.export.files import Written
from conformance.reference.export.jobs import Job
from conformance.reference.forms import dates
from conformance.reference.supplier import Supplier

DIGEST = "https://harbour-epr.example/fhir/StructureDefinition/file-sha256"
DOCUMENTATION = "https://harbour-epr.example/fhir/StructureDefinition/export-documentation"
FIRST, SECOND = "1", "2"


def manifest(supplier: Supplier, job: Job, page: str = "", *, is_running: bool = False) -> dict[str, Any]:
    """What the polling address answers: everything, or one of the two pages of a job that is told in pages.

    The first page has the first half of the output; it is shown while the job is running too, then without a link.
    """
    behaviour = supplier.behaviour.export
    if not page:
        return behaviour.manifest(_listing(supplier, job, job.files))
    outputs = [file for file in job.files if file.section == "output"]
    others = [file for file in job.files if file.section != "output"]
    half = (len(outputs) + 1) // 2
    if page == SECOND:
        listing = _listing(supplier, job, [*outputs[half:], *(f for f in others if f.section == "deleted")])
        if not behaviour.organised.pages_agree:
            listing["transactionTime"] = dates.written(job.transaction_time + dates.MILLISECOND * 60_000)
        return behaviour.manifest(listing)
    shown = outputs[:half]
    if not is_running and not behaviour.organised.first_page_kept:
        shown = shown[:-1]
    listing = _listing(supplier, job, [*shown, *(file for file in others if file.section == "error")])
    if not is_running and len(outputs) > half:
        url = f"{supplier.settings.base_url}/export-jobs/{job.name}/{SECOND}"
        listing["link"] = [{"relation": behaviour.organised.relation, "url": url}]
    return behaviour.manifest(listing)


def _listing(supplier: Supplier, job: Job, files: Sequence[Written]) -> dict[str, Any]:
    settings, behaviour = supplier.settings, supplier.behaviour.export
    plain = settings.plain_http_origin if behaviour.files_over_http else None
    place = f"{plain or settings.origin}{settings.base_path}/export-files/{job.name}"
    is_ballot = settings.bulk_edition == "STU4-ballot"
    messages = "outcome" if is_ballot else "error"
    sections: dict[str, list[dict[str, Any]]] = {"output": [], "deleted": [], messages: []}
    for file in files:
        item: dict[str, Any] = {"url": f"{place}/{file.name}", "count": file.count}
        if file.resource_type or not behaviour.organised.types_left_out:
            item = {"type": file.resource_type or "Patient", **item}
        digest = supplier.behaviour.exit.digest(file.sha256)
        if digest:
            item["extension"] = _extension(DIGEST, digest, is_ballot=is_ballot)
        if file.continues_in:
            item["continuesInFile"] = f"{place}/{file.continues_in}"
        sections[messages if file.section == "error" else file.section].append(item)
    listing = {
        "transactionTime": dates.written(job.transaction_time),
        "request": job.request.url,
        "requiresAccessToken": settings.auth == "smart",
        **sections,
    }
    if supplier.behaviour.exit.documentation_told:
        listing["extension"] = _extension(
            DOCUMENTATION, f"{settings.origin}/docs/export.html", is_ballot=is_ballot
        )
    if is_ballot:
        del listing["request"]
    if job.request.organised and behaviour.organised.organiser_told:
        listing["outputOrganizedBy"] = "Patient"
    return listing


def _extension(url: str, value: str, *, is_ballot: bool) -> Any:
    """An extension of the manifest: a JSON object up to the third edition of the guide, an array of Extension since."""
    return [{"url": url, "valueString": value}] if is_ballot else {url: value}
