"""What every finding is, whatever it is about."""

import re

from conformance.fhir.definitions import r4
from conformance.fhir.terminology.facade import Terminology
from conformance.fhir.validation.issues import Outcome

ISSUE_TYPES = Terminology(r4()).codes("http://hl7.org/fhir/ValueSet/issue-type") or frozenset()
# nothing stands in place of words; a value of the document may hold a None between signs
GAP = re.compile(r"(?:^|\w )None\b")
KINDS = frozenset({"binding", "invariant", "structure", "reference", "slice", "extension"})


def wellformed(outcome: Outcome) -> Outcome:
    """The same outcome, whose issues have types of FHIR's own, words without gaps, and places."""
    for issue in outcome.issues:
        assert issue.code in ISSUE_TYPES, issue
        assert issue.message_id != "internal-error", issue
        said = (issue.text, issue.expression, issue.pointer, issue.structure, issue.rule)
        assert all(isinstance(words, str) for words in said), issue
        assert issue.text, issue
        assert not GAP.search(issue.text), issue
    for row in outcome.not_evaluated:
        assert row.kind in KINDS, row
        assert all(isinstance(words, str) and words for words in (row.subject, row.reason)), row
        assert not GAP.search(row.reason), row
    return outcome
