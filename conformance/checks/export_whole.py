"""What the checks of completeness begin with: an export whose files were all asked for."""

from conformance.checks.export_reading import job, manifest_of
from conformance.plugin import Evidence, Exchange, NotJudgeable, StepEvidence


def whole_export(evidence: Evidence) -> tuple[StepEvidence, Exchange]:
    """The first export of a case and the answer that carries its manifest.

    Raises NoData where there is no manifest, and NotJudgeable where the harness itself left files alone, because
    they are offered without TLS: what is missing then is not the target's loss.
    """
    step = job(evidence)
    answer, _ = manifest_of(step)
    if step.notes.get("not-fetched"):
        raise NotJudgeable(
            "files that are offered over plain http were not fetched, so that the export is not whole"
        )
    return step, answer
