"""`conformance run --tender`: what the pack settles is taken from it, and nothing else may settle it."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

from conformance.catalog import installed
from conformance.cli.testing import Wish
from conformance.errors import UsageError
from conformance.model.report import Binding
from conformance.outside import trust
from conformance.session.suites import profile_named
from conformance.session.tenders.reading import trusted_pack

SETTLED = {
    "settings": "--set",
    "presets": "--preset",
    "only": "--only",
    "seed": "--seed",
    "as_of": "--as-of",
    "earlier": "--earlier",
    "shard": "--shard",
    "changed_since": "--changed-since",
    "resume": "--resume",
    "waivers": "--waivers",
}
"""What somebody may ask of a run, and a tender pack settles."""


def under_tender(wish: Wish, file: Path, trust_file: Path | None) -> Wish:
    """The wish with profile, seed and day of the pack. Raises UsageError where it asks for something of its own."""
    own = [option for member, option in SETTLED.items() if getattr(wish, member) not in (None, "", ())]
    own += ["--nonce or --procurement-ref"] if wish.terms.binding != Binding() else []
    if "--resume" in own:
        raise UsageError(
            "a broken run holds the pack that it was begun with: leave out --tender",
            hint="To begin anew under the pack, leave out --resume.",
        )
    if own:
        raise UsageError(
            f"the tender pack settles what is tested: leave out {', '.join(own)}",
            hint="Without --tender you may try anything, but it counts for no bid.",
        )
    trusted = trust.load(trust_file or trust.default_path())
    pack = trusted_pack(file, trusted, dt.datetime.now(dt.UTC))
    if not wish.profile and len(pack.tender.profiles) > 1:
        known = ", ".join(one.profile for one in pack.tender.profiles)
        raise UsageError(f"the tender measures bids against several profiles: name one of {known}")
    name = wish.profile or pack.tender.profiles[0].profile
    wanted = pack.tender.named(profile_named(name, installed()).profile)
    return replace(
        wish,
        profile=name,
        seed=wanted.seed if wanted else None,
        as_of=pack.tender.as_of.isoformat(),
        terms=replace(wish.terms, binding=pack.tender.binding),
        tender=pack,
    )
