"""Commands for a tender: say what will count, show it, decide that something else counts too."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import Json, Package, Presets, Seed, Settings
from conformance.cli.trust import TrustFile

tenders = typer.Typer(no_args_is_help=True, help="What will count in a tender, fixed and signed beforehand.")
app.add_typer(tenders, name="tender")

Key = Annotated[str, typer.Option("--key", help="Sign with this key: a file, or env:NAME.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="Take the key's password from here.")
]
BareKey = Annotated[bool, typer.Option("--allow-unencrypted-key", help="Accept a bare key.")]


@tenders.command("new")
def new(
    file: Annotated[Path, typer.Argument(help="The new pack, such as tender.json.")],
    profile: Annotated[
        list[str], typer.Option("--profile", help="What bids are measured against: name or file. Repeatable.")
    ],
    buyer: Annotated[str, typer.Option("--buyer", help="Who buys.")],
    title: Annotated[str, typer.Option("--title", help="What is bought.")],
    ocid: Annotated[str, typer.Option("--ocid", help="The Open Contracting ID of the notice.")],
    opens: Annotated[str, typer.Option("--opens", help="The day on which bids are opened (YYYY-MM-DD).")],
    accept: Annotated[
        list[str],
        typer.Option(
            "--accept", metavar="ROLE", help="Whose runs count: independent-lab, buyer … Repeatable."
        ),
    ],
    key: Key,
    lot: Annotated[str, typer.Option("--lot", help="The lot, where the notice has several.")] = "",
    set_: Settings = None,
    preset: Presets = None,
    weights: Annotated[
        Path | None, typer.Option("--weights", help="Points for what is recommended (YAML).")
    ] = None,
    phase: Annotated[
        str, typer.Option("--phase", help="tender, contract or exit: what applies later is not asked.")
    ] = "tender",
    as_of: Annotated[
        str, typer.Option("--as-of", help="Judge dates in every bid at this day; else at --opens.")
    ] = "",
    seed: Seed = None,
    package: Package = None,
    password_file: PasswordFile = None,
    allow_unencrypted_key: BareKey = False,
    json: Json = False,
) -> int:
    """Write and sign what will count, before bids are opened."""
    from conformance.cli.show import Show
    from conformance.cli.stating import Keyed
    from conformance.cli.tendering import Wish, write_pack

    wish = Wish(
        file=file,
        profiles=tuple(profile),
        buyer=buyer,
        title=title,
        ocid=ocid,
        lot=lot,
        opens=opens,
        accept=tuple(accept),
        settings=tuple(set_ or ()),
        presets=tuple(preset or ()),
        weights=weights,
        phase=phase,
        as_of=as_of,
        seed=seed,
        packages=tuple(package or ()),
    )
    return write_pack(wish, Keyed(key, password_file, allow_unencrypted_key), Show(json=json))


@tenders.command("show")
def show_tender(
    file: Annotated[Path, typer.Argument(help="A tender pack, or a decision.")],
    trust: TrustFile = None,
    json: Json = False,
) -> int:
    """Say what a pack fixes or a decision says, and whether a buyer whom you trust signed it: else ends with 1."""
    from conformance.cli.show import Show
    from conformance.cli.tendering import show_pack

    return show_pack(file, trust, Show(json=json))


@tenders.command("decide")
def decide(
    tender: Annotated[Path, typer.Option("--tender", help="The pack of the tender.")],
    requirement: Annotated[str, typer.Option("--requirement", metavar="ID", help="For which requirement.")],
    bidder: Annotated[str, typer.Option("--bidder", help="Whose bid: the supplier, as its report says.")],
    product: Annotated[str, typer.Option("--product", help="Which product, as its report says.")],
    who: Annotated[str, typer.Option("--who", help="Who decides, by name and office.")],
    accepted: Annotated[str, typer.Option("--accepted", help="What is accepted instead.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it shows the same.")],
    key: Key,
    evidence: Annotated[str, typer.Option("--evidence", help="What bears it out: a URL or file name.")] = "",
    out: Annotated[Path, typer.Option("--out", help="The decision's file.")] = Path("decision.json"),
    trust: TrustFile = None,
    password_file: PasswordFile = None,
    allow_unencrypted_key: BareKey = False,
    json: Json = False,
) -> int:
    """Sign that something else is accepted for a requirement in one bid; the outcome stays as it is."""
    from conformance.cli.deciding import Deciding, decide_equivalent
    from conformance.cli.show import Show
    from conformance.cli.stating import Keyed

    wish = Deciding(
        tender=tender,
        requirement=requirement,
        supplier=bidder,
        product=product,
        who=who,
        accepted=accepted,
        reason=reason,
        evidence=evidence,
        out=out,
        trust=trust,
    )
    return decide_equivalent(wish, Keyed(key, password_file, allow_unencrypted_key), Show(json=json))


@app.command("advise")
def advise(
    buy: Annotated[
        list[str] | None,
        typer.Option(
            "--buy",
            help="What you buy: gp-system, patient-record, vaccination, referral, portal, component or other.",
        ),
    ] = None,
    connect: Annotated[
        list[str] | None,
        typer.Option(
            "--connect",
            help="What it must connect to: gp-connect, vaccinations, nhs-app, referrals, shared-records, analytics, "
            "other-apis, or none. Repeatable.",
        ),
    ] = None,
    value: Annotated[
        str | None, typer.Option("--value", help="What the contract is worth, in pounds; '' if not settled.")
    ] = None,
    threshold: Annotated[
        str, typer.Option("--threshold", help="Below this value some provisions for leaving only advise.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Also write a profile that asks all of it, as in tender.yaml."),
    ] = None,
    json: Json = False,
) -> int:
    """Say which profiles to put into a tender, as text to paste and as one profile. Asks for what is not given."""
    from conformance.cli.advising import Given
    from conformance.cli.advising import advise as give_advice
    from conformance.cli.show import Show

    return give_advice(Given(buy, connect, value, threshold, out), Show(json=json))
