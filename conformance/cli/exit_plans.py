"""Commands for a supplier's exit plan: write one, check one, print its schema."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.app import app
from conformance.cli.running import AsOf, Json, Presets, Settings

exit_plans = typer.Typer(no_args_is_help=True, help="A supplier's exit plan: write one, check one.")
app.add_typer(exit_plans, name="exit-plan")


@exit_plans.command("new")
def new(
    file: Annotated[Path, typer.Argument(help="The new file: .yaml, or .json.")] = Path("exit-plan.yaml"),
    example: Annotated[
        bool, typer.Option("--example", help="Ask nothing; write one that is filled in, of no real supplier.")
    ] = False,
) -> int:
    """Write an exit plan: asks for the main facts; the rest is filled in in the file, with help beside it."""
    from conformance.cli.exit_plan_asking import write_plan

    return write_plan(file, example=example)


@exit_plans.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The exit plan (YAML or JSON).")],
    contract: Annotated[
        Path | None, typer.Option("--contract", help="The buyer's contract file: facts and own limits.")
    ] = None,
    profile: Annotated[str, typer.Option("--profile", help="By which profile.")] = "exit-core",
    phase: Annotated[
        str, typer.Option("--phase", help="tender, contract or exit: what applies later is not asked.")
    ] = "",
    preset: Presets = None,
    settings: Settings = None,
    as_of: AsOf = "",
    form: Annotated[
        str, typer.Option("--format", "-f", help="How to show what was found: table, json, sarif.")
    ] = "table",
    json: Json = False,
) -> int:
    """Judge an exit plan alone, without the product. Ends with 0, or 1 where something binding is not met."""
    from conformance.cli.exit_plan_checking import check_plan

    form = "json" if json else form
    return check_plan(file, contract, profile, phase, preset or [], settings or [], as_of, form=form)


@exit_plans.command("schema")
def print_schema(
    contract: Annotated[bool, typer.Option("--contract", help="That of the buyer's contract file.")] = False,
) -> int:
    """Print the JSON Schema of exit plans."""
    import json

    from conformance.checks.exit_plan_schema import schema

    print(json.dumps(schema("contract" if contract else "exit-plan"), indent=2, ensure_ascii=False))
    return 0
