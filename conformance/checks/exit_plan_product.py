"""Checks that hold the exit plan against what the tests saw of the product."""

from decimal import Decimal

from conformance.analysis.bracket import brackets
from conformance.analysis.export import exported, output_files
from conformance.analysis.facts import facts_of
from conformance.analysis.money import NoMoney, quantity
from conformance.checks.completeness import DEFINITIONS
from conformance.checks.exit_plan_reading import quoted, read_plan
from conformance.checks.export_reading import job, manifest_of
from conformance.checks.export_whole import whole_export
from conformance.checks.picking import listed
from conformance.plugin import Evidence, Findings, Json, NoData, NotJudgeable, check

OPEN_FORMATS = frozenset(
    {
        "application/fhir+json",
        "application/fhir+ndjson",
        "application/fhir+xml",
        "application/json",
        "application/ndjson",
        "application/x-ndjson",
        "application/xml",
        "text/csv",
    }
)
"""Media types whose specification is public and may be implemented by anyone without a fee."""


@check("exit-plan-agrees")
def exit_plan_agrees(evidence: Evidence, *, size_tolerance: str) -> Findings:
    """The plan names this product and version, lists each type that it holds, and states volumes that fit.

    Records and bytes are compared for the rows that state them with resource types; they may differ by this share.
    """
    plan = read_plan(evidence)
    tolerance = _share(size_tolerance)
    for path, declared in (
        ("product.name", evidence.target.product),
        ("product.version", evidence.target.version),
    ):
        if declared and plan.one(path) != declared:
            yield plan.finding(f"states {quoted(plan.one(path))} at {path}, but {declared!r} is tested")
    held = _held(evidence)
    inventory = {kind for _, row in plan.rows("dataInventory") for kind in _types(row.get("resourceTypes"))}
    missing = sorted(set(held) - inventory - DEFINITIONS)
    if missing:
        yield plan.finding(
            f"does not list what the product holds in its inventory of data: {listed(missing)}"
        )
    sizes = _sizes(evidence)
    for place, row in plan.rows("dataInventory"):
        kinds = _types(row.get("resourceTypes"))
        if row.get("exportable") is not True or not kinds:
            continue
        for member, measured in (("records", held), ("bytes", sizes)):
            stated = row.get(member)
            seen = sum(measured.get(kind, 0) for kind in kinds)
            if (
                isinstance(stated, int)
                and not isinstance(stated, bool)
                and not _near(stated, seen, tolerance)
            ):
                yield plan.finding(f"states {stated} at {place}.{member}, but the tests saw {seen}")


@check("exit-plan-inventory-exported")
def exit_plan_inventory_exported(evidence: Evidence) -> Findings:
    """Each category that the inventory lists as exportable, with records and resource types, is in the export.

    Of its types, those that a search counts have to be there; a type of which the product holds nothing need not.
    """
    plan = read_plan(evidence)
    whole_export(evidence)
    counts, totals = exported(job(evidence)).counts, brackets(evidence)[0]
    rows = plan.rows("dataInventory")
    if not rows:
        yield plan.finding("has no inventory of data (dataInventory)")
    compared = 0
    for place, row in rows:
        kinds = _types(row.get("resourceTypes"))
        if row.get("exportable") is not True or row.get("records") == 0 or not kinds:
            continue
        compared += 1
        category = quoted(row.get("category"))
        if not any(counts.get(kind) for kind in kinds):
            yield plan.finding(
                f"lists {category} as exportable ({place}), but the export holds nothing of it"
            )
            continue
        for kind in kinds:
            if kind in totals and totals[kind].lowest and not counts.get(kind):
                yield plan.finding(f"lists {kind} as exportable ({place}), but the export holds none")
    if rows and not compared:
        raise NoData("the plan's inventory lists no resource type that could be looked for in the export")


@check("export-formats-open")
def export_formats_open(evidence: Evidence) -> Findings:
    """Each exported file is of a format that the plan lists with its public specification, free for anyone to use."""
    plan = read_plan(evidence)
    manifest_of(job(evidence))
    files = output_files(job(evidence))
    if not files:
        raise NoData("the export gave no file")
    formats = {
        row["mediaType"]: row
        for _, row in plan.rows("export.formats")
        if isinstance(row.get("mediaType"), str)
    }
    for kind in dict.fromkeys(file.media_type for file in files):
        file = next(file for file in files if file.media_type == kind)
        row = formats.get(kind)
        if row is None:
            yield file.finding(
                f"is labelled {kind or 'with no media type'}, which the plan does not list as a format"
            )
        elif row.get("royaltyFree") is not True or not str(row.get("specUrl", "")).startswith("https://"):
            yield plan.finding(
                f"does not say that {kind} has a public specification that is free for anyone to use"
            )
        elif kind not in OPEN_FORMATS:
            raise NotJudgeable(
                f"{kind} is not known here as an open format: somebody has to look at {row['specUrl']}"
            )


def _held(evidence: Evidence) -> dict[str, int]:
    """How many resources of each type the product holds: as counted before and after, else as exported."""
    whole_export(evidence)
    counts = dict(exported(job(evidence)).counts)
    for kind, bracket in brackets(evidence)[0].items():
        if bracket.highest:
            counts[kind] = max(bracket.highest, counts.get(kind, 0))
    if not counts:
        raise NoData("the export holds no resources to compare the plan with")
    return counts


def _sizes(evidence: Evidence) -> dict[str, int]:
    """The bytes of the exported files by type; a file that mixes types counts for the first of them."""
    sizes: dict[str, int] = {}
    for file in output_files(job(evidence)):
        kind = next(iter(facts_of(file).counts), "")
        sizes[kind] = sizes.get(kind, 0) + (file.body.size if file.body is not None else 0)
    return sizes


def _types(value: Json) -> list[str]:
    return [kind for kind in value if isinstance(kind, str)] if isinstance(value, list) else []


def _near(stated: int, seen: int, tolerance: Decimal) -> bool:
    return abs(stated - seen) <= tolerance * max(stated, seen)


def _share(text: str) -> Decimal:
    try:
        return quantity(text)
    except NoMoney:
        raise NotJudgeable(f"the profile's tolerance {text!r} is no decimal number, as in 0.2") from None
