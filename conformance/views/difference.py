"""What changed between two versions of a profile, in lines."""

from collections.abc import Iterator

from conformance.model.difference import Effect, ProfileDifference
from conformance.views.text import one_line

__all__ = ["lines"]


def lines(found: ProfileDifference) -> Iterator[str]:
    """The changes by what they mean, and the version that they deserve."""
    for effect in Effect:
        of_it = found.of(effect)
        if of_it:
            yield f"{effect.capitalize()} ({len(of_it)}): {effect.meaning}"
            yield from (f"  {one_line(one.where)}: {one_line(one.said)}" for one in of_it)
            yield ""
    if not found.differences:
        yield f"{found.old} and {found.new} ask the same."
    if found.too_low:
        yield f"{found.new} states {found.stated}; its changes since {found.old} deserve {found.deserved} at the least."
    else:
        yield f"{found.new}: the version says enough ({found.deserved} at the least after {found.old})."
