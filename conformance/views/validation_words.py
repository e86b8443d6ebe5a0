"""The words of findings as every view shows them: one style of sentence, on one line, without effects.

The engine's words come from many rules, and quote what a document holds; here they are made alike and harmless.
"""

import re

from conformance.fhir.definitions.library import CORE
from conformance.fhir.validation.issues import Issue
from conformance.views.text import one_line

__all__ = ["is_base", "said", "sentence", "utf8"]

_FIRST_WORD = re.compile(r"[a-z]+(?=[\s,;:-])")
_TYPE = re.compile(
    r"[A-Z][A-Za-z]*|base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid"
    r"|positiveInt|string|time|unsignedInt|uri|url|uuid|xhtml"
)
_ENDINGS = (".", "!", "?", "…")


def sentence(text: str) -> str:
    """The text as one sentence: on one line, with a capital (names with capitals inside stay) and a full stop."""
    line = one_line(text)
    if _FIRST_WORD.match(line):
        line = line[0].upper() + line[1:]
    return line if not line or line.endswith(_ENDINGS) else f"{line}."


def said(issue: Issue) -> str:
    """The sentence of a finding, without the structure that states the rule: views show that by itself."""
    return sentence(issue.text.removesuffix(f" (by {issue.structure})") if issue.structure else issue.text)


def is_base(structure: str) -> bool:
    """Whether a canonical is the base definition of a type: what states nearly every rule, so is seldom told."""
    url = structure.partition("|")[0]
    return not url or (url.startswith(CORE) and _TYPE.fullmatch(url.removeprefix(CORE)) is not None)


def utf8(text: str) -> str:
    """The text with what no UTF-8 can hold (bytes of a file name, lone surrogates) written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
