"""An exit plan that meets every default limit, and evidence about it, for tests of the checks of documents."""

import copy
import dataclasses
import datetime as dt
import hashlib
import json
from typing import Any

from evidence_builder import AS_OF, BASE, evidence, reader_of, step

from conformance.model.evidence import Body, Document
from conformance.model.target import TargetCard
from conformance.reference.dossier.plan import exit_plan

PRODUCT, VERSION = "Harbour EPR", "7.4.1"


def plan() -> dict[str, Any]:
    """The demo supplier's plan for a product with three patients and one observation."""
    return exit_plan(
        base_url=BASE,
        docs_url="https://127.0.0.1/docs",
        product_version=VERSION,
        as_of=AS_OF,
        types={"Patient": 3, "Observation": 1},
        sizes={},
        terms_sha256="0c" * 32,
        rehearsal_sha256="1d" * 32,
        certificate_sha256="2e" * 32,
    )


def changed(*path: str | int, to: Any = None, removed: bool = False) -> dict[str, Any]:
    """The plan with the value at a path set to another, or removed."""
    altered = copy.deepcopy(plan())
    holder: Any = altered
    for part in path[:-1]:
        holder = holder[part]
    if removed:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    return altered


def document(content: Any, name: str = "exit-plan", **others: Any) -> Document:
    """A document as the wire records it; what is not bytes is written as JSON."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    digest = hashlib.sha256(data).hexdigest()
    made = Document(
        id=f"step-1.{name}",
        name=name,
        location=f"{name}.json",
        body=Body(sha256=digest, size=len(data)),
        **others,
    )
    return made.connected(reader_of({digest: data}))


def about(*documents: Document, exchanges: Any = (), as_of: dt.date = AS_OF, **target: Any):
    """Evidence of a case that read these documents."""
    card = TargetCard(endpoint=BASE, auth="bearer", product=PRODUCT, version=VERSION, **target)
    made = evidence(step(*exchanges, documents=documents))
    return dataclasses.replace(made, target=card, as_of=as_of)


def of_plan(value: Any, **others: Any):
    """Evidence of a case that read this exit plan."""
    return about(document(value), **others)
