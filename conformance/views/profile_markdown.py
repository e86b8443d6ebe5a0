"""A profile as a page in Markdown, to stand in a guide or a repository."""

from collections.abc import Iterable, Iterator

from conformance.model.coverage import Treatment
from conformance.model.profile_page import DescribedRequirement, ProfilePage, Told
from conformance.views import profile_words as words
from conformance.views import wording
from conformance.views.step_summary import plain

__all__ = ["opening", "profile_markdown"]

LONGEST = 4000


def profile_markdown(page: ProfilePage) -> str:
    """The whole page; nothing that the profile says is taken for markup."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: ProfilePage) -> Iterator[str]:
    yield from opening(page)
    yield from ("", "## Requirements")
    for origin, several in words.by_origin(page):
        yield from ("", f"### From {_plain(origin)}")
        for one in several:
            yield from _requirement(one)


def opening(page: ProfilePage) -> Iterator[str]:
    """All of the page but the requirements themselves."""
    profile = page.profile
    status = "" if profile.status == "active" else f", {profile.status}"
    yield from (f"# {_plain(profile.title)}", "")
    yield _plain(f"Profile {profile.label}{status}. {profile.publisher}")
    yield from ("", _plain(profile.description), "", "## What it asks", "")
    yield from _table(("Level", *(wording.METHOD_TITLE[m] for m in words.METHODS)), (
        (level, *map(str, numbers)) for level, numbers in words.totals(page)
    ))  # fmt: skip
    yield from ("", "## What it proves, and what it cannot", "", "A pass says:", "")
    yield from (f"- {_plain(line)}" for line in words.proves(page))
    yield from ("", "It does not say:", "")
    yield from (f"- {_plain(line)}" for line in words.cannot(page))
    yield from _parameters(page)
    yield from _bases(page)
    yield from _coverage(page)


def _parameters(page: ProfilePage) -> Iterator[str]:
    parameters = page.profile.parameters
    if parameters:
        yield from ("", "## Parameters", "")
        rows = ((name, words.value(p.default), p.unit, p.basis) for name, p in sorted(parameters.items()))
        yield from _table(("Parameter", "Default", "Unit", "Where it comes from"), rows)
    for preset in page.profile.presets:
        values = ", ".join(f"{name}={words.value(value)}" for name, value in sorted(preset.values.items()))
        yield from ("", _plain(f"Preset {preset.preset}: {preset.title}. {preset.basis}. {values}"))


def _bases(page: ProfilePage) -> Iterator[str]:
    if page.profile.bases:
        yield from ("", "## What it is built on", "")
        yield from (
            f"- {_plain(f'{b.profile}@{b.version} (SHA-256 {b.sha256})')}" for b in page.profile.bases
        )
        yield from (f"- {_plain(wording.change_line(change))}" for change in page.profile.changes)


def _coverage(page: ProfilePage) -> Iterator[str]:
    if not page.coverage:
        return
    yield from ("", "## Coverage of its sources", "")
    head = ("Document", "Statements", *(kind.capitalize() for kind in Treatment))
    yield from _table(
        head,
        (
            (f"{one.title} ({one.version})", str(len(one.statements)), *map(str, one.counted().values()))
            for one in page.coverage
        ),
    )
    yield from ("", *(_plain(f"{one.title}, what was read: {one.extent}") + "\n" for one in page.coverage))


def _requirement(one: DescribedRequirement) -> Iterator[str]:
    r = one.requirement
    yield from ("", f"#### {_plain(r.id)} ({r.level}, {words.how(one)})", "")
    yield from (_plain(r.text), "", f"Source: {_plain(r.source)}")
    yield from (f"\nOnly advises {_plain(line)}" for line in one.advises)
    if words.untested(one):
        yield from ("", f"{'Out of scope' if r.out_of_scope else 'No test'}: {_plain(words.untested(one))}")
    for test in one.tests:
        yield ""
        yield from (f"- Applies where: {_call(told)}" for told in (*one.conditions, *test.conditions))
        yield from (f"- Done ({_plain(test.cases)}): {_call(told)}" for told in test.sends)
        yield from (f"- Must be true: {_call(told)}" for told in test.expects)


def _call(told: Told) -> str:
    given = words.arguments(told)
    return _plain(f"{told.said} ({told.name}{': ' if given else ''}{given})")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield "|" + "---|" * len(names)
    yield from (f"| {' | '.join(_plain(cell) for cell in row)} |" for row in rows)


def _plain(value: str) -> str:
    return plain(value, LONGEST)
