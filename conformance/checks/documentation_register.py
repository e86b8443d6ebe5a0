"""The check that the public register of formats is complete: what was exported stands in it."""

import re

from conformance.analysis.export import exported, output_files
from conformance.checks.export_reading import job
from conformance.checks.picking import listed
from conformance.plugin import Evidence, Findings, NoData, NotJudgeable, check

OK = 200
_TEXT = (
    "application/json",
    "application/fhir+json",
    "application/yaml",
    "application/xml",
    "application/xhtml+xml",
)
_LONGEST = 5_000_000


@check("documentation-register")
def documentation_register(evidence: Evidence) -> Findings:
    """The register that the plan points to names each resource type and each media type seen in the export."""
    pages = [page for page in evidence.labelled("documentation") if page.about.get("page") == "registerUrl"]
    if not pages:
        raise NoData("the exit plan points to no register")
    page = pages[-1]
    if page.status != OK or page.body is None or not page.body.size:
        yield page.finding(f"answered {page.status}, and no register that could be read")
        return
    if not page.media_type.startswith("text/") and page.media_type not in _TEXT:
        raise NotJudgeable(
            f"the register is {page.media_type or 'of no media type'}: somebody has to read it"
        )
    if page.body.size > _LONGEST:
        raise NotJudgeable(f"the register has {page.body.size} bytes: somebody has to read it")
    text = page.content().decode("utf-8", "replace")
    words = set(re.findall(r"[A-Za-z0-9]+", text))
    step = job(evidence)
    counts = exported(step).counts
    if not counts:
        raise NoData("the export holds no resources, so there is nothing to look up in the register")
    missing = sorted(kind for kind in counts if kind not in words)
    if missing:
        yield page.finding(f"does not name {listed(missing)}, of which the export holds resources")
    for kind in sorted({file.media_type for file in output_files(step)} - {""}):
        if kind not in text:
            yield page.finding(f"does not name the format {kind}, in which files are exported")
