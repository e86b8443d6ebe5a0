"""The buyer's contract file: its own limits, and the facts that a supplier's exit plan must agree with."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from conformance.checks.exit_plan_schema import said, validator
from conformance.errors import UsageError
from conformance.model.marked_yaml import read_yaml
from conformance.outside.plan_files import plan_bytes

_FACTS = (
    ("reference", ("contract", "reference")),
    ("ocid", ("contract", "ocid")),
    ("start", ("contract", "start")),
    ("end", ("contract", "end")),
    ("extensionDecision", ("contract", "extensionDecision")),
    ("annualCharge", ("contract", "annualCharge")),
    ("currency", ("costs", "currency")),
)


@dataclass(frozen=True)
class ContractTerms:
    """What the buyer says. `parameters` are limits by name, as text; `facts` what the file says of the contract."""

    phase: str = ""
    as_of: dt.date | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    def contradictions(self, plan: Any) -> Iterator[str]:
        """A sentence for each fact that the exit plan states otherwise, or not at all."""
        for name, (holder, member) in _FACTS:
            wanted = self.facts.get(name)
            if wanted is None:
                continue
            outer = plan.get(holder) if isinstance(plan, dict) else None
            found = outer.get(member) if isinstance(outer, dict) else None
            if found is None:
                yield f"the plan states nothing at {holder}.{member}; the contract says {wanted}"
            elif not _same(name, found, wanted):
                yield f"the plan states {str(found)[:80]} at {holder}.{member}; the contract says {wanted}"


def read_contract(path: Path) -> ContractTerms:
    """The terms in a contract file (YAML or JSON). Raises UsageError with every mistake."""
    try:
        text = plan_bytes(path, "contract file").decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"the contract file {path} is not UTF-8 (byte {error.start})") from error
    marked = read_yaml(text, str(path), core=True)
    problems = [str(problem) for problem in marked.problems]
    if not problems:
        problems = [
            str(
                marked.problem(
                    tuple(error.absolute_path),
                    f"{'.'.join(map(str, error.absolute_path))} {said(error)}".strip(),
                )
            )
            for error in validator("contract").iter_errors(marked.value)
        ]
    if problems:
        listing = "\n".join(f"  {problem}" for problem in problems[:20])
        raise UsageError(
            f"the contract file cannot be used:\n{listing}",
            hint="`conformance exit-plan schema --contract` prints its schema; docs/exit-plan.md shows one.",
        )
    value = marked.value
    return ContractTerms(
        phase=value.get("phase", ""),
        as_of=dt.date.fromisoformat(value["asOf"]) if "asOf" in value else None,
        parameters={name: str(limit) for name, limit in value.get("parameters", {}).items()},
        facts={name: str(value[name]) for name, _ in _FACTS if name in value},
    )


def _same(name: str, found: Any, wanted: str) -> bool:
    if name != "annualCharge":
        return bool(found == wanted)
    try:
        return Decimal(str(found)) == Decimal(wanted)
    except ArithmeticError:
        return False
