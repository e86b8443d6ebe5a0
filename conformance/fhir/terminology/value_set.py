"""`ValueSet`: a value set made ready for questions: unions and intersections of codes.

Source: FHIR R4, ValueSet.compose: a code is a member where one include has it and no exclude; an include that names
a system and value sets, or several value sets, has what all of them have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from conformance.fhir.terminology.answer import (
    MEMBER,
    NOT_MEMBER,
    Answer,
    Membership,
    all_of,
    any_of,
    cannot_tell,
    negated,
)
from conformance.fhir.terminology.nouns import Coded, same_version
from conformance.fhir.terminology.syntax import Rule

Members = frozenset[tuple[str, str]]
"""Pairs of system and code."""


@dataclass(frozen=True)
class Codes:
    """Codes of one system.

    `doubt` says why a code that is not listed may be one all the same; empty where the list is whole. `rule` judges
    by form what is not listed. `case_sensitive` is None where nobody says; `version` is that of the system that the
    list was taken from, empty where the value set lists its codes itself.
    """

    system: str
    listed: frozenset[str] = frozenset()
    doubt: str = ""
    rule: Rule | None = None
    case_sensitive: bool | None = None
    version: str = ""

    @cached_property
    def folded(self) -> frozenset[str]:
        """What is listed, without regard to case."""
        return frozenset(code.casefold() for code in self.listed)

    def answer(self, coded: Coded) -> Answer:
        """Whether the code is one of these."""
        if coded.system != self.system:
            return NOT_MEMBER
        if coded.code in self.listed:
            return MEMBER
        problem = self.rule.problem(coded.code) if self.rule else ""
        if problem:
            return Answer(Membership.NOT_MEMBER, problem)
        return self._answer_by_case(coded) or self._unlisted(coded)

    def _answer_by_case(self, coded: Coded) -> Answer | None:
        if self.case_sensitive is True or coded.code.casefold() not in self.folded:
            return None
        if self.case_sensitive is False:
            return MEMBER
        return cannot_tell(f"it is not known whether case matters in {self.system}")

    def _unlisted(self, coded: Coded) -> Answer:
        if self.doubt:
            return cannot_tell(self.doubt)
        if self.rule:
            return MEMBER
        if self.version and coded.version and not same_version(coded.version, self.version):
            return cannot_tell(f"version {coded.version} of {self.system} is not loaded")
        return NOT_MEMBER


@dataclass(frozen=True)
class Include:
    """What `codes` and each of the value sets have in common."""

    codes: Codes | None
    value_sets: tuple["ValueSet", ...] = ()

    def answer(self, coded: Coded, known: dict[int, Answer]) -> Answer:
        """Whether the code is in the intersection."""
        return all_of(self._answers(coded, known))

    def _answers(self, coded: Coded, known: dict[int, Answer]) -> Iterator[Answer]:
        if self.codes:
            yield self.codes.answer(coded)
        for value_set in self.value_sets:
            yield value_set.answer(coded, known)

    @cached_property
    def systems(self) -> frozenset[str]:
        """The systems that its codes can be of, as far as they are named."""
        if self.codes:
            return frozenset({self.codes.system})
        return frozenset().union(*(value_set.systems for value_set in self.value_sets))

    @cached_property
    def members(self) -> Members | None:
        """All members where they are finite and known; else None."""
        candidates: Members | None = None
        if self.codes and not self.codes.doubt and not self.codes.rule:
            candidates = frozenset((self.codes.system, code) for code in self.codes.listed)
        finite = [value_set.members for value_set in self.value_sets]
        for each in finite:
            if each is not None and (candidates is None or len(each) < len(candidates)):
                candidates = each
        if candidates is None or not (self.value_sets):
            return candidates
        return _kept(candidates, self)


@dataclass(frozen=True)
class ValueSet:
    """A value set. `doubt` says why nothing is known of it; `expanded` are members that its stored expansion lists."""

    url: str
    includes: tuple[Include, ...] = ()
    excludes: tuple[Include, ...] = ()
    expanded: tuple[Codes, ...] = ()
    doubt: str = ""

    def answer(self, coded: Coded, known: dict[int, Answer] | None = None) -> Answer:
        """Whether the code is a member. `known` holds what this question has already settled of nested value sets."""
        known = {} if known is None else known
        found = known.get(id(self))
        if found is None:
            found = known[id(self)] = self._answer(coded, known)
        return found

    def _answer(self, coded: Coded, known: dict[int, Answer]) -> Answer:
        if self.doubt:
            return cannot_tell(self.doubt)
        included = any_of(include.answer(coded, known) for include in self.includes)
        if included.is_not_member or not self.excludes:
            found = included
        else:
            excluded = any_of(exclude.answer(coded, known) for exclude in self.excludes)
            found = all_of((included, negated(excluded)))
        if found.cannot_tell and any(codes.answer(coded).is_member for codes in self.expanded):
            return MEMBER
        return found

    def answer_without_system(self, code: str) -> Answer:
        """Whether a value of type `code` is a member: whether its code is one, in any system of the value set."""
        if self.codes is not None and code in self.codes:
            return MEMBER
        return any_of(self.answer(Coded(system, code)) for system in ("", *sorted(self.systems)))

    @cached_property
    def systems(self) -> frozenset[str]:
        """The systems that members can be of, as far as they are named."""
        expanded = frozenset(codes.system for codes in self.expanded)
        return expanded.union(*(include.systems for include in self.includes))

    @cached_property
    def members(self) -> Members | None:
        """All members where they are finite and known; else None. Of a code without case, the case as listed."""
        if self.doubt:
            return None
        found: set[tuple[str, str]] = set()
        for include in self.includes:
            if include.members is None:
                return None
            found |= include.members
        return _remaining(frozenset(found), self) if self.excludes else frozenset(found)

    @cached_property
    def codes(self) -> frozenset[str] | None:
        """The codes of all members where they are finite and known; else None."""
        return None if self.members is None else frozenset(code for _, code in self.members)


def _kept(candidates: Members, include: Include) -> Members | None:
    found = set()
    for system, code in candidates:
        answer = include.answer(Coded(system, code), {})
        if answer.cannot_tell:
            return None
        if answer.is_member:
            found.add((system, code))
    return frozenset(found)


def _remaining(candidates: Members, value_set: ValueSet) -> Members | None:
    found = set()
    for system, code in candidates:
        answer = value_set.answer(Coded(system, code))
        if answer.cannot_tell:
            return None
        if answer.is_member:
            found.add((system, code))
    return frozenset(found)
