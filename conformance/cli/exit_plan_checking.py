"""`conformance exit-plan check`: from its options to what is shown."""

import datetime as dt
from pathlib import Path

from conformance import __version__
from conformance.catalog import built_in
from conformance.cli.show import Show
from conformance.errors import UsageError, closest
from conformance.model.profile import Phase
from conformance.session.contract_terms import ContractTerms, read_contract
from conformance.session.exit_plan_review import Question, review

FORMATS = ("table", "json", "sarif")


def check_plan(
    file: Path,
    contract: Path | None,
    profile: str,
    phase: str,
    presets: list[str],
    settings: list[str],
    as_of: str,
    *,
    form: str,
) -> int:
    """Judge the plan, show what it comes to, and return the exit code."""
    if form not in FORMATS:
        raise UsageError(f"--format is to be {', '.join(FORMATS)}, not {form!r}{closest(form, FORMATS)}")
    phases = [each.value for each in Phase]
    if phase and phase not in phases:
        raise UsageError(f"there is no phase {phase!r}{closest(phase, phases)}: tender, contract or exit")
    question = Question(
        plan=file,
        profile=profile,
        terms=read_contract(contract) if contract is not None else ContractTerms(),
        presets=tuple(presets),
        settings=dict(_setting(text) for text in settings),
        as_of=_day(as_of) if as_of else None,
        phase=phase,
    )
    found = review(question, built_in())
    show = Show(json=form != "table")
    if form == "json":
        show.data({"met": found.met, "review": found})
    elif form == "sarif":
        from conformance.views.plan_sarif import plan_sarif

        show.data(plan_sarif(found, __version__))
    else:
        from conformance.views.plan_review import plan_review

        show.data(None, plan_review(found))
    return 0 if found.met else 1


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set takes NAME=VALUE, not {text!r}")
    return name, value


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of takes a day as in 2026-09-01, not {text!r}") from None
