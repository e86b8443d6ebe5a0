"""What a profile asks, proves and cannot prove, in words that both of its pages share."""

import json
from collections import Counter
from collections.abc import Iterator

from conformance.model.base import Json
from conformance.model.level import Level
from conformance.model.profile import Method
from conformance.model.profile_page import DescribedRequirement, ProfilePage, Told
from conformance.views import wording
from conformance.views.text import counted, one_line

METHODS = (*wording.SHOWN_METHODS, Method.OUT_OF_SCOPE)
CANNOT = (
    "Tests are samples: who passes was not caught in the cases that were tried, which proves no absence of faults.",
    "What is documented or attested was not observed; it is as good as the document or the person behind it.",
    "A result holds for one version of a product, in one installation, at one time.",
)


def totals(page: ProfilePage) -> list[tuple[str, list[int]]]:
    """A row for each level that the profile uses: how many requirements by each method."""
    found = Counter((r.requirement.level, r.requirement.method) for r in page.requirements)
    return [
        (level.value, [found[level, method] for method in METHODS])
        for level in Level
        if any(found[level, method] for method in METHODS)
    ]


def proves(page: ProfilePage) -> Iterator[str]:
    """What a pass says, from what the profile has, in sentences."""
    binding = [r.requirement for r in page.requirements if r.requirement.level.binding]
    gated = page.profile.gated
    if not any(r.method in gated and (r.tests or r.untested) for r in binding):
        yield "Nothing: no binding requirement decides a result, so every run against it ends as NOT TESTED."
        return
    for method in gated:
        own = [r for r in binding if r.method is method]
        shown = sum(bool(r.tests) for r in own)
        title = wording.METHOD_TITLE[method]
        yield f"{title}: {counted(shown, 'binding requirement')} judged. {wording.METHOD_MEANING[method]}"
    idle = [m for m in wording.SHOWN_METHODS if m not in gated and any(r.method is m for r in binding)]
    for method in idle:
        yield f"{wording.METHOD_TITLE[method]}: judged and shown, and decides nothing in this profile."
    for part in page.profile.sub_verdicts:
        yield f"{one_line(part.title)} has a result of its own, without which the whole does not pass."


def cannot(page: ProfilePage) -> Iterator[str]:
    """What a pass does not say, in sentences; the ones about this profile first."""
    binding = [r for r in page.requirements if r.requirement.level.binding]
    untested = [r for r in binding if r.requirement.untested]
    if untested:
        yield (
            f"{counted(len(untested), 'binding requirement')} {'has' if len(untested) == 1 else 'have'} no test: while "
            "that is so, no run can pass unless they do not apply."
        )
    outside = sum(r.requirement.method is Method.OUT_OF_SCOPE for r in page.requirements)
    if outside:
        yield f"{counted(outside, 'statement')} cannot be seen from outside or bind others: these decide nothing."
    silent = [r for r in binding if r.tests and not r.faults]
    if silent:
        ids = ", ".join(r.requirement.id for r in silent[:10]) + (" and more" if len(silent) > 10 else "")  # noqa: PLR2004
        yield (
            f"For {counted(len(silent), 'binding requirement')} no named fault of the reference supplier is known that "
            f"could make it fail: {ids}."
        )
    yield from CANNOT


def arguments(told: Told) -> str:
    """The arguments of a call, as in `code: 404, resource: Patient`; empty where it has none."""
    return ", ".join(f"{name}: {value(given)}" for name, given in told.arguments.items())


def value(given: Json) -> str:
    """A value of a profile as text."""
    return one_line(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))


def untested(described: DescribedRequirement) -> str:
    """Why a requirement has no test; empty where it has one."""
    return described.requirement.untested or described.requirement.out_of_scope


def how(described: DescribedRequirement) -> str:
    """How a requirement is verified, in a word or two."""
    title = wording.METHOD_TITLE[described.requirement.method].lower()
    return f"not {title}" if described.requirement.untested else title


def by_origin(page: ProfilePage) -> list[tuple[str, list[DescribedRequirement]]]:
    """The requirements by the profile that states them, in the order of the profile."""
    found: dict[str, list[DescribedRequirement]] = {}
    for one in page.requirements:
        found.setdefault(one.requirement.origin, []).append(one)
    return list(found.items())
