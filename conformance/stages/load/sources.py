"""The sources of requirements, with the parameters of their profile filled in."""

from conformance.model.placeholders import filled
from conformance.model.profile import Profile


def with_sources(profile: Profile) -> Profile:
    """The profile with its parameters filled into the sources of its requirements.

    So a statement that several editions of a guide share stands once, and each edition's profile names its own clause.
    """
    defaults = {name: parameter.default for name, parameter in profile.parameters.items()}
    requirements = (
        r.model_copy(update={"source": filled(r.source, {}, defaults)}) for r in profile.requirements
    )
    return profile.model_copy(update={"requirements": tuple(requirements)})
