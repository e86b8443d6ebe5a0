"""What looks wrong in requirements that load well enough: rules over the YAML of one profile, each pure.

They read what the author wrote, so that they speak of a profile with mistakes elsewhere too. The words of levels are
those of RFC 2119; by RFC 8174 only capitals bind, so small ones are pointed out more mildly.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from conformance.model.level import Level
from conformance.model.lint import Finding, Rule, Severity
from conformance.model.marked_yaml import Marked, Path, list_of, mapping_of
from conformance.model.placeholders import named
from conformance.model.profile import Profile, Test
from conformance.session.authoring.bites import calls_of, demonstrated

_WORDS = {
    "SHALL": 2, "MUST": 2, "REQUIRED": 2,
    "SHOULD": 1, "RECOMMENDED": 1,
    "MAY": 0, "OPTIONAL": 0,
}  # fmt: skip
"""The words of RFC 2119 with the strength of the level that they say."""
_LEVEL_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b(?: (NOT)\b)?")
_SMALL_WORD = re.compile(r"\b(shall|must|should)\b(?: (not)\b)?")
_PLACEHOLDERS = frozenset(
    {"", "?", "-", "n/a", "na", "none", "tbd", "todo", "tba", "fixme", "xxx", "unknown"}
)
_WITHOUT_CLAUSE = re.compile(r"https?://[^/#?]+/?|https?://[^#]*\.html?|https?://[^#?]*/")
LEAST_WORDS = 2


def findings_of(marked: Marked, profile: Profile | None, checks: Collection[str]) -> Iterator[Finding]:
    """All that the rules find in one file; `profile` is what it came to, None where it has mistakes.

    `checks` are the names of all checks that there are.
    """
    texts: dict[str, str] = {}
    for index, one in enumerate(list_of(mapping_of(marked.value).get("requirements"))):
        requirement = mapping_of(one)
        path: Path = ("requirements", index)
        yield from _level_in_text(requirement, path, marked)
        yield from _clause(requirement, path, marked)
        yield from _reason(requirement, path, marked)
        yield from _shown(requirement, path, marked, checks)
        yield from _same_text(requirement, path, marked, texts)
    if profile is not None:
        yield from _of_block(profile, marked)
        yield from _unused_parameters(profile, marked)


def finding(
    marked: Marked, path: Path, rule: Rule, message: str, severity: Severity = Severity.WARNING
) -> Finding:
    """A finding at this path, or at the closest part above it whose place is known."""
    place = marked.problem(path, message)
    return Finding(
        file=place.file,
        line=place.line,
        column=place.column,
        rule=rule,
        severity=severity,
        message=message,
    )


def _level_in_text(requirement: Mapping[str, Any], path: Path, marked: Marked) -> Iterator[Finding]:
    text, level = requirement.get("text"), requirement.get("level")
    if not isinstance(text, str) or level not in set(Level):
        return
    stated = Level(level)
    capital = _LEVEL_WORD.findall(text)
    if capital and not any(_same(word, negation, stated) for word, negation in capital):
        said = " and ".join(dict.fromkeys(" ".join(filter(None, found)) for found in capital))
        message = f"{_name(requirement)}: the text says {said}, the level {stated}"
        yield finding(marked, (*path, "text"), Rule.LEVEL_IN_TEXT, message, Severity.ERROR)
    small = _SMALL_WORD.findall(text)
    if not capital and small and not any(_same(word.upper(), no.upper(), stated) for word, no in small):
        said = " and ".join(dict.fromkeys(" ".join(filter(None, found)) for found in small))
        message = f"{_name(requirement)}: the text says “{said}”, the level {stated}: which one is meant?"
        yield finding(marked, (*path, "text"), Rule.LEVEL_IN_TEXT, message)


def _same(word: str, negation: str, level: Level) -> bool:
    """Whether a word says this level. `MAY NOT` says nothing clear, so it says MAY and SHALL NOT alike."""
    if word == "MAY" and negation:
        return level in {Level.MAY, Level.SHALL_NOT}
    return _WORDS[word] == level.strength and bool(negation) is level.forbids


def _clause(requirement: Mapping[str, Any], path: Path, marked: Marked) -> Iterator[Finding]:
    source = requirement.get("source")
    if not isinstance(source, str):
        return  # that it is missing is told already
    if source.strip().lower() in _PLACEHOLDERS:
        message = f"{_name(requirement)}: {source!r} names no source: say which clause of what asks this"
        yield finding(marked, (*path, "source"), Rule.NO_CLAUSE, message, Severity.ERROR)
    elif _WITHOUT_CLAUSE.fullmatch(source.strip()):
        message = f"{_name(requirement)}: {source} names a page and no clause of it: add its #anchor"
        yield finding(marked, (*path, "source"), Rule.NO_CLAUSE, message)


def _reason(requirement: Mapping[str, Any], path: Path, marked: Marked) -> Iterator[Finding]:
    for member in ("untested", "outOfScope"):
        reason = requirement.get(member)
        if isinstance(reason, str) and reason:
            told = reason.strip().lower().rstrip(".")
            if told in _PLACEHOLDERS or len(told.split()) < LEAST_WORDS:
                message = (
                    f"{_name(requirement)}: {reason!r} is no reason: say what stands in the way of a test"
                )
                yield finding(marked, (*path, member), Rule.THIN_REASON, message)


def _shown(
    requirement: Mapping[str, Any], path: Path, marked: Marked, known: Collection[str]
) -> Iterator[Finding]:
    if requirement.get("level") not in {Level.SHALL, Level.SHALL_NOT}:
        return
    tests = []
    for written in list_of(requirement.get("tests")):
        try:
            tests.append(Test.model_validate(written))
        except ValidationError:
            return  # told as a mistake; what the rest could notice is seen once that is mended
    checks = list(dict.fromkeys(check.name for test in tests for check in test.expect))
    if any(name not in known for name in checks):
        return  # told as a mistake
    if tests and not any(call in demonstrated() for call in calls_of(tests)):
        message = (
            f"{_name(requirement)} binds, and no named fault of the reference supplier is known to make it fail "
            f"({', '.join(checks)}): see with `profiles try`, and say how it was shown to bite"
        )
        yield finding(marked, (*path, "tests"), Rule.NOTHING_SHOWS_IT, message)


def _of_block(profile: Profile, marked: Marked) -> Iterator[Finding]:
    """The binding demands of the `fhir:` block that nothing is known to make fail, counted by their checks."""
    if "fhir" not in mapping_of(marked.value):
        return
    written = {
        str(mapping_of(one).get("id")) for one in list_of(mapping_of(marked.value).get("requirements"))
    }
    silent: dict[str, int] = {}
    for one in profile.requirements:
        made = one.origin == profile.label and one.id not in written and one.level.binding
        if made and one.tests and not any(call in demonstrated() for call in calls_of(one.tests)):
            checks = ", ".join(dict.fromkeys(check.name for test in one.tests for check in test.expect))
            silent[checks] = silent.get(checks, 0) + 1
    for checks, count in silent.items():
        message = (
            f"{count} binding demand{'s' * (count != 1)} of the block rest on {checks}, which no named fault of the "
            "reference supplier is known to make fail"
        )
        yield finding(marked, ("fhir",), Rule.NOTHING_SHOWS_IT, message)


def _same_text(
    requirement: Mapping[str, Any], path: Path, marked: Marked, texts: dict[str, str]
) -> Iterator[Finding]:
    text = requirement.get("text")
    if isinstance(text, str) and text.strip():
        key = " ".join(text.lower().split()).rstrip(".")
        other = texts.setdefault(key, _name(requirement))
        if other != _name(requirement):
            message = f"{_name(requirement)} has the same text as {other}: say in what they differ"
            yield finding(marked, (*path, "text"), Rule.SAME_TEXT, message)


def _unused_parameters(profile: Profile, marked: Marked) -> Iterator[Finding]:
    used = {name for one in profile.requirements for is_parameter, name in named(one.plain()) if is_parameter}
    used |= {name for advisory in profile.advisories if advisory.while_ for name in advisory.while_.names}
    source_of = list_of(mapping_of(marked.value).get("requirements"))
    used |= {
        n for one in source_of for is_parameter, n in named(mapping_of(one).get("source")) if is_parameter
    }
    inherited = {change.name for change in profile.changes}
    for name in mapping_of(mapping_of(marked.value).get("parameters")):
        if name not in used and name not in inherited:
            message = f"the parameter {name!r} changes nothing: no requirement and no advisory uses it"
            yield finding(marked, ("parameters", name), Rule.UNUSED_PARAMETER, message)


def _name(requirement: Mapping[str, Any]) -> str:
    return str(requirement.get("id", "a requirement without id"))


def links_of(marked: Marked, profile: Profile | None) -> Iterator[tuple[str, Path]]:
    """The links that the profile's own requirements and block name, with the place of each, parameters filled in."""
    filled = {one.id: one.source for one in profile.requirements} if profile is not None else {}
    for index, one in enumerate(list_of(mapping_of(marked.value).get("requirements"))):
        requirement = mapping_of(one)
        source = filled.get(str(requirement.get("id")), requirement.get("source"))
        yield from ((link, ("requirements", index, "source")) for link in _links(source))
    for path, source in _sources_in(mapping_of(marked.value).get("fhir"), ("fhir",)):
        yield from ((link, path) for link in _links(source))


def _sources_in(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """The sources in a `fhir:` block, its own and those of single demands, with their places."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from [((*path, name), item)] if name == "source" else _sources_in(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _sources_in(item, (*path, index))


def _links(source: object) -> list[str]:
    return re.findall(r"https?://[^\s<>\"'{}]+[^\s<>\"'{}.,;:)]", source) if isinstance(source, str) else []
