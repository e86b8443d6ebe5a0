"""File names that are safe to take from a stranger: relative, plain ASCII, each standing for one file."""

import re
from collections.abc import Iterable

_SAFE = re.compile(r"(?!\.{1,2}(/|$))[A-Za-z0-9_.-]+(/(?!\.{1,2}(/|$))[A-Za-z0-9_.-]+)*")
_VIEW_ENDINGS = (".html", ".pdf", ".xlsx", ".csv", ".md", ".sarif", ".zip", ".xml", ".tsr")


def unsafe_names(names: Iterable[str]) -> tuple[str, ...]:
    """What is wrong with these names, one sentence each.

    Our own names hold ASCII letters, digits, `.`, `_` and `-` only, so that no two look alike, no two
    fall together on any file system, and none leads out of its folder.
    """
    problems, seen = [], dict[str, str]()
    for name in sorted(names):
        if not _SAFE.fullmatch(name):
            problems.append(f"{name!a} is no plain relative file name")
        elif (other := seen.setdefault(name.lower(), name)) != name:
            problems.append(f"{name!r} and {other!r} differ in case only")
    return tuple(problems)


def is_view(name: str) -> bool:
    """Whether a file renders the report for people or other tools; nobody signs it or reads it back."""
    folder, _, rest = name.rpartition("/")
    return folder in {"", "views"} and rest.endswith(_VIEW_ENDINGS)
