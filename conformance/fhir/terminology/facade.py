"""`Terminology`: the one place to ask. The loaded packages first; what they cannot tell, a server if there is one.

Source: FHIR R4, Using Codes in Resources (terminologies.html, 4.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.fhir.terminology import syntax
from conformance.fhir.terminology.answer import Answer, Membership, any_of, cannot_tell
from conformance.fhir.terminology.displays import Displays
from conformance.fhir.terminology.local import LocalTerminology
from conformance.fhir.terminology.nouns import (
    Coded,
    Question,
    RemoteTerminology,
    TerminologySource,
    objects,
    same_version,
    text,
)
from conformance.fhir.terminology.value_set import Members

NO_CODE = Answer(Membership.NOT_MEMBER, "has no code")
NO_SYSTEM = Answer(Membership.NOT_MEMBER, "has a code without a system, which has no meaning")
NO_CODING = Answer(Membership.NOT_MEMBER, "has no coding")


class Terminology:
    """Answers questions about codes. Value sets are made ready when first asked for, and kept."""

    def __init__(self, source: TerminologySource, remote: RemoteTerminology | None = None) -> None:
        self._source = source
        self._local = LocalTerminology(source)
        self._displays = Displays(source)
        self._remote = remote

    def validate(
        self, value_set: str, coded: str | Mapping[str, Any], system: str | None = None, *, version: str = ""
    ) -> Answer:
        """Whether a code or Coding is in the value set of this canonical.

        A bare code without `system` is a value of type `code`: it is a member where it is one in any system of the
        value set. A Coding without a system is no member.
        """
        if isinstance(coded, Mapping):
            return self._answers(value_set, [coded])[0]
        question = Question(value_set, system, coded, version)
        told = self._told(question)
        if not told.cannot_tell or self._remote is None:
            return told
        return self._settled([self._question(value_set, system, coded, version)], [told])[0]

    def validate_concept(self, value_set: str, concept: Mapping[str, Any]) -> Answer:
        """Whether any coding of a CodeableConcept is in the value set."""
        codings = objects(concept, "coding")
        return any_of(self._answers(value_set, codings)) if codings else NO_CODING

    def in_system(self, system: str, code: str, version: str = "") -> Answer:
        """Whether the code is one of the code system, with the reason where it is not or cannot be told."""
        question = Question("", system, code, version)
        return self._settled([question], [self._told(question)])[0]

    def code_in_system(self, system: str, code: str, version: str = "") -> bool | None:
        """Whether the code is one of the code system; None where that cannot be told."""
        answer = self.in_system(system, code, version)
        return None if answer.cannot_tell else answer.is_member

    def problem(self, system: str, code: str) -> str:
        """Why this surely is no code of that system by its form alone, as the end of a sentence; else empty.

        Knows, among others, check digits of SNOMED CT, LOINC and the NHS number, units of UCUM and ODS codes.
        """
        return syntax.problem(system, code)

    def displays_instead(
        self, system: str, code: str, display: str, *, version: str = "", language: str = ""
    ) -> tuple[str, ...]:
        """What loaded packages call the code, where `display` is none of that; empty where that cannot be told."""
        loaded = self._local.code_system(system)
        if loaded is None or not same_version(version, loaded.version):
            return ()
        return self._displays.instead(system, code, display, language)

    def subsumes(self, system: str, one: str, other: str) -> bool | None:
        """Whether `one` is `other` or an ancestor of it in the code system; None where that cannot be told."""
        answer = self._local.subsumes(system, one, other)
        return None if answer.cannot_tell else answer.is_member

    def expansion(self, value_set: str) -> Members | None:
        """All members as pairs of system and code, where they are finite and known; else None.

        What is in it surely is a member. A code system without regard to case has more members than are listed.
        """
        return self._local.value_set(value_set).members

    def codes(self, value_set: str) -> frozenset[str] | None:
        """The codes of all members, for an element of type `code`, where they are finite and known; else None."""
        return self._local.value_set(value_set).codes

    def prepare(self, questions: Iterable[Question]) -> None:
        """Ask the server at once for what will be asked soon, so that it can answer in batches and from its cache."""
        if self._remote is None:
            return
        distinct = dict.fromkeys(questions)
        asked = [
            self._named(self._question(each.value_set, each.system, each.code, each.version))
            if each.value_set
            else each
            for each in distinct
            if self._told(each).cannot_tell
        ]
        if asked:
            self._remote.ask(asked)

    def _answers(self, value_set: str, codings: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """One answer for each coding; the server is asked only where none surely is a member."""
        questions = [
            self._question(value_set, *(text(coding, name) for name in ("system", "code", "version")))
            for coding in codings
        ]
        told = [self._told(question) for question in questions]
        return told if any(answer.is_member for answer in told) else self._settled(questions, told)

    def _told(self, question: Question) -> Answer:
        """What the loaded packages tell."""
        if not question.code:
            return NO_CODE
        if question.system == "":
            return NO_SYSTEM
        if not question.value_set:
            return self._local.in_system(Coded(question.system or "", question.code, question.version))
        known = self._local.value_set(question.value_set)
        if question.system is None:
            return known.answer_without_system(question.code)
        return known.answer(Coded(question.system, question.code, question.version))

    def _question(self, value_set: str, system: str | None, code: str, version: str) -> Question:
        definition = self._source.value_set(value_set) if self._remote else None
        return Question(value_set, system, code, version, definition)

    def _settled(self, questions: list[Question], told: list[Answer]) -> list[Answer]:
        """These answers; those that cannot tell are replaced by the server's, or get its reason beside their own."""
        waiting = [place for place, answer in enumerate(told) if answer.cannot_tell]
        if self._remote is None or not waiting:
            return told
        found = list(told)
        asked = self._remote.ask([self._named(questions[place]) for place in waiting])
        for place, answer in zip(waiting, asked, strict=True):
            reasons = f"{told[place].reason}; {answer.reason}"
            found[place] = cannot_tell(reasons) if answer.cannot_tell else answer
        return found

    def _named(self, question: Question) -> Question:
        """The question as a server can best answer it: with its system, where only one can be meant."""
        if question.system is not None:
            return question
        systems = self._local.value_set(question.value_set).systems
        return replace(question, system=next(iter(systems))) if len(systems) == 1 else question
