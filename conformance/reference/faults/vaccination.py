"""The faults of a supplier in recording, finding and exporting vaccinations."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.behaviour.whole import Behaviour
from conformance.reference.draw import Draw
from conformance.reference.faults.fault import Change, Fault, fault, reading, rest, search, values, writing
from conformance.reference.faults.record_changes import (
    Keys,
    left_out_of_exports,
    not_offered,
    of_anybody,
    updated_as,
)
from conformance.reference.population.people import NHS_NUMBERS, VERIFICATION, VERIFICATION_CODES

Json = dict[str, Any]


def _vaccination(**changed: Any) -> Change:
    """A change of what is asked of a record of a vaccination, and of what becomes of it."""

    def change(honest: Behaviour, _: Draw) -> Behaviour:
        return replace(honest, vaccination=replace(honest.vaccination, **changed))

    return change


def _without(*rules: str) -> Change:
    return _vaccination(unasked=frozenset(rules))


def _kept(kind: str, change: Callable[[Json], Json]) -> Change:
    """Keep another resource of the type than was sent."""
    return _vaccination(kept=lambda sent: change(sent) if sent["resourceType"] == kind else sent)


def _verified(patient: Json) -> Json:
    """The patient with every NHS number called verified."""
    identifiers = [_called_verified(one) for one in patient.get("identifier", [])]
    return {**patient, "identifier": identifiers} if identifiers else patient


def _called_verified(identifier: Json) -> Json:
    if not any(one.get("url") == VERIFICATION for one in identifier.get("extension", [])):
        return identifier
    status = {
        "url": VERIFICATION,
        "valueCodeableConcept": {"coding": [{"system": VERIFICATION_CODES, "code": "01"}]},
    }
    return {**identifier, "extension": [status]}


def _given_after_all(record: Json) -> Json:
    if record["status"] != "not-done":
        return record
    return {name: value for name, value in record.items() if name != "statusReason"} | {"status": "completed"}


def _never_withdrawn(sent: Json, before: Json) -> Json:
    return {**sent, "status": before["status"]} if sent.get("status") == "entered-in-error" else sent


def _batch_stays(sent: Json, before: Json) -> Json:
    return {**sent, "lotNumber": before["lotNumber"]} if "lotNumber" in before else sent


def _newest(versions: list[Any]) -> list[Any]:
    return [version for version in versions if version.type != "Immunization"] or versions[:1]


def _forgets(honest: Behaviour, draw: Draw) -> Behaviour:
    """History shows the newest version of a vaccination alone, and versions cannot be read."""
    return reading(history=_newest, vread_gives_current=True)(honest, draw)


def _by_number_alone(store: Any, query: Any, keys: list[int]) -> list[int]:
    """What a search for patients finds if it looks at the identifier and at nothing else."""
    from conformance.reference.search.matching import match  # noqa: PLC0415 - query imports the table of behaviours

    names = [name for name, _ in query.heeded]
    if query.resource_type != "Patient" or names[:2] != ["identifier", "birthdate"]:
        return keys
    return match(store, replace(query, clauses=query.clauses[:1]))


def _by_identifier(change: Callable[[Any, Keys], Keys]) -> Change:
    """Find others by an NHS number alone than have it."""

    def found(store: Any, query: Any, keys: Keys) -> Keys:
        alone = [name for name, value in query.heeded if NHS_NUMBERS in value] == ["identifier"]
        known = {name for name, _ in query.heeded}
        return (
            change(store, keys)
            if query.resource_type == "Patient" and alone and known == {"identifier"}
            else keys
        )

    return writing(found=found)


def _somebody(store: Any, keys: Keys) -> Keys:
    first = store.select("SELECT min(pk) FROM current WHERE type = 'Patient' AND deleted = 0", ())
    return keys or [first[0][0]]


def _one_more(store: Any, keys: Keys) -> Keys:
    sql = "SELECT min(pk) FROM current WHERE type = 'Patient' AND deleted = 0 AND pk <> ?"
    return [*keys, *(row[0] for key in keys[:1] for row in store.select(sql, (key,)))]


def _server_only(statement: Json) -> Json:
    return {**statement, "rest": [one for one in statement["rest"] if one["mode"] == "server"]}


VACCINATION_FAULTS: tuple[Fault, ...] = (
    fault(
        "vaccinations-not-offered",
        "VACC-CAP-01",
        "Vaccinations are not declared.",
        not_offered("Immunization"),
        also=("VACC-EXP-01",),
    ),
    fault(
        "client-role-not-declared",
        "VACC-CAP-03",
        "What is sent to others is not declared.",
        rest(capability=_server_only),
        "SHOULD",
    ),
    fault(
        "unverified-nhs-number-shown-verified",
        "VACC-NHS-03",
        "An NHS number that is not traced is kept as verified.",
        _kept("Patient", _verified),
    ),
    fault(
        "wrong-nhs-number-accepted",
        "VACC-NHS-04",
        "An NHS number with a wrong check digit is accepted.",
        _without("nhs-number"),
    ),
    fault(
        "vaccination-loses-its-dose",
        "VACC-WR-02",
        "A vaccination is kept without its dose.",
        _kept(
            "Immunization",
            lambda sent: {name: value for name, value in sent.items() if name != "doseQuantity"},
        ),
        also=("VACC-COR-01",),
    ),
    fault(
        "vaccination-without-organisation-accepted",
        "VACC-WR-03",
        "A vaccination that does not say who gave it is recorded.",
        _without("organisation"),
    ),
    fault(
        "vaccination-without-batch-accepted",
        "VACC-WR-04",
        "A vaccination is recorded without its batch.",
        _without("batch"),
        "SHOULD",
    ),
    fault(
        "refusal-without-reason-accepted",
        "VACC-WR-05",
        "A vaccination that was not given is recorded without the reason.",
        _without("reason"),
    ),
    fault(
        "refusal-shown-as-given",
        "VACC-WR-06",
        "A vaccination that was not given is kept as given.",
        _kept("Immunization", _given_after_all),
    ),
    fault(
        "vaccinations-of-another-found",
        "VACC-SRCH-01",
        "A search for a patient's vaccinations finds one of another patient.",
        of_anybody("Immunization"),
        also=("VACC-SRCH-02",),
    ),
    fault(
        "vaccinations-not-found-by-nhs-number",
        "VACC-SRCH-02",
        "A search for vaccinations by NHS number finds those of all patients.",
        values(chain_heeded=False),
        also=("VACC-ELIG-07",),
    ),
    fault(
        "duplicate-recorded-twice",
        "VACC-DUP-01",
        "A vaccination that is recorded twice is there twice.",
        _vaccination(duplicates_refused=False),
    ),
    fault(
        "corrected-batch-not-shown",
        "VACC-COR-01",
        "A correction is accepted and leaves the batch as it was.",
        updated_as("Immunization", _batch_stays),
    ),
    fault(
        "outdated-correction-accepted",
        "VACC-COR-02",
        "A correction of an outdated version is accepted.",
        rest(stale_update_refused=False),
    ),
    fault(
        "correction-changes-identifier",
        "VACC-COR-03",
        "A correction can change the identifier.",
        _vaccination(identifier_is_fixed=False),
    ),
    fault(
        "correction-loses-history",
        "VACC-COR-04",
        "What a vaccination was before its correction is gone.",
        _forgets,
    ),
    fault(
        "withdrawn-vaccination-still-given",
        "VACC-COR-05",
        "A vaccination recorded in error is still shown as given.",
        updated_as("Immunization", _never_withdrawn),
    ),
    fault(
        "patients-not-found-by-name",
        "VACC-ELIG-01",
        "A search for patients by family name fails.",
        search(failing_parameter=("Patient", "family")),
    ),
    fault(
        "any-birth-date-matches",
        "VACC-ELIG-04",
        "A search by NHS number finds its owner, whatever the date of birth.",
        writing(found=_by_number_alone),
    ),
    fault(
        "recommendations-not-offered",
        "VACC-ELIG-06",
        "What is recommended cannot be searched for.",
        not_offered("ImmunizationRecommendation"),
    ),
    fault(
        "recommendations-of-another-told",
        "VACC-ELIG-07",
        "What is recommended for another patient is told as well.",
        of_anybody("ImmunizationRecommendation"),
    ),
    fault(
        "vaccinations-not-exported",
        "VACC-EXP-01",
        "The export leaves out vaccinations.",
        left_out_of_exports("Immunization"),
    ),
    fault(
        "consents-not-exported",
        "VACC-EXP-02",
        "The export leaves out consents.",
        left_out_of_exports("Consent"),
    ),
    fault(
        "sessions-not-exported",
        "VACC-EXP-03",
        "The export leaves out sessions.",
        left_out_of_exports("Encounter"),
    ),
    fault(
        "vaccination-recorded-without-address",
        "VACC-WR-01",
        "A vaccination is recorded, and its address is not told.",
        rest(location_on_create=False),
    ),
    fault(
        "nhs-number-finds-another-too",
        "VACC-ELIG-02",
        "A search by NHS number finds another patient beside its owner.",
        _by_identifier(_one_more),
    ),
    fault(
        "unknown-nhs-number-finds-somebody",
        "VACC-ELIG-03",
        "A search by an NHS number that nobody has finds somebody.",
        _by_identifier(_somebody),
    ),
    fault(
        "match-finds-nobody",
        "VACC-ELIG-05",
        "$match is declared, and never finds anybody.",
        _vaccination(matches=False),
        "MAY",
    ),
)
