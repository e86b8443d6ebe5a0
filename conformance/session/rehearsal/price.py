"""What leaving costs, by the supplier's exit plan, for what the rehearsal measured."""

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

from conformance.analysis.exit_cost import ExitCost, Scenario, YearCost, cost_by_year, exit_cost
from conformance.analysis.money import NoMoney
from conformance.errors import UsageError
from conformance.model.base import sha256
from conformance.model.evidence import Body, Document
from conformance.model.rehearsal import Price, PriceRow, YearPrice
from conformance.model.target import Target
from conformance.outside.plan_files import plan_bytes

UNKNOWN = "The target file names no exit plan (documents.exitPlan)."
SILENT = "the plan states no charge for ending early on that day"
ELSEWHERE = "The exit plan lies at an address: download it, and name the file in documents.exitPlan."


def priced(
    target: Target, folder: Path, scenario: Scenario, volume: int, records: int
) -> tuple[Price | None, str]:
    """The price of leaving with so many bytes and records; or None, and why it cannot be told."""
    place = target.documents.exit_plan
    if not place:
        return None, UNKNOWN
    if place.startswith(("http:", "https:")):
        return None, ELSEWHERE
    try:
        data = plan_bytes(folder / place)
        wanted = dataclasses.replace(scenario, volume=volume, records=records)
        plan = _plan(place, data)
        cost = exit_cost(plan, wanted)
        years = cost_by_year(plan, wanted)
    except (UsageError, NoMoney) as error:
        return None, f"By the exit plan {place} it cannot be reckoned: {error}"
    return _price(cost, years, wanted, sha256(data)), ""


def _plan(place: str, data: bytes) -> dict[str, Any]:
    body = Body(sha256=sha256(data), size=len(data))
    document = Document(id="exit-plan", name="exit-plan", location=place, body=body)
    plan = document.connected(lambda _: iter([data])).json_or_none()
    if not isinstance(plan, dict):
        raise NoMoney("it holds no object in YAML or JSON")
    return plan


CENT = Decimal("0.01")


def _text(amount: Decimal) -> str:
    """An amount with two digits behind the point, and more only where it has them."""
    whole = amount.quantize(CENT)
    return f"{whole:f}" if whole == amount else f"{amount.normalize():f}"


def _price(cost: ExitCost, years: tuple[YearCost, ...], wanted: Scenario, digest: str) -> Price:
    help_days = (
        "the plan's own days of help" if wanted.help_days is None else f"{wanted.help_days} days of help"
    )
    included = f", {cost.included_days} of them included" if wanted.help_days is not None else ""
    assumed = [
        f"{wanted.volume:,} bytes and {wanted.records:,} records, as measured",
        f"{help_days}{included}",
        f"the contract ends on {wanted.leaves_on}" if wanted.leaves_on else "the contract runs out",
        *(f"{number} of {row}" for row, number in sorted(wanted.quantities.items())),
    ]
    return Price(
        currency=cost.currency,
        total=_text(cost.total),
        table=_text(cost.table),
        early="" if cost.early is None else _text(cost.early),
        cap="" if cost.cap is None else _text(cost.cap),
        over_cap=cost.over_cap,
        note=SILENT if wanted.leaves_on is not None and cost.early is None else "",
        assumed=tuple(assumed),
        rows=tuple(
            PriceRow(
                id=row.id,
                kind=row.kind,
                unit=row.unit,
                unit_price=_text(row.unit_price),
                quantity=f"{row.quantity.normalize():f}",
                charge=_text(row.charge),
                capped=row.capped,
            )
            for row in cost.rows
        ),
        left_out=cost.left_out,
        years=tuple(
            YearPrice(year=one.year, leaves_on=one.leaves_on, total=_text(one.cost.total)) for one in years
        ),
        plan_sha256=digest,
    )
