"""Checks of a supplier's signed attestation: a DSSE envelope over an in-toto Statement about the exit plan.

Formats: DSSE 1.0.2 (https://github.com/secure-systems-lab/dsse) and in-toto Statement v1
(https://in-toto.io/Statement/v1). The key is the one given beside the envelope.
"""

from typing import Any

from conformance.checks.exit_plan_reading import date_of, limit, quoted
from conformance.model.attestation import PAYLOAD_TYPE, STATEMENT_TYPE, SUPPLIER_PREDICATE
from conformance.model.base import NotJson, strict_json
from conformance.model.dsse import NotAKey, NotAnEnvelope, read_envelope, signed_by
from conformance.plugin import Document, Evidence, Findings, Json, NoData, NotJudgeable, Remark, check


class NotAuthentic(ValueError):
    """An envelope that does not prove who signed what; the message says why."""


@check("attestation")
def attestation(evidence: Evidence, *, requirement: str = "", max_age: str = "P12M") -> Findings:
    """A named officer attests the exit plan, by a valid signature, for this very product and version.

    The date is not in the future and not older than the limit, judged at the day recorded for the run. Where a
    requirement is named, the attestation has to name it too. With several attestations one has to hold.
    """
    given = [document for document in evidence.documents if document.name == "attestation"]
    keys = [document for document in evidence.documents if document.name == "attestation-key"]
    if not given:
        raise NoData("no attestation was given: the target file names none under documents.attestations")
    wrong: list[str] = []
    for number, document in enumerate(given):
        found = list(
            _problems(document, keys[number] if number < len(keys) else None, evidence, requirement, max_age)
        )
        if not found:
            yield _who(document)
            return
        wrong += found
    yield from wrong


def _who(document: Document) -> Remark:
    """Whose word it is, for the report: somebody attested this, nobody tested it."""
    predicate = strict_json(read_envelope(document.content()).content)["predicate"]
    signatory, links = predicate["signatory"], predicate.get("evidence")
    given = ", ".join(str(link) for link in links) if isinstance(links, list) else ""
    return Remark(
        f"attested by {signatory['name']}, {signatory['role']} of {signatory['organisation']}, on "
        f"{predicate['signedOn']}: {predicate['statement']}{f' ({given})' if given else ''}"
    )


def _problems(
    document: Document, key: Document | None, evidence: Evidence, requirement: str, max_age: str
) -> Findings:
    try:
        statement = authentic_statement(_content(document), _content(key))
    except NotAuthentic as error:
        yield document.finding(f"is not authentic: {error}")
        return
    if statement.get("_type") != STATEMENT_TYPE:
        yield document.finding(f"is of type {quoted(statement.get('_type'))}, not {STATEMENT_TYPE}")
    if statement.get("predicateType") != SUPPLIER_PREDICATE:
        yield document.finding(f"attests {quoted(statement.get('predicateType'))}, not {SUPPLIER_PREDICATE}")
        return
    for problem in _subject_problems(statement, evidence):
        yield document.finding(problem)
    predicate = statement.get("predicate")
    for problem in _predicate_problems(predicate if isinstance(predicate, dict) else {}, evidence, max_age):
        yield document.finding(problem)
    named = predicate.get("requirements") if isinstance(predicate, dict) else None
    if requirement and (not isinstance(named, list) or requirement not in named):
        yield document.finding(f"does not name {requirement} among what it attests")


def authentic_statement(data: bytes, key: bytes) -> dict[str, Any]:
    """The in-toto Statement that this envelope carries, its signature proven with this PEM key.

    Raises NotAuthentic. The bytes that are read are the bytes that were verified.
    """
    try:
        envelope = read_envelope(data)
        proven = any(signed_by(key, signature, envelope.pae()) for signature in envelope.signatures)
    except NotAnEnvelope as error:
        raise NotAuthentic(f"it is no DSSE envelope: {error}") from None
    except NotAKey as error:
        raise NotAuthentic(f"the key given beside it cannot be used: {error}") from None
    if envelope.payload_type != PAYLOAD_TYPE:
        raise NotAuthentic(f"its payload is {quoted(envelope.payload_type)}, not {PAYLOAD_TYPE}")
    if not proven:
        raise NotAuthentic("no signature in it was made over its content with the key given beside it")
    try:
        statement = strict_json(envelope.content)
    except NotJson as error:
        raise NotAuthentic(f"its payload is no JSON: {error}") from None
    if not isinstance(statement, dict):
        raise NotAuthentic("its payload is no JSON object")
    return statement


def _subject_problems(statement: dict[str, Any], evidence: Evidence) -> Findings:
    plan = evidence.document("exit-plan")
    if plan is None or plan.body is None:
        yield "is about an exit plan that was not given"
        return
    subjects = statement.get("subject")
    digests = [
        subject["digest"].get("sha256")
        for subject in (subjects if isinstance(subjects, list) else ())
        if isinstance(subject, dict) and isinstance(subject.get("digest"), dict)
    ]
    if plan.body.sha256 not in digests:
        yield f"is not about the exit plan given, whose SHA-256 is {plan.body.sha256}"


def _predicate_problems(predicate: dict[str, Any], evidence: Evidence, max_age: str) -> Findings:
    if not _text(predicate.get("statement")):
        yield "states nothing (predicate.statement)"
    raw_product, raw_signatory = predicate.get("product"), predicate.get("signatory")
    product = raw_product if isinstance(raw_product, dict) else {}
    signatory = raw_signatory if isinstance(raw_signatory, dict) else {}
    target = evidence.target
    for what, declared, stated in (
        ("supplier", target.supplier, product.get("supplier")),
        ("product", target.product, product.get("name")),
        ("version", target.version, product.get("version")),
    ):
        if not declared and what != "supplier":
            raise NotJudgeable(f"the target file does not state the {what} that is tested")
        if declared and stated != declared:
            yield f"is for the {what} {quoted(stated)}, but {quoted(declared)} is tested"
    for member in ("name", "role", "organisation"):
        if not _text(signatory.get(member)):
            yield f"does not state the signatory's {member}"
    signed = date_of(predicate.get("signedOn"))
    if signed is None:
        yield "states no date of signature (predicate.signedOn)"
    elif signed > evidence.as_of:
        yield f"is dated {signed}, which is after {evidence.as_of}"
    elif evidence.as_of > limit(max_age).after(signed):
        yield f"is dated {signed}, more than {max_age} before {evidence.as_of}"


def _content(document: Document | None) -> bytes:
    if document is None:
        raise NotAuthentic("no key was given beside it")
    if document.problem or document.body is None:
        raise NotAuthentic(f"{document} could not be read: {document.problem or 'it has no content'}")
    return document.content()


def _text(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())
