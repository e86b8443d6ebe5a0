"""The check that two exports of unchanged data agree, resource by resource."""

from typing import Any

from conformance.analysis.bracket import brackets
from conformance.analysis.export import export_steps, manifest_exchange, output_files
from conformance.analysis.facts import resources
from conformance.checks.export_reading import manifest_of
from conformance.checks.picking import listed
from conformance.model.base import compact, sha256
from conformance.plugin import Evidence, Findings, NoData, NotJudgeable, StepEvidence, check

PAIR = 2
Seen = dict[str, tuple[str, str]]


@check("exports-agree")
def exports_agree(evidence: Evidence, *, ignore: str) -> Findings:
    """Two exports of the same data hold the same resources, and each of them with the same content.

    `ignore` names element paths that may differ, separated by commas. Where the target changed between the first
    counting and the last, what could be due to that is not held against it.
    """
    steps = export_steps(evidence)
    if len(steps) < PAIR:
        raise NoData("there were no two exports to compare")
    paths = [path.strip().split(".") for path in ignore.split(",") if path.strip()]
    one, other = (_contents(step, paths) for step in steps[:PAIR])
    if not one and not other:
        raise NoData("both exports are empty")
    answer = manifest_exchange(steps[1]) or evidence.last
    totals, _ = brackets(evidence)
    doubtful: set[str] = set()
    lost: list[str] = []
    for name in sorted(set(one) ^ set(other)):
        bracket = totals.get(name.split("/")[0])
        if bracket is not None and bracket.unchanged:
            lost.append(name)
        else:
            doubtful.add(name.split("/")[0])
    if lost:
        yield answer.finding(
            f"led to the second of two exports; {len(lost)} resources are in only one of them: {listed(lost)}"
        )
    altered = [name for name in sorted(set(one) & set(other)) if one[name] != other[name]]
    same_version = [name for name in altered if one[name][0] == other[name][0]]
    if same_version:
        yield answer.finding(
            f"led to the second of two exports; {len(same_version)} resources differ in content though they are "
            f"of the same version: {listed(same_version)}"
        )
    doubtful |= {name.split("/")[0] for name in set(altered) - set(same_version)}
    if doubtful:
        raise NotJudgeable(f"the target changed between the two exports: {listed(sorted(doubtful))}")


def _contents(step: StepEvidence, ignored: list[list[str]]) -> Seen:
    """For each resource of an export, what tells its version, and the digest of its content."""
    manifest_of(step)
    found: Seen = {}
    for file in output_files(step):
        for resource in resources(file):
            meta = resource.get("meta") if isinstance(resource.get("meta"), dict) else {}
            version = repr((meta.get("versionId"), meta.get("lastUpdated"))) if isinstance(meta, dict) else ""
            for path in ignored:
                _drop(resource, path)
            name = f"{resource['resourceType']}/{resource.get('id')}"
            found[name] = (version, sha256(compact(resource)))
    return found


def _drop(resource: dict[str, Any], path: list[str]) -> None:
    holder: Any = resource
    for name in path[:-1]:
        holder = holder.get(name) if isinstance(holder, dict) else None
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
