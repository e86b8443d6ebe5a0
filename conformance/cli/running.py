"""Commands that test: demo, run, plan, replay, check-target, cleanup."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else there.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the report; must be new or empty.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Draw other values than the shipped suite's.")]
AsOf = Annotated[str, typer.Option("--as-of", help="Judge dates at this day (YYYY-MM-DD) instead of today.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Your own limit for a parameter.")
]
Presets = Annotated[
    list[str] | None,
    typer.Option("--preset", metavar="NAME", help="A set of limits of the profile, such as eu."),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ID", help="Only this requirement or case; repeatable. Or: failed."),
]
Minimise = Annotated[
    bool, typer.Option("--minimise", help="Look for smaller drawn cases that fail alike, in a folder beside.")
]
Package = Annotated[
    list[str] | None,
    typer.Option("--package", help="A FHIR package: name@version, .tgz or folder. May be repeated."),
]
Views = Annotated[
    str,
    typer.Option("--views", help="Views to write: html, pdf, xlsx, csv, md, junit (by commas); all or none."),
]
FailOn = Annotated[
    str,
    typer.Option("--fail-on", metavar="WHAT", help="failed, inconclusive or warning: what fails the build."),
]
TargetFile = Annotated[Path | None, typer.Option("--target", help="Target file (YAML).")]
Tender = Annotated[
    Path | None, typer.Option("--tender", help="The tender pack: nothing but what it asks for counts.")
]
Url = Annotated[str, typer.Option("--url", help="FHIR base URL, where no target file is needed.")]


@app.command()
def demo(
    profile: Annotated[str, typer.Option("--profile", help="Which profile to test against.")] = "",
    fault: Annotated[str, typer.Option("--fault", help="Make the supplier deviate in this one way.")] = "",
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder of NDJSON files for the supplier.")
    ] = None,
    out: Out = None,
    seed: Seed = None,
    only: Only = None,
    package: Package = None,
    views: Views = "all",
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Test the embedded reference supplier and write a signed report."""
    from conformance.cli.demo import demonstrate
    from conformance.cli.show import Show

    show = Show(json=json, quiet=quiet)
    return demonstrate(profile, fault, data, out, seed, only or [], package or [], views, show)


@app.command()
def run(
    profile: Annotated[str, typer.Argument(help="A profile's name or file.")] = "",
    target: TargetFile = None,
    url: Url = "",
    out: Out = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", help="Go on with the broken run in this folder.")
    ] = None,
    key: Annotated[str, typer.Option("--key", help="Sign with this key: a file, or env:NAME.")] = "",
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Take the key's password from here.")
    ] = None,
    allow_unencrypted_key: Annotated[
        bool, typer.Option("--allow-unencrypted-key", help="Accept a bare key.")
    ] = False,
    role: Annotated[
        str, typer.Option("--role", help="Who tests: independent-lab, buyer, supplier-self-test …")
    ] = "self",
    name: Annotated[str, typer.Option("--name", help="Your name, for the report.")] = "",
    organisation: Annotated[
        str, typer.Option("--organisation", help="Your organisation, for the report.")
    ] = "",
    nonce: Annotated[
        str,
        typer.Option("--nonce", help="The buyer's word for this procurement; it is signed with the report."),
    ] = "",
    procurement_ref: Annotated[
        str, typer.Option("--procurement-ref", help="The procurement that the report is for.")
    ] = "",
    valid_until: Annotated[
        str, typer.Option("--valid-until", metavar="DAY", help="The last day on which the report counts.")
    ] = "",
    valid_days: Annotated[
        int, typer.Option("--valid-days", min=0, help="For how many days after its end the report counts.")
    ] = 0,
    waivers: Annotated[
        Path | None, typer.Option("--waivers", help="What is accepted for now (YAML, or signed: `waive`).")
    ] = None,
    preset: Presets = None,
    set_: Settings = None,
    only: Only = None,
    package: Package = None,
    seed: Seed = None,
    as_of: AsOf = "",
    minimise: Minimise = False,
    views: Views = "all",
    fail_on: FailOn = "inconclusive",
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="Known failures (YAML): only others fail the build.")
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="End at the first failure, without a report.")
    ] = False,
    earlier: Annotated[
        Path | None, typer.Option("--earlier", help="The run whose failures --only failed tries again.")
    ] = None,
    shard: Annotated[
        str, typer.Option("--shard", metavar="K/N", help="Only the K-th of N parts; see `reports merge`.")
    ] = "",
    changed_since: Annotated[
        str,
        typer.Option(
            "--changed-since",
            metavar="SUITE",
            help="Only what changed since this suite.json or PROFILE@VERSION.",
        ),
    ] = "",
    tender: Tender = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="Your trust file (TOML), for the pack's signature.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Test a product against a profile and write a report."""
    from conformance.cli.show import Show
    from conformance.cli.terms import terms
    from conformance.cli.testing import Wish, test

    wish = Wish(
        profile=profile,
        target=target,
        url=url,
        out=out,
        resume=resume,
        key=key,
        password_file=password_file,
        allow_unencrypted_key=allow_unencrypted_key,
        role=role,
        name=name,
        organisation=organisation,
        terms=terms(nonce, procurement_ref, valid_until, valid_days),
        waivers=waivers,
        presets=tuple(preset or ()),
        settings=tuple(set_ or ()),
        only=tuple(only or ()),
        packages=tuple(package or ()),
        seed=seed,
        as_of=as_of,
        minimise=minimise,
        views=views,
        fail_on=fail_on,
        baseline=baseline,
        fail_fast=fail_fast,
        earlier=earlier,
        shard=shard,
        changed_since=changed_since,
    )
    if tender is not None:
        from conformance.cli.tender_runs import under_tender

        wish = under_tender(wish, tender, trust)
    return test(wish, Show(json=json, quiet=quiet))


@app.command()
def plan(
    profile: Annotated[str, typer.Argument(help="A profile's name or file.")] = "",
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the suite to this file.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only check that the shipped suites are true.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the shipped suites anew.")] = False,
    json: Json = False,
) -> int:
    """Draw the suite of a profile, without sending anything."""
    from conformance.cli.planning import draw, shipped_suites
    from conformance.cli.show import Show

    show = Show(json=json)
    return shipped_suites(profile, show, write=write) if check or write else draw(profile, seed, out, show)


@app.command()
def replay(
    folder: Annotated[Path, typer.Argument(help="The folder of a finished run, or its .conformance.zip.")],
    only: Only = None,
    package: Package = None,
    minimise: Minimise = False,
    target: TargetFile = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for what --minimise finds.")] = None,
    json: Json = False,
) -> int:
    """Judge a finished run anew from its evidence; with --minimise, ask its target for smaller failing cases."""
    from conformance.cli.show import Show
    from conformance.cli.testing import judge_anew

    smaller = (target, out) if minimise else None
    return judge_anew(folder, tuple(only or ()), tuple(package or ()), Show(json=json), smaller)


@app.command("check-target")
def check_target(target: TargetFile = None, url: Url = "", json: Json = False) -> int:
    """Check that a target can be tested: reachability, TLS, credentials, CapabilityStatement, permissions."""
    from conformance.cli.checking import check
    from conformance.cli.show import Show

    return check(target, url, Show(json=json))


@app.command()
def cleanup(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="The folder of a run or a rehearsal that broke off.")
    ],
    target: Annotated[Path, typer.Option("--target", help="The target file (YAML) of that run.")],
    json: Json = False,
) -> int:
    """Remove what a run or a rehearsal that broke off left on the target or elsewhere, and say what stays."""
    from conformance.cli.cleaning import clean
    from conformance.cli.show import Show

    return clean(folder, target, Show(json=json))
