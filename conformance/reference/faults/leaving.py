"""The faults of exports that look whole and are of little use to who has to leave."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.behaviour.export import DeletionBehaviour
from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.export.manifest import DOCUMENTATION
from conformance.reference.faults.fault import Change, Fault, export, fault, leaving
from conformance.reference.forms.jsontext import dump, parse

_AUTHORS = ("author", "recorder", "performer", "requester", "participant")

Json = dict[str, Any]


def _in(kinds: tuple[str, ...], change: Callable[[Json], None]) -> Change:
    """Change each exported resource of these types."""

    def exported(name: str, text: bytes) -> bytes:
        if name.partition("/")[0] not in kinds:
            return text
        resource = parse(text)
        change(resource)
        return dump(resource)

    return export(exported=exported)


def _without_author(resource: Json) -> None:
    for element in _AUTHORS:
        resource.pop(element, None)


def _each_attachment(change: Callable[[Json], None]) -> Callable[[Json], None]:
    def changed(document: Json) -> None:
        for content in document.get("content", ()):
            change(content["attachment"])

    return changed


def _without_content(attachment: Json) -> None:
    attachment.pop("url", None)
    attachment.pop("data", None)


def _on_a_share(attachment: Json) -> None:
    name = attachment.pop("url", "/Binary/none").rpartition("/")[2]
    attachment.pop("data", None)
    attachment["url"] = f"file://harbour-store/documents/{name}"


def _called_pictures(attachment: Json) -> None:
    attachment["contentType"] = "image/png"


def _by_search(bundle: Json) -> Json:
    """Deletions told by a search that only the supplier can carry out."""
    entries = [
        {"request": {"method": "DELETE", "url": f"{entry['request']['url'].partition('/')[0]}?_erased=true"}}
        for entry in bundle["entry"]
    ]
    return {**bundle, "entry": entries}


def _other_documentation(manifest: Json) -> Json:
    return {**manifest, "extension": {DOCUMENTATION: "https://harbour-epr.example/contact-sales"}}


def _open_for_ever(honest: Behaviour, _: Draw) -> Behaviour:
    opened = replace(
        honest.export, expires=False, manifest=lambda listing: {**listing, "requiresAccessToken": False}
    )
    return replace(honest, export=opened, security=replace(honest.security, files_need_token=False))


def _flipped(digest: str) -> str:
    return base64.b64encode(bytes(32)).decode() if digest else digest


def _older(statement: Json) -> Json:
    return {**statement, "software": {**statement["software"], "version": "6.9.0"}}


def _reads_only(statement: Json) -> Json:
    server = statement["rest"][0]
    kept = [
        {**one, "interaction": [each for each in one["interaction"] if each["code"] != "create"]}
        for one in server["resource"]
    ]
    return {**statement, "rest": [{**server, "resource": kept}]}


LEAVING_FAULTS: tuple[Fault, ...] = (
    fault(
        "everything-is-the-patient-only",
        "EXIT-EXP-02",
        "The export of a single patient holds the patient, and nothing about them.",
        leaving(everything_left_out=lambda _: True),
    ),
    fault(
        "everything-without-observations",
        "EXIT-EXP-02",
        "The export of a single patient lacks what was measured.",
        leaving(everything_left_out=lambda kind: kind == "Observation"),
    ),
    fault(
        "export-tells-deletions-by-search",
        "EXIT-EXP-06",
        "Exports tell of deletions by searches that only the supplier can carry out.",
        export(deletions=DeletionBehaviour(bundle=_by_search)),
        "SHOULD",
    ),
    fault(
        "reads-fail-while-exporting",
        "EXIT-EXP-08",
        "Patients cannot be read while all that changed since long ago is exported.",
        leaving(reads_fail_meanwhile=True),
        "SHOULD",
    ),
    fault(
        "export-files-given-once",
        "EXIT-EXP-09",
        "A file of an export is given out once only.",
        leaving(files_given_once=True),
        "SHOULD",
    ),
    fault(
        "export-file-part-is-wrong",
        "EXIT-EXP-09",
        "A part of a file that is asked for by Range is not that part.",
        leaving(part_is_wrong=True),
        "SHOULD",
    ),
    fault(
        "exports-rationed-to-one",
        "EXIT-EXP-10",
        "One export runs at a time, though the plan declares three.",
        leaving(most_jobs=1),
        "SHOULD",
    ),
    fault(
        "exports-refused-without-time",
        "EXIT-EXP-10",
        "A second export is refused without a word on when to come back.",
        leaving(most_jobs=1, refusal_says_when=False),
        "SHOULD",
    ),
    fault(
        "export-begins-for-anybody",
        "EXIT-SEC-03",
        "Who has no credentials can begin an export.",
        leaving(kick_off_open=True),
    ),
    fault(
        "export-begins-for-any-token",
        "EXIT-SEC-03",
        "An export begins with a token that nobody issued.",
        leaving(kick_off_takes_any_token=True),
    ),
    fault(
        "export-links-never-expire",
        "EXIT-SEC-02",
        "Files need no token, and their links are not stated to expire.",
        _open_for_ever,
    ),
    fault(
        "export-digests-wrong",
        "EXIT-SEC-05",
        "The digests in the manifest are not those of the files.",
        leaving(digest=_flipped),
        "SHOULD",
    ),
    fault(
        "export-without-digests",
        "EXIT-SEC-05",
        "Nothing tells the digests of the files.",
        leaving(digest=lambda _: None),
        "SHOULD",
    ),
    fault(
        "export-names-no-documentation",
        "EXIT-DOC-02",
        "The manifest does not say where its format is documented.",
        leaving(documentation_told=False),
    ),
    fault(
        "export-names-other-documentation",
        "EXIT-DOC-02",
        "The manifest points to another page than the documentation that the plan declares.",
        export(manifest=_other_documentation),
    ),
    fault(
        "export-drops-authors",
        "EXIT-CMP-09",
        "Exported measurements and medicines do not say who recorded them.",
        _in(("Observation", "MedicationRequest"), _without_author),
        "SHOULD",
        also=("EXIT-CMP-02:as-read",),
    ),
    fault(
        "export-documents-without-content",
        "EXIT-CMP-07",
        "Exported documents neither hold their content nor say where it is.",
        _in(("DocumentReference",), _each_attachment(_without_content)),
        also=("EXIT-CMP-02", "EXIT-OPN-06"),
    ),
    fault(
        "export-documents-on-a-share",
        "EXIT-CMP-07",
        "Exported documents point to a file share of the supplier's.",
        _in(("DocumentReference",), _each_attachment(_on_a_share)),
        also=("EXIT-CMP-02", "EXIT-OPN-06"),
    ),
    fault(
        "export-misstates-kind-of-documents",
        "EXIT-CMP-06",
        "Exported documents are said to be pictures.",
        _in(("DocumentReference",), _each_attachment(_called_pictures)),
        also=("EXIT-CMP-02", "EXIT-CMP-02:as-read"),
    ),
    fault(
        "configuration-by-ticket",
        "EXIT-CMP-11",
        "Where the configuration is said to be exported there is a page that asks for a ticket.",
        leaving(configuration=lambda _: None),
    ),
    fault(
        "configuration-is-empty",
        "EXIT-CMP-11",
        "The export of the configuration has its headings and nothing under them.",
        leaving(configuration=lambda told: {name: [] for name in told}),
    ),
    fault(
        "sandbox-is-older",
        "EXIT-API-03",
        "The sandbox has another version of the product than production.",
        leaving(sandbox=_older),
        "SHOULD",
    ),
    fault(
        "sandbox-reads-only",
        "EXIT-API-03",
        "In the sandbox nothing can be written.",
        leaving(sandbox=_reads_only),
        "SHOULD",
    ),
    fault(
        "sandbox-is-gone", "EXIT-API-03", "There is no sandbox.", leaving(sandbox=lambda _: None), "SHOULD"
    ),
)
