"""The page of all commands, their arguments and options, from the application itself."""

from collections.abc import Iterator
from typing import Any

import typer

from conformance.cli import commands  # noqa: F401 - its import puts every command into the application
from conformance.cli.app import app


def commands_page() -> str:
    """The reference of all commands, in Markdown."""
    page = [
        "# Commands",
        "",
        "Written by `python docs/generate.py` from the code; `conformance COMMAND --help` says the same. What exit",
        "codes mean is in [verdicts.md](verdicts.md).",
    ]
    for words, command in _commands(typer.main.get_command(app), ("conformance",)):
        page += ["", *_section(words, command)]
    return "\n".join(page) + "\n"


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by the words that call it; groups are looked into."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, one in inner.items():
        if not one.hidden:
            yield from _commands(one, (*words, name))


def _section(words: tuple[str, ...], command: Any) -> list[str]:
    shown = [parameter for parameter in command.params if parameter.name != "help"]
    arguments = [one for one in shown if one.param_type_name == "argument"]
    options = [one for one in shown if one.param_type_name == "option" and not one.hidden]
    usage = " ".join([*words, *(["[OPTIONS]"] if options else []), *(_argument(one) for one in arguments)])
    lines = [f"## `{' '.join(words)}`", "", _text(command.help), "", "```text", usage, "```"]
    rows = [f"| `{_argument(one)}` | {_text(one.help)} |" for one in arguments]
    rows += [f"| {_names(one)} | {_text(one.help)} |" for one in options]
    return [*lines, "", "| argument | |", "|---|---|", *rows] if rows else lines


def _argument(parameter: Any) -> str:
    name = parameter.metavar or str(parameter.name).upper()
    name = f"{name}..." if parameter.nargs < 0 and not name.endswith("...") else name
    return name if parameter.required else f"[{name}]"


def _names(option: Any) -> str:
    called = [*option.opts, *option.secondary_opts]
    takes = "" if option.is_flag else f" {option.metavar or 'VALUE'}"
    return ", ".join(f"`{name}{takes}`" for name in called)


def _text(said: str | None) -> str:
    return " ".join((said or "").split()).replace("|", "\\|")
