"""Building a register and saying what is in it."""

import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit

from conformance.cli.show import Show, aside
from conformance.errors import UsageError
from conformance.model.register import Register
from conformance.outside import trust
from conformance.session.register.building import Wanted, build
from conformance.session.verifying import reader
from conformance.views.text import clean, counted

NOTHING_VERIFIED = 5
MOST_REFUSALS = 10


def build_register(
    folder: Path,
    out: Path,
    called: tuple[str, str],
    packages: tuple[str, ...],
    workers: int,
    trust_file: Path | None,
    show: Show,
) -> int:
    """Build the site; 0 if it holds a report, 5 if nothing verified. `called` are its title and URL."""
    title, url = called
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise UsageError(f"{url!r} is no address of a site", hint="It begins with https://.")
    made = build(
        Wanted(
            folder=folder,
            out=out,
            reader=reader(trust_file or trust.default_path()),
            now=dt.datetime.now(dt.UTC),
            title=title,
            url=f"{url.rstrip('/')}/" if url else "",
            packages=packages,
            workers=workers,
        ),
        lambda said: None if show.quiet or show.json else aside(said),
    )
    show.data(made, _told(made, out))
    return 0 if made.reports else NOTHING_VERIFIED


def _told(made: Register, out: Path) -> str:
    lines = [
        f"{counted(made.reports, 'verified report')} on {counted(len(made.products), 'product')}",
        f"{counted(len(made.refused), 'file')} not verified, listed apart",
        *(f"  {clean(one.place)}: {clean(one.why)}" for one in made.refused[:MOST_REFUSALS]),
    ]
    more = len(made.refused) - MOST_REFUSALS
    lines += [f"  and {more:,} more, in not-verified.html"] if more > 0 else []
    return "\n".join([*lines, f"\nRegister: {out / 'index.html'}"])
