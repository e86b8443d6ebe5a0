"""What a source document states, and what profiles do with each of its statements.

The statements are data, in our own words, one file a document. What becomes of a statement follows from the
requirements that it names, so that it cannot say more than the profile does.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field, model_validator

from conformance.model.base import Noun
from conformance.model.level import Level
from conformance.model.profile import Method, Requirement


class Treatment(StrEnum):
    """What is done with a statement, the most telling first."""

    TESTED = "tested"
    DOCUMENTED = "documented"
    ATTESTED = "attested"
    UNTESTED = "untested"
    NOT_TESTABLE = "not testable"
    NOT_COVERED = "not covered"

    @property
    def meaning(self) -> str:
        """The treatment in a sentence."""
        return _MEANING[self]


_MEANING = {
    Treatment.TESTED: "Requests are sent and the answers judged.",
    Treatment.DOCUMENTED: "Judged on what the supplier's documents say.",
    Treatment.ATTESTED: "Somebody responsible declares it over their signature.",
    Treatment.UNTESTED: "It stands in the profile, and no test exists yet; the reason is given.",
    Treatment.NOT_TESTABLE: "It binds others, or nobody outside can see it; the reason is given.",
    Treatment.NOT_COVERED: "No requirement is made of it; the reason is given.",
}


class StatedItem(Noun):
    """One normative statement of a document: its clause, how strongly it binds, and what it says, in our words.

    `by` are the requirements that treat it, in any of the profiles. Else `not_testable` says why nobody outside can
    see whether it is met, or that it binds others, or `because` why no requirement is made of it though one could be.
    """

    id: str
    clause: str = Field(min_length=1)
    level: Level
    says: str = Field(min_length=1)
    by: tuple[str, ...] = ()
    not_testable: str = ""
    because: str = ""

    @model_validator(mode="after")
    def _is_treated_or_says_why_not(self) -> "StatedItem":
        if [bool(self.by), bool(self.not_testable), bool(self.because)].count(True) != 1:
            raise ValueError(
                "a statement has one of `by: requirements`, `notTestable: reason` and `because: reason`"
            )
        return self


class SourceDocument(Noun):
    """A document with its statements. `extent` says which parts of it were read, and what was not.

    `sources` are glob patterns of the sources of requirements that come from it: each of these must be named by a
    statement.
    """

    document: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    version: str
    url: str = ""
    extent: str = Field(min_length=1)
    profiles: tuple[str, ...] = Field(min_length=1)
    sources: tuple[str, ...] = Field(min_length=1)
    statements: tuple[StatedItem, ...] = Field(min_length=1)


class Treated(Noun):
    """A statement with what is done with it, and why where that is nothing."""

    statement: StatedItem
    treatment: Treatment
    why: str = ""


class Coverage(Noun):
    """A document with what is done with each of its statements."""

    document: str
    title: str
    version: str
    extent: str
    profiles: tuple[str, ...]
    statements: tuple[Treated, ...]

    def counted(self, *, binding: bool | None = None) -> dict[Treatment, int]:
        """How many statements are treated how; only binding ones or only others where `binding` is given."""
        chosen = [t for t in self.statements if binding is None or t.statement.level.binding is binding]
        return {kind: sum(t.treatment is kind for t in chosen) for kind in Treatment}


def treated(item: StatedItem, requirements: Mapping[str, Requirement]) -> Treated:
    """What is done with a statement: the most telling of what its requirements do."""
    if item.not_testable:
        return Treated(statement=item, treatment=Treatment.NOT_TESTABLE, why=item.not_testable)
    if not item.by:
        return Treated(statement=item, treatment=Treatment.NOT_COVERED, why=item.because)
    found = sorted(
        (_of(requirements[id_]) for id_ in item.by), key=lambda pair: list(Treatment).index(pair[0])
    )
    treatment, why = found[0]
    return Treated(statement=item, treatment=treatment, why=why)


def _of(requirement: Requirement) -> tuple[Treatment, str]:
    if requirement.method is Method.OUT_OF_SCOPE:
        return Treatment.NOT_TESTABLE, requirement.out_of_scope
    if requirement.untested:
        return Treatment.UNTESTED, requirement.untested
    by_method = {
        Method.AUTOMATED: Treatment.TESTED,
        Method.DOCUMENTED: Treatment.DOCUMENTED,
        Method.ATTESTED: Treatment.ATTESTED,
    }
    return by_method[requirement.method], ""
