"""What the loaded packages alone can tell: their value sets and code systems, read when first asked for.

Source: FHIR R4, ValueSet.compose and ValueSet.expansion (valueset.html), CodeSystem.content (codesystem.html).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from conformance.fhir.definitions.problems import DefinitionProblem
from conformance.fhir.terminology import code_system, filters, syntax
from conformance.fhir.terminology.answer import MEMBER, NOT_MEMBER, Answer, cannot_tell
from conformance.fhir.terminology.code_system import CodeSystem
from conformance.fhir.terminology.nouns import (
    Coded,
    TerminologySource,
    objects,
    same_version,
    strings,
    text,
)
from conformance.fhir.terminology.value_set import Codes, Include, ValueSet

_DEEPEST = 40
_SUPPLEMENT = "http://hl7.org/fhir/StructureDefinition/valueset-supplement"
_NARROWING = frozenset({"filter", "count", "offset", "activeOnly", "limitedExpansion", "exclude-system"})
_PARTIAL = ("valueset-unclosed", "valueset-toocostly")


class LocalTerminology:
    """Value sets and code systems of loaded packages. Safe for use by many threads."""

    def __init__(self, source: TerminologySource) -> None:
        self._source = source
        self._lock = threading.RLock()
        self._value_sets: dict[str, ValueSet] = {}
        self._code_systems: dict[str, CodeSystem | None] = {}
        self._open: list[str] = []

    def value_set(self, canonical: str) -> ValueSet:
        """The value set of a canonical. Where it is not loaded, or is its own part, it is one that cannot tell."""
        found = self._value_sets.get(canonical)
        if found is not None:
            return found
        with self._lock:
            if canonical in self._open:
                return ValueSet(canonical, doubt=f"the value set {canonical} includes itself")
            if len(self._open) > _DEEPEST:
                return ValueSet(canonical, doubt=f"value sets are nested more than {_DEEPEST} deep")
            self._open.append(canonical)
            try:
                found = self._value_sets[canonical] = self._read(canonical)
            finally:
                self._open.pop()
            return found

    def code_system(self, url: str) -> CodeSystem | None:
        """The code system of a url; None where no package lists any code of it."""
        if url not in self._code_systems:
            with self._lock:
                resource = self._resource(self._source.code_system, url)
                listed = resource is not None and text(resource, "content") not in {
                    "not-present",
                    "supplement",
                }
                self._code_systems[url] = code_system.read(resource) if resource and listed else None
        return self._code_systems[url]

    def in_system(self, coded: Coded) -> Answer:
        """Whether the code is one of its code system."""
        if problem := syntax.problem(coded.system, coded.code):
            return Answer(NOT_MEMBER.membership, problem)
        return self._whole(coded.system, "").answer(coded)

    def subsumes(self, system: str, one: str, other: str) -> Answer:
        """Whether `one` is `other` or an ancestor of it."""
        known = self.code_system(system)
        if known is None:
            return cannot_tell(syntax.needs(system))
        if not {one, other} <= known.codes:
            return cannot_tell(f"{system} as loaded has not both codes")
        if one == other or one in known.above(other):
            return MEMBER
        return NOT_MEMBER if known.whole else cannot_tell(_in_part(system))

    @staticmethod
    def _resource(
        door: Callable[[str], Mapping[str, Any] | None], canonical: str
    ) -> Mapping[str, Any] | None:
        """A resource; one that cannot be read is as good as absent (the package's problems tell of it)."""
        try:
            return door(canonical)
        except DefinitionProblem:
            return None

    def _read(self, canonical: str) -> ValueSet:
        resource = self._resource(self._source.value_set, canonical)
        if resource is None:
            return ValueSet(canonical, doubt=f"the value set {canonical} is not loaded")
        compose = resource.get("compose")
        expanded = _expanded(resource)
        if not isinstance(compose, Mapping):
            if not isinstance(resource.get("expansion"), Mapping):
                return ValueSet(canonical, doubt=f"the value set {canonical} does not say what is in it")
            return ValueSet(canonical, tuple(Include(codes) for codes in expanded))
        supplements = _supplements(resource)
        active_only = compose.get("inactive") is False
        includes = tuple(
            self._include(clause, supplements, active_only=active_only)
            for clause in objects(compose, "include")
        )
        excludes = tuple(
            self._include(clause, supplements, active_only=False) for clause in objects(compose, "exclude")
        )
        return ValueSet(canonical, includes, excludes, expanded)

    def _include(
        self, clause: Mapping[str, Any], supplements: tuple[str, ...], *, active_only: bool
    ) -> Include:
        value_sets = tuple(self.value_set(each) for each in dict.fromkeys(strings(clause, "valueSet")))
        if not text(clause, "system"):
            empty = "a part of the value set names neither a code system nor a value set"
            return Include(None, value_sets or (ValueSet("", doubt=empty),))
        codes = self._codes(clause, supplements)
        known = self.code_system(codes.system) if active_only else None
        if known and known.inactive:
            codes = replace(codes, listed=codes.listed - known.inactive)
        return Include(codes, value_sets)

    def _codes(self, clause: Mapping[str, Any], supplements: tuple[str, ...]) -> Codes:
        system = text(clause, "system")
        concepts, asked = objects(clause, "concept"), objects(clause, "filter")
        misshapen = any(clause.get(name) and not objects(clause, name) for name in ("concept", "filter"))
        if misshapen or (concepts and asked):
            return Codes(system, doubt=f"a part of the value set on {system} is not well formed")
        if concepts:
            known = self.code_system(system)
            listed = frozenset(code for each in concepts if (code := text(each, "code")))
            return Codes(system, listed, case_sensitive=known.case_sensitive if known else None)
        whole = self._whole(system, text(clause, "version"))
        return self._filtered(whole, asked, supplements) if asked else whole

    def _whole(self, system: str, version: str) -> Codes:
        known = (self.code_system(f"{system}|{version}") if version else None) or self.code_system(system)
        rule = syntax.rule(system)
        if known is None:
            decided = rule is not None and rule.decides
            return Codes(system, rule=rule, doubt="" if decided else syntax.needs(system))
        if not same_version(version, known.version):
            return Codes(system, doubt=f"version {version} of {system} is not loaded")
        doubt = "" if known.whole else _in_part(system)
        return Codes(system, known.codes, doubt, rule if doubt else None, known.case_sensitive, known.version)

    def _filtered(self, whole: Codes, asked: list[dict[str, Any]], supplements: tuple[str, ...]) -> Codes:
        """The codes of a system that filters leave; where they cannot be computed, those that are of its form."""
        system = whole.system
        unknown = whole.doubt or syntax.needs(system)
        known = self.code_system(f"{system}|{whole.version}" if whole.version else system)
        if known is None or (whole.doubt and not whole.listed):
            return Codes(system, doubt=unknown, rule=whole.rule)
        for each in supplements:
            found = self._resource(self._source.code_system, each)
            if found is not None and text(found, "supplements").partition("|")[0] == system:
                known = known.supplemented(found)
        try:
            listed = filters.select(known, asked)
        except filters.CannotCompute as error:
            return self._undecided(known, str(error))
        if whole.doubt and not all(text(each, "op") in filters.ADDING for each in asked):
            listed = frozenset()
        return Codes(system, listed, whole.doubt, whole.rule, whole.case_sensitive, whole.version)

    @staticmethod
    def _undecided(known: CodeSystem, reason: str) -> Codes:
        """What no filter selects: a code that its whole system does not have stays outside."""
        return Codes(known.url, doubt=reason, rule=syntax.Rule(_outside(known)) if known.whole else None)


def _outside(known: CodeSystem) -> Callable[[str], str]:
    def problem(code: str) -> str:
        inside = code in known.codes or (known.case_sensitive is not True and code.casefold() in known.folded)
        return "" if inside else f"is no code of {known.url}"

    return problem


def _in_part(system: str) -> str:
    return f"only a part of {system} is loaded"


def _supplements(resource: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        text(each, "valueCanonical")
        for each in objects(resource, "extension")
        if text(each, "url") == _SUPPLEMENT
    )


def _expanded(resource: Mapping[str, Any]) -> tuple[Codes, ...]:
    """The stored expansion by system, in doubt where it is but a part."""
    expansion = resource.get("expansion")
    if not isinstance(expansion, Mapping):
        return ()
    found: dict[str, set[str]] = {}
    waiting, count = objects(expansion, "contains"), 0
    while waiting:
        item = waiting.pop()
        waiting.extend(objects(item, "contains"))
        system, code = text(item, "system"), text(item, "code")
        count += bool(code)
        if system and code and item.get("abstract") is not True:
            found.setdefault(system, set()).add(code)
    total = expansion.get("total")
    partial = (
        (isinstance(total, int) and total > count)
        or bool(expansion.get("offset"))
        or any(text(each, "name") in _NARROWING for each in objects(expansion, "parameter"))
        or any(text(each, "url").endswith(_PARTIAL) for each in objects(expansion, "extension"))
    )
    doubt = f"only a part of the expansion of {text(resource, 'url')} is stored" if partial else ""
    return tuple(Codes(system, frozenset(codes), doubt) for system, codes in found.items())
