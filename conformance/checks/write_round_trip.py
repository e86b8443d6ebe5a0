"""Checks that what was written is what is read: every element, every digit.

See https://hl7.org/fhir/R4/http.html#create and https://hl7.org/fhir/R4/updates.html.
"""

import re
from html import unescape
from typing import Literal

from conformance.checks.exchanged import CREATED, OK, noted, resource_of
from conformance.checks.picking import listed, one, permitted
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.fhir.documents import read_json
from conformance.fhir.sameness import Loss, losses
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotJudgeable, check

MISTAKEN_FOR_UTF_8 = ("latin-1", "cp1252", "iso8859-15", "cp850")
TAG = re.compile("<[^>]*>")
PLACE_OF_A_TAG = "\0"
PUNCTUATION = ".,;:!?()[]\"'"
REPLACEMENTS = ("?", "\N{REPLACEMENT CHARACTER}")


@check("round-trip")
def round_trip(evidence: Evidence, *, by: Literal["create", "update"] = "create") -> Findings:
    """A valid resource that was written is read back with all that was sent, unaltered. The server may add to it.

    A server may refuse it by its own rules (4xx), which shows nothing; an error of its own (5xx) is none of these.
    """
    write = permitted(one(evidence, by))
    if not write.ok and write.status not in CLIENT_ERRORS:
        yield write.finding(f"answered {write.status} to a valid resource")
        return
    read, lost = _compared(evidence, write)
    for loss in lost:
        if not loss.is_number:
            yield read.finding(str(loss))


@check("keeps-decimals")
def keeps_decimals(evidence: Evidence, *, by: Literal["create", "update"] = "create") -> Findings:
    """Each number is read back with the digits that were sent, those behind the point that are zero too."""
    write = permitted(one(evidence, by))
    if "." not in str(noted(evidence, "sent")):
        raise NoData("the resource that was sent has no decimal")
    read, lost = _compared(evidence, write)
    for loss in lost:
        if loss.is_number:
            yield read.finding(str(loss))


@check("keeps-letters")
def keeps_letters(evidence: Evidence) -> Findings:
    """No letter beyond ASCII is read back as what comes of taking UTF-8 for another encoding, or as a question mark.

    A server may alter a text by rules of its own; this is none.
    """
    create = permitted(one(evidence, "create"))
    if str(noted(evidence, "sent")).isascii():
        raise NoData("the resource that was sent has no letter beyond ASCII")
    read, lost = _compared(evidence, create)
    for loss in lost:
        if isinstance(loss.sent, str) and isinstance(loss.read, str) and _is_misread(loss.sent, loss.read):
            yield read.finding(str(loss))


@check("keeps-narrative")
def keeps_narrative(evidence: Evidence) -> Findings:
    """The words of a narrative that says more than the elements (status `additional`) are read back.

    A server may put it in other HTML.
    """
    create = permitted(one(evidence, "create"))
    wanted = _texts(str(noted(evidence, "sent")).encode())
    if not wanted:
        raise NoData("the resource that was sent has no narrative")
    read, _ = _compared(evidence, create)
    kept = {word for readings in _texts(read.content()) for words in readings for word in words}
    missing = [
        word
        for readings in wanted
        if not any(kept.issuperset(words) for words in readings)
        for word in readings[0]
        if word not in kept
    ]
    if missing:
        yield read.finding(f"lacks words of the narrative that was sent: {listed(missing)}")


def _texts(resource: bytes) -> list[tuple[list[str], list[str]]]:
    """The texts of a narrative between blanks, each in words: parted where there is a tag within it, and not.

    Another HTML may have a tag elsewhere: `<b>Ann</b>, who` and `Ann, who` say the same.
    """
    document = read_json(resource).value
    narrative = document.get("text") if isinstance(document, dict) else None
    written = narrative.get("div") if isinstance(narrative, dict) else None
    texts = TAG.sub(PLACE_OF_A_TAG, written).split() if isinstance(written, str) else []
    readings = [tuple(_words(text.replace(PLACE_OF_A_TAG, by)) for by in (" ", "")) for text in texts]
    return [(parted, whole) for parted, whole in readings if parted]


def _words(text: str) -> list[str]:
    return [word for part in unescape(text).split() if (word := part.strip(PUNCTUATION))]


def _is_misread(sent: str, read: str) -> bool:
    """Whether a text is what comes of another's bytes in the wrong encoding."""
    if sent.isascii():
        return False
    wrong = {sent.encode().decode(name, "replace") for name in MISTAKEN_FOR_UTF_8}
    letters = [(one, other) for one, other in zip(sent, read, strict=False) if one != other]
    replaced = len(sent) == len(read) and all(other in REPLACEMENTS for _, other in letters)
    return read in wrong or (replaced and bool(letters)) or REPLACEMENTS[1] in read


def _compared(evidence: Evidence, write: Exchange) -> tuple[Exchange, list[Loss]]:
    """The read after a create or update, and what it lacks. Raises NotJudgeable where there is no such read."""
    if write.status in CLIENT_ERRORS:
        raise NotJudgeable(f"{write} answered {write.status}: the target refused a valid resource")
    if write.status not in {OK, CREATED} or not evidence.labelled("read-back"):
        raise NotJudgeable(f"{write} answered {write.status} and does not say which resource it wrote")
    read = one(evidence, "read-back")
    resource_of(read)
    return read, losses(str(noted(evidence, "sent")).encode(), read.content())
