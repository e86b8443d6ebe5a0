"""What a tender pack fixes, and what a decision says, in words."""

from collections.abc import Iterator, Sequence

from conformance.model.base import compact
from conformance.model.tender import EquivalenceDecision, Tender, TenderProfile
from conformance.views.text import day, moment, one_line
from conformance.views.wording import ROLE

_MOST_VALUE = 120


def words(pack: Tender, digest: str) -> str:
    """Everything in the pack, a line each. `digest` is the SHA-256 of what was signed."""
    return "\n".join(_lines(pack, digest))


def decision(made: EquivalenceDecision, pack: str) -> str:
    """Everything in a decision, a line each. `pack` is the SHA-256 of the pack that it is about."""
    lot = f", lot {one_line(made.lot)}" if made.lot else ""
    told = (
        ("Decision", f"for {one_line(made.requirement)}"),
        ("Bid", f"{one_line(made.product)}, of {one_line(made.supplier)}"),
        ("Accepted", one_line(made.accepted)),
        ("Reason", one_line(made.reason)),
        ("Evidence", one_line(made.evidence) or "none named"),
        ("Decided", f"by {one_line(made.who)} on {day(made.on)}"),
        ("Notice", f"{one_line(made.ocid)}{lot}"),
        ("Pack", f"sha256 {one_line(pack)}"),
    )
    lines = [f"{name:<9} {words}" for name, words in told]
    return "\n".join([*lines, "The outcome in the report stays as it is."])


def signature(names: Sequence[str], objection: str) -> str:
    """Who signed, or that nobody did whom the reader trusts."""
    if names:
        return f"VERIFIED: signed by {one_line(', '.join(names))}"
    return f"NOT VERIFIED: {one_line(objection)}. Anybody could have written what follows."


def _lines(pack: Tender, digest: str) -> Iterator[str]:
    yield f"Tender    {one_line(pack.title)}"
    yield f"Buyer     {one_line(pack.buyer)}"
    yield f"Notice    {one_line(pack.reference)}"
    yield f"Bids      are opened on {day(pack.opens)}; the pack was made on {moment(pack.made_at)}"
    yield f"Judged    by the requirements of the phase {pack.phase}, dates as of {day(pack.as_of)}"
    yield f"Run by    {' or '.join(ROLE[role] for role in pack.roles)}"
    yield f"Tool      {one_line(pack.tool.name)} {one_line(pack.tool.version)}, sha256 {one_line(pack.tool.digest)}"
    yield f"Nonce     {pack.nonce}"
    yield f"SHA-256   {digest}"
    for one in pack.profiles:
        yield ""
        yield from _profile(one)
    if pack.weights is not None:
        yield "\nPoints for what is recommended"
        yield from (f"  {one_line(each.points)}  {one_line(each.name)}" for each in pack.weights.points)
        yield f"  {one_line(pack.weights.default)}  all others"


def _profile(one: TenderProfile) -> Iterator[str]:
    yield f"Against   {one_line(one.title)} ({one.label})"
    yield f"          sha256 {one.digest}"
    yield f"          drawn with the seed {one.seed}, sha256 {one.suite}"
    for pin in one.packages:
        yield f"          package {one_line(pin.label)}, sha256 {pin.sha256}"
    for name in sorted(one.parameters, key=lambda name: (name not in one.overrides, name)):
        value = compact(one.parameters[name]).decode()
        shown = value if len(value) <= _MOST_VALUE else f"{value[:_MOST_VALUE]}…"
        whose = "set by the buyer" if name in one.overrides else "the profile's own"
        yield f"          {one_line(name)} = {one_line(shown)}  ({whose})"
