"""Checks of how soon what was written is seen."""

from typing import Literal

from conformance.checks.exchanged import accepted, answered, finds_only, noted, resource_of, said
from conformance.checks.picking import one, permitted
from conformance.fhir import bundles
from conformance.fhir.elements import values
from conformance.fhir.references import named
from conformance.plugin import Evidence, Findings, NotJudgeable, check

Searched = Literal["search-created", "search-updated", "search-outdated", "search-deleted"]
WANTED: dict[Searched, bool] = {
    "search-created": True,
    "search-updated": True,
    "search-outdated": False,
    "search-deleted": False,
}
"""Whether each search is to find the patient."""


@check("read-at-once")
def read_at_once(evidence: Evidence) -> Findings:
    """A read straight after a create or an update shows what was written."""
    answered(evidence, "create")
    created = permitted(one(evidence, "read-created"))
    if not created.ok:
        yield created.finding(f"answered {created.status} straight after the create was accepted")
    update = answered(evidence, "update")
    read = permitted(one(evidence, "read-updated"))
    if not read.ok:
        yield read.finding(f"answered {read.status} straight after {update} was accepted")
        return
    sent = noted(evidence, "sent-update", "identifier")
    told = resource_of(read).get("identifier")
    if created.ok and told == resource_of(created).get("identifier") and told != sent:
        yield read.finding(f"gives identifier {said(told)}, as before {update} was accepted")


@check("found-within")
def found_within(evidence: Evidence, *, label: Searched, limit: int) -> Findings:
    """A search tells of a write within so many seconds: of a create, an update by new and old value, or a delete."""
    answered(evidence, "create")
    own = named(one(evidence, "read-created").url)
    if label in {"search-updated", "search-outdated"}:
        answered(evidence, "update")
        if not finds_only(accepted(one(evidence, "search-created")), own) and label == "search-outdated":
            raise NotJudgeable("the search did not find the patient before either")
    if label == "search-deleted":
        answered(evidence, "delete")
        if not finds_only(accepted(one(evidence, "search-updated")), own):
            raise NotJudgeable("the search did not find the patient before either")
    search = accepted(one(evidence, label))
    if search.resource("Bundle") is None:
        raise NotJudgeable(f"{search} answered no Bundle")
    if finds_only(search, own) is not WANTED[label]:
        seconds = noted(evidence, f"waited-{label}")
        does = "does not find it" if WANTED[label] else "still finds it"
        yield search.finding(f"{does} {seconds} s after it was written; the limit is {limit} s")


@check("shows-the-new-value")
def shows_the_new_value(evidence: Evidence) -> Findings:
    """What a search finds by the identifier that an update brought is shown with that identifier."""
    answered(evidence, "update")
    search = accepted(one(evidence, "search-updated"))
    matches = bundles.matches(search.resource("Bundle") or {})
    found = [resource for resource in matches if resource.get("resourceType") == "Patient"]
    if not found:
        raise NotJudgeable(f"{search} did not find what was updated")
    wanted = {identifier["value"] for identifier in noted(evidence, "sent-update", "identifier")}
    for resource in found:
        told = {
            value for identifier in values(resource, "identifier") for value in values(identifier, "value")
        }
        if not told & wanted:
            yield search.finding(
                f"shows {bundles.reference(resource)} without the identifier by which it is found"
            )
