"""The gallery in Markdown: a page that leads to all profiles, and a page for each."""

import re
from collections.abc import Iterator, Mapping, Sequence

from conformance.model.gallery import Audience, Choice, Gallery
from conformance.model.profile import Profile
from conformance.model.profile_page import DescribedRequirement, ProfilePage
from conformance.views import profile_words as words
from conformance.views.profile_markdown import opening
from conformance.views.step_summary import plain

__all__ = ["gallery_index", "gallery_page"]

LINK = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9./_~%?&=#+:;,@()-]*")
MOST = 4000
LONGEST = 300
"""The most requirements that a page lists: one that takes over more leads to the pages of its bases."""


def gallery_page(
    page: ProfilePage, audience: Audience, reports: Mapping[str, str], pages: frozenset[str]
) -> str:
    """What a profile proves, what it cannot, its sources, and a line for each requirement.

    `reports` are where signed example reports lie, by the names of profiles; `pages` are the profiles with a page.
    """
    return "\n".join(_lines(page, audience, reports, pages)) + "\n"


def gallery_index(gallery: Gallery, profiles: Mapping[str, Profile], folder: str) -> Iterator[str]:
    """The lines of the lists by who needs what, and of the answers of `conformance advise`."""
    for audience in gallery.audiences:
        yield from ("", f"## {plain(audience.title)}", "")
        yield "| profile | what it is | requirements |"
        yield "|---|---|---:|"
        for name in audience.profiles:
            found = profiles[name]
            draft = "" if found.status == "active" else f" ({found.status})"
            yield f"| [`{name}`]({folder}/{name}.md) | {plain(found.title)}{draft} | {len(found.requirements)} |"
    yield from ("", "## What the answers call for", "")
    yield "What is bought also calls for the profile by which it can be left again."
    yield from ("", *_choices("bought", "--buy", gallery.buys, folder))
    yield from ("", *_choices("to be connected to", "--connect", gallery.connects, folder))


def _choices(said: str, option: str, choices: Sequence[Choice], folder: str) -> Iterator[str]:
    yield f"| what is {said} | `{option}` | profiles |"
    yield "|---|---|---|"
    for one in choices:
        names = dict.fromkeys((*one.profiles, *([one.leaving] if hasattr(one, "leaving") else [])))
        led = ", ".join(f"[`{name}`]({folder}/{name}.md)" for name in names)
        yield f"| {plain(one.title)} | `{one.name}` | {led} |"


def _lines(
    page: ProfilePage, audience: Audience, reports: Mapping[str, str], pages: frozenset[str]
) -> Iterator[str]:
    name = page.profile.profile
    title, *rest = opening(page)
    yield from (title, "", f"For: {plain(audience.title)}. All profiles: [gallery](../gallery.md).", *rest)
    yield from ("", "## See it at work", "", *_example(name, reports))
    yield from ("", "## Requirements", "")
    yield f"How each is tested: `conformance profiles docs {name} --out pages`."
    if len(page.requirements) <= LONGEST:
        for origin, several in words.by_origin(page):
            yield from ("", f"### From {plain(origin)}", "")
            yield from map(_item, several)
        return
    yield from ("", f"It has {len(page.requirements):,}, all of them taken over:", "")
    for base in page.profile.bases:
        if base.profile in pages:
            yield f"- [{base.profile}]({base.profile}.md), version {base.version}"


def _item(one: DescribedRequirement) -> str:
    asked = one.requirement
    source = f"<{asked.source}>" if LINK.fullmatch(asked.source) else plain(asked.source, MOST)
    return f"- **{plain(asked.id)}** ({asked.level}, {words.how(one)}) {plain(asked.text, MOST)} Source: {source}"


def _example(name: str, reports: Mapping[str, str]) -> Iterator[str]:
    if name in reports:
        yield (
            f"A [signed example report]({reports[name]}) of a run against the reference supplier. The bundle has the"
            " page `views/report.html`; `conformance verify` judges it anew."
        )
        yield ""
    yield "A signed report of the reference supplier, made and verified on your own machine:"
    yield from ("", "```sh", f"conformance demo --profile {name} --out {name}-example")
    yield from (f"conformance verify {name}-example", "```")
