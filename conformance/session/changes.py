"""What a newer version of a profile asks that an older one did not ask in the same way."""

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from conformance.catalog import Catalog
from conformance.errors import UnknownName, Unreadable, UsageError
from conformance.model.base import canonical
from conformance.model.suite import BoundSuite, Suite
from conformance.session.suites import DEFAULT_SEED, profile_named, suite_of

_NAMED = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")


def changed_since(old: Suite | BoundSuite, new: Suite) -> tuple[str, ...]:
    """The requirements of the new suite that the old one lacks, or has with other words, level, tests or limits."""
    before, after = _asked(old), _asked(new)
    return tuple(name for name in after if before.get(name) != after[name])


def older_suite(text: str, catalog: Catalog) -> Suite | BoundSuite:
    """The suite in a file or a run's folder, or that of `PROFILE@VERSION`, where that version is at hand."""
    path = Path(text)
    if path.is_dir():
        path /= "suite.json"
    if path.is_file():
        return _read(path)
    name, at, version = text.rpartition("@")
    if not at:
        raise UsageError(
            f"there is no suite {text}",
            hint="Give a suite.json, the folder of an earlier run, or PROFILE@VERSION.",
        )
    profile = profile_named(name, catalog)
    if profile.version != version:
        raise UnknownName(f"version of {name} here", version, [profile.version])
    return suite_of(profile, DEFAULT_SEED, catalog)


def _read(path: Path) -> Suite | BoundSuite:
    data = path.read_bytes()
    for kind in (BoundSuite, Suite):
        try:
            return kind.read(data)
        except ValidationError:
            continue
    raise Unreadable(f"{path} holds no suite", hint="`conformance plan PROFILE --out FILE` writes one.")


def _asked(suite: Suite | BoundSuite) -> dict[str, Any]:
    """What is asked by requirement: its words and tests, the cases drawn from them, and the limits that these name."""
    asked: dict[str, list[Any]] = {r.id: [r.plain()] for r in suite.profile.requirements}
    for template in suite.templates:
        asked[template.requirement].append(template.plain())
    defaults = {name: parameter.default for name, parameter in suite.profile.parameters.items()}
    for said in asked.values():
        named = sorted(set(_NAMED.findall(canonical(said).decode())) & set(defaults))
        said.append({name: defaults[name] for name in named})
    return asked
