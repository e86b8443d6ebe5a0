"""A profile as one self-contained page, readable and printable without any script."""

from conformance.model.coverage import Treatment
from conformance.model.profile_page import ProfilePage
from conformance.views import profile_words
from conformance.views.html import environment

__all__ = ["profile_html"]


def profile_html(page: ProfilePage) -> str:
    """The whole page. All of it follows from the profile and from the parts that it calls."""
    return (
        environment()
        .get_template("profile.html.j2")
        .render(
            page=page,
            profile=page.profile,
            said=profile_words,
            treatments=list(Treatment),
        )
    )
