"""Writing the page of a profile."""

from pathlib import Path

from conformance.catalog import installed
from conformance.cli.show import Show
from conformance.errors import UsageError
from conformance.outside.whole_files import write_whole
from conformance.session.authoring.describing import described
from conformance.session.suites import profile_named
from conformance.views.profile_markdown import profile_markdown
from conformance.views.profile_page import profile_html


def write_pages(name: str, out: Path, show: Show) -> int:
    """Write NAME.html and NAME.md into a folder."""
    profile = profile_named(name, installed())
    page = described(profile, installed())
    made = {f"{profile.profile}.html": profile_html(page), f"{profile.profile}.md": profile_markdown(page)}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file, text in made.items():
            write_whole(out / file, text.encode())
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from error
    show.say("\n".join(f"Written: {out / file}" for file in made))
    return 0
