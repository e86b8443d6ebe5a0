"""The demo supplier's documents: exit plan, documentation of the export, terms, and a signed attestation.

`write_dossier` writes them into a folder that the reference supplier also serves to anybody under `/docs/`.
The attestation is a DSSE 1.0 envelope over an in-toto Statement v1 whose subject is the exit plan as
written.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from conformance.reference.dossier import changes
from conformance.reference.dossier.attestation import (
    ATTESTED,
    make_key,
    signed_statement,
    statement,
    write_private,
)
from conformance.reference.dossier.changes_leaving import LEAVING_CHANGES
from conformance.reference.dossier.pages import (
    certificate_page,
    export_page,
    register,
    rehearsal_page,
    terms_page,
)
from conformance.reference.dossier.papers import Papers
from conformance.reference.dossier.plan import exit_plan
from conformance.reference.dossier.schemas import open_api, resources_schema
from conformance.reference.population.draw import Draw
from conformance.reference.population.own_terms import published

CHANGES = {**changes.CHANGES, **LEAVING_CHANGES}
"""What the faults of the documents change, by the name of each."""

__all__ = ["CHANGES", "Dossier", "write_dossier"]


@dataclass(frozen=True)
class Dossier:
    """Where the documents are that a target file points to."""

    exit_plan: Path
    attestation: Path
    public_key: Path


def write_dossier(  # noqa: PLR0913 - one document each way; all but the first few have honest defaults
    folder: Path,
    *,
    base_url: str,
    product_version: str,
    as_of: date,
    types: Mapping[str, int],
    sizes: Mapping[str, int] | None = None,
    private_key: Path | None = None,
    requirements: Sequence[str] = ATTESTED,
    fault: str | None = None,
    seed: int = 0,
) -> Dossier:
    """Write the supplier's documents into `folder` (made if absent) and say where they are.

    `base_url` is the FHIR base; the documents are served at `/docs/` of the same origin. `types` and `sizes`
    say how many resources of each type the product holds, and how many bytes they are as NDJSON.
    The signing key is made here; its private half is written only if `private_key` names a file for it.
    `fault` makes one deviation in the documents (a name in `CHANGES`; any other name changes nothing,
    since the server's own faults are not in its documents), at a place drawn from the seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    docs_url = urlsplit(base_url)._replace(path="/docs", query="", fragment="").geturl()
    terms = terms_page().encode()
    rehearsal = rehearsal_page(as_of).encode()
    certificate = certificate_page().encode()
    plan = exit_plan(
        base_url=base_url,
        docs_url=docs_url,
        product_version=product_version,
        as_of=as_of,
        types=types,
        sizes=sizes or {},
        terms_sha256=_sha256(terms),
        rehearsal_sha256=_sha256(rehearsal),
        certificate_sha256=_sha256(certificate),
    )
    listing = register(base_url, product_version, sorted(types), as_of)
    schema = resources_schema(docs_url, sorted(types))
    papers = Papers(plan, product_version, types, sizes or {}, list(requirements), listing, schema)
    if fault in CHANGES:
        CHANGES[fault](papers, Draw(seed, fault))
    plan_bytes = _json(papers.plan)
    key = make_key()
    claim = statement(_sha256(plan_bytes), papers.attested_version, as_of, papers.attested)
    written = {
        "exit-plan.json": plan_bytes,
        "terms.html": terms,
        "rehearsal.html": rehearsal,
        "certificate.html": certificate,
        "export.html": export_page(base_url, product_version, sorted(types), as_of).encode(),
        "register.json": _json(papers.register),
        "resources.schema.json": _json(papers.schema),
        "definitions.json": _json(published(product_version)),
        "openapi.json": _json(open_api(base_url, product_version, sorted(types))),
        "attestation.dsse.json": _json(signed_statement(claim, key)),
        "supplier-key.pub.pem": key.public_pem,
    }
    for name, content in written.items():
        (folder / name).write_bytes(content)
    if private_key is not None:
        write_private(private_key, key.private_pem)
    return Dossier(
        *(folder / name for name in ("exit-plan.json", "attestation.dsse.json", "supplier-key.pub.pem"))
    )


def _json(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
