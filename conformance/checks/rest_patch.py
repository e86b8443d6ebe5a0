"""Checks of JSON Patch (https://hl7.org/fhir/R4/http.html#patch, RFC 6902)."""

from typing import Literal

from conformance.checks.exchanged import PRECONDITION_FAILED, accepted, answered, resource_of, said, version
from conformance.checks.picking import one, permitted
from conformance.checks.statuses import CLIENT_ERRORS
from conformance.fhir import bundles, capability
from conformance.plugin import Evidence, Exchange, Findings, NoData, NotApplicable, NotJudgeable, check

CONFLICTS = frozenset({409, PRECONDITION_FAILED})
JSON_PATCH = "application/json-patch+json"
UNSUPPORTED = 415
PATCHED = "other"
BEFORE = {
    "patch-test": "read-after-patch",
    "patch-half": "read-patch-test",
    "patch-stale": "read-patch-half",
    "patch-malformed": "read-patch-stale",
}
"""The read before each patch that must fail: where that was not sent, the one before it."""


@check("patch-is-kept")
def patch_is_kept(evidence: Evidence, *, label: str = "patch") -> Findings:
    """A patch is carried out: a read shows what it changed, and all else as it was."""
    exchange = permitted(one(evidence, label))
    if label == "conditional-patch":
        control = accepted(one(evidence, "control"))
        if len(bundles.matches(control.resource("Bundle") or {})) != 1:
            raise NotJudgeable(f"{control} does not find the one patient that was created")
    _require_json_patch(evidence, exchange)
    if not exchange.ok:
        yield exchange.finding(f"answered {exchange.status} to a patch that can be carried out")
        return
    read = accepted(one(evidence, "read-after-patch"))
    after = resource_of(read)
    if after.get("gender") != PATCHED:
        yield read.finding(
            f"gives gender {said(after.get('gender'))}, not {PATCHED!r}, though {exchange} was accepted"
        )
    if not evidence.labelled("read-back"):
        return
    before = resource_of(accepted(one(evidence, "read-back")))
    for name in before:
        if name not in {"meta", "gender", "text"} and after.get(name) != before[name]:
            yield read.finding(f"gives another {name} than before, which the patch does not name")


@check("patch-is-refused")
def patch_is_refused(
    evidence: Evidence, *, label: Literal["patch-test", "patch-half", "patch-stale", "patch-malformed"]
) -> Findings:
    """A patch that fails is refused, and leaves the resource as it was: nothing of it is carried out."""
    _require_json_patch(evidence, one(evidence, "patch"))
    answered(evidence, "patch")
    if not evidence.labelled(label):
        if label != "patch-stale":
            raise NoData(f"nothing was sent under the label {label!r}")
        raise NotApplicable("the target states no versions: there is none that could be outdated")
    place = BEFORE[label] if evidence.labelled(BEFORE[label]) else "read-patch-half"
    before, after = accepted(one(evidence, place)), accepted(one(evidence, f"read-{label}"))
    if label == "patch-stale" and version(one(evidence, "read-back")) == version(before):
        raise NotJudgeable("the patch before this gave the resource no new version")
    exchange = permitted(one(evidence, label))
    if label == "patch-stale" and exchange.status not in CONFLICTS:
        yield exchange.finding(f"answered {exchange.status}, not 412, to an If-Match for an outdated version")
    elif exchange.status not in CLIENT_ERRORS:
        yield exchange.finding(f"answered {exchange.status}, not an error of the client (4xx)")
    genders = [resource_of(read).get("gender") for read in (before, after)]
    if genders[0] != genders[1]:
        yield after.finding(
            f"gives gender {said(genders[1])}, though the patch that failed is to change nothing"
        )


def _require_json_patch(evidence: Evidence, exchange: Exchange) -> None:
    """Raise NotApplicable where the server refused a patch that it does not say it takes: there are other formats.

    See https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.patchFormat.
    """
    declared = capability.patch_formats(evidence.capability_statement or {})
    if exchange.status == UNSUPPORTED and JSON_PATCH not in declared:
        raise NotApplicable(f"{exchange} answered 415, and the target does not declare {JSON_PATCH}")
