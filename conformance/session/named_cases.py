"""What of a suite somebody names to be tried."""

from conformance.errors import UnknownName
from conformance.model.suite import Suite, template_of


def known_names(only: tuple[str, ...], suite: Suite) -> tuple[str, ...]:
    """What --only names. Raises UnknownName for what is no requirement and no case of the suite."""
    known = {t.requirement for t in suite.templates} | {t.id for t in suite.templates}
    for name in only:
        if name not in known and template_of(name) not in known:
            raise UnknownName("requirement or case", name, known)
    return tuple(sorted(set(only)))
