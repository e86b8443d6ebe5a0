"""Writing a profile from a published guide."""

import sys
from pathlib import Path

from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.session.guides.making import profile_from


def from_guide(package: str, out: Path | None, registry: str, level: str, statement: str, show: Show) -> int:
    """Write the profile of a guide to a file or to standard output; fetch the package first, where asked to."""
    if registry:
        from conformance.outside.package_registry import fetch

        name, _, version = package.replace("#", "@").partition("@")
        folder = fetch(registry, name, version)
        print(f"The package is in {folder}.", file=sys.stderr)
        package = folder.name.replace("#", "@")
    if out is not None and out.exists():
        raise UsageError(f"{out} exists already", hint="Name a file that does not, or remove it.")
    made = profile_from(package, level=level, statement=statement)
    if out is None:
        print(made.text, end="")
        return 0
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(made.text, encoding="utf-8")
    show.say(
        f"{out}: the profile {made.name}; {len(made.left_out)} things were left out (see its first lines).\n"
        f"Look at it:  conformance profiles show {out}\n"
        f"Run it:      conformance run {out} --target target.yaml --package {package}"
    )
    return 0
