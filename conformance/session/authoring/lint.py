"""Lint: all that is wrong, or looks wrong, with profiles that somebody writes, at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path as File

from conformance.catalog import Catalog
from conformance.errors import Problem, ProfileError, UsageError
from conformance.model.lint import Finding, Rule, Severity
from conformance.model.marked_yaml import Marked, mapping_of, read_yaml
from conformance.model.profile import Profile
from conformance.outside.places import ProfileLibrary, shipped
from conformance.session.authoring.rules import finding, findings_of, links_of
from conformance.stages.load import load

Follow = Callable[[Iterable[str]], Mapping[str, tuple[bool, str]]]
"""Follows links: for each that leads nowhere, whether that is certain, and why."""


def lint(names: Iterable[str], catalog: Catalog, follow: Follow | None = None) -> list[Finding]:
    """The findings in these profiles (files, or names of shipped ones), in the order of file, line and column.

    `follow` looks where their links lead; without it nothing is asked of any network. Raises UsageError where a
    file cannot be read: then nothing is told of the others.
    """
    read = [ProfileLibrary().text(name) for name in dict.fromkeys(names)]
    checks = frozenset(catalog.names("check"))
    found: list[Finding] = []
    stated: dict[str, str] = {}
    links: dict[str, list[tuple[Marked, tuple[str | int, ...]]]] = {}
    for text, file in read:
        marked = read_yaml(text, file)
        profile, problems = _loaded(file, catalog)
        found += [_as_finding(problem) for problem in problems]
        found += findings_of(marked, profile, checks)
        found += _one_name(marked, stated)
        if follow is not None:
            for link, path in links_of(marked, profile):
                links.setdefault(link, []).append((marked, path))
    if follow is not None:
        found += _dead(links, follow(links))
    return sorted(dict.fromkeys(found), key=lambda f: (f.file, f.line, f.column, f.rule, f.message))


def _loaded(file: str, catalog: Catalog) -> tuple[Profile | None, tuple[Problem, ...]]:
    try:
        return load(file, ProfileLibrary(), catalog), ()
    except ProfileError as error:
        return None, error.problems
    except UsageError as error:
        return None, (Problem(file, 0, 0, error.message),)


def _as_finding(problem: Problem) -> Finding:
    return Finding(
        file=problem.file,
        line=problem.line,
        column=problem.column,
        rule=Rule.MISTAKE,
        severity=Severity.ERROR,
        message=problem.message,
    )


def _one_name(marked: Marked, stated: dict[str, str]) -> Iterator[Finding]:
    """A finding where another of the profiles, or a shipped one, has this one's name; and where the file has not."""
    name = mapping_of(marked.value).get("profile")
    if not isinstance(name, str):
        return
    path = File(marked.file)
    other = stated.setdefault(name, marked.file)
    if other != marked.file:
        message = f"{other} is a profile named {name!r} too: nobody could tell which of them is meant"
        yield finding(marked, ("profile",), Rule.ONE_NAME_TWICE, message, Severity.ERROR)
    elif (
        not path.resolve().is_relative_to(shipped("profiles").resolve()) and name in ProfileLibrary().names()
    ):
        message = f"a profile named {name!r} comes with the harness: who asks for it may get either of them"
        yield finding(marked, ("profile",), Rule.ONE_NAME_TWICE, message)


def _dead(
    links: Mapping[str, list[tuple[Marked, tuple[str | int, ...]]]], dead: Mapping[str, tuple[bool, str]]
) -> Iterator[Finding]:
    for link, (certain, why) in dead.items():
        for marked, path in links[link]:
            if certain:
                yield finding(marked, path, Rule.DEAD_LINK, f"{link} {why}", Severity.ERROR)
            else:
                yield finding(marked, path, Rule.LINK_NOT_SEEN, f"{link} {why}")
