"""What every document and each of its problems is, whatever was read."""

from conformance.fhir.definitions import r4
from conformance.fhir.documents import Document
from conformance.fhir.terminology.facade import Terminology

ISSUE_TYPES = Terminology(r4()).codes("http://hl7.org/fhir/ValueSet/issue-type") or frozenset()


def wholesome(document: Document) -> Document:
    """The same document, whose problems have types of FHIR's own, words without gaps, and a place in the text."""
    assert document.format in {"json", "xml"}
    for problem in document.problems:
        assert problem.severity in {"fatal", "error", "warning"}, problem
        assert problem.code in ISSUE_TYPES, problem
        assert isinstance(problem.words, str), problem
        assert problem.words.endswith((".", ")")), problem
        assert "None" not in problem.words, problem
        assert all(isinstance(where, str) for where in (problem.pointer, problem.location)), problem
        assert problem.line >= 1, problem
        assert problem.column >= 1, problem
    return document
