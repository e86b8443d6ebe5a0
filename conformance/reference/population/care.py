"""What happened to one patient: visits, problems, measurements, allergies, medicines and vaccinations."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conformance.reference.forms.jsontext import Decimal
from conformance.reference.population import terms
from conformance.reference.population.draw import Draw
from conformance.reference.population.own_terms import SERVICE_CODES, of_encounter
from conformance.reference.population.people import Person
from conformance.reference.population.places import Places, head, reference
from conformance.reference.population.prose import long_note, short_note
from conformance.reference.population.terms import LOINC, SNOMED, Measure, Term, concept, hl7
from conformance.reference.population.time import day, instant, local, moment, recorded_after

_ENCOUNTER_CLASSES = (
    ("AMB", "ambulatory"),
    ("IMP", "inpatient encounter"),
    ("EMER", "emergency"),
    ("VR", "virtual"),
)
_CLINICAL = ("active", "active", "active", "remission", "inactive", "resolved")
_MAKERS = "https://makers.example/Id/maker"
"""Makers of vaccines are known by an identifier: nobody keeps a record of them."""
_IN_OWN_TERMS = 0.4
"""The share of encounters that say something in the supplier's own terms."""
_ENDED = frozenset({"remission", "inactive", "resolved"})


@dataclass(frozen=True)
class Visit:
    """One encounter, when it was, and who saw the patient: what all that was found there refers to."""

    person: Person
    encounter: dict[str, Any]
    when: datetime
    clinician: dict[str, Any]

    def new(self, draw: Draw, kind: str) -> dict[str, Any]:
        """The start of a resource that was recorded at or after this visit."""
        return head(kind, draw.identity(), instant(recorded_after(draw, self.when)))


def visits(draw: Draw, person: Person, places: Places, base: str) -> list[Visit]:
    """Two or three encounters of one patient, in the order of time."""
    moments = sorted(moment(draw, person.until) for _ in range(draw.between(2, 3)))
    return [_visit(draw, person, places, base, when) for when in moments]


def conditions(draw: Draw, seen: list[Visit]) -> list[dict[str, Any]]:
    """One to three problems; some with partial onset dates, some with long notes."""
    names = draw.some_of(terms.CONDITIONS, draw.between(1, 3))
    return [_condition(draw, draw.one_of(seen), term) for term in names]


def vital_signs(draw: Draw, visit: Visit) -> list[dict[str, Any]]:
    """A blood pressure and one or two further signs, and sometimes the smoking status."""
    found = [_blood_pressure(draw, visit)]
    found += [
        _measurement(draw, visit, measure, hl7("observation-category", "vital-signs", "Vital Signs"))
        for measure in draw.some_of(terms.VITAL_SIGNS, draw.between(1, 2))
    ]
    if draw.chance(0.4):
        found.append(
            _observation(
                draw, visit, terms.SMOKING, hl7("observation-category", "social-history", "Social History")
            )
            | {"valueCodeableConcept": concept(SNOMED, draw.one_of(terms.SMOKING_STATUSES))},
        )
    return found


def laboratory(draw: Draw, visit: Visit) -> list[dict[str, Any]]:
    """Two or three results with their reports; sometimes one in words."""
    category = hl7("observation-category", "laboratory", "Laboratory")
    found = [
        _measurement(draw, visit, measure, category)
        for measure in draw.some_of(terms.LABORATORY, draw.between(2, 3))
    ]
    if draw.chance(0.3):
        words = _observation(draw, visit, terms.URINE_CULTURE, category)
        found.append(words | {"valueString": short_note(draw)})
    return [*found, _report(draw, visit, found)]


def allergies(draw: Draw, visit: Visit) -> list[dict[str, Any]]:
    """For about half of the patients, one allergy with its reaction."""
    if draw.chance(0.5):
        return []
    allergy = draw.one_of(terms.ALLERGIES)
    return [
        visit.new(draw, "AllergyIntolerance")
        | {
            "clinicalStatus": hl7("allergyintolerance-clinical", "active", "Active"),
            "verificationStatus": hl7("allergyintolerance-verification", "confirmed", "Confirmed"),
            "type": "allergy",
            "category": [allergy.category],
            "criticality": draw.one_of(("low", "high", "unable-to-assess")),
            "code": concept(SNOMED, allergy.term),
            "patient": visit.person.reference,
            "encounter": reference(visit.encounter),
            "recordedDate": local(visit.when),
            "recorder": reference(visit.clinician),
            "reaction": [
                {
                    "manifestation": [concept(SNOMED, allergy.reaction)],
                    "severity": draw.one_of(("mild", "moderate", "severe")),
                },
            ],
        },
    ]


def prescriptions(draw: Draw, seen: list[Visit]) -> list[dict[str, Any]]:
    """One or two medicines, coded in dm+d."""
    medicines = draw.some_of(terms.MEDICINES, draw.between(1, 2))
    return [_prescription(draw, draw.one_of(seen), medicine) for medicine in medicines]


def risks(draw: Draw, visit: Visit) -> list[dict[str, Any]]:
    """For some patients, how likely something is that nobody wants."""
    if draw.chance(0.5):
        return []
    risk, likely = draw.one_of(terms.RISKS), draw.between(10, 950)
    return [
        visit.new(draw, "RiskAssessment")
        | {
            "status": "final",
            "subject": visit.person.reference,
            "encounter": reference(visit.encounter),
            "occurrenceDateTime": local(visit.when),
            "performer": reference(visit.clinician),
            "prediction": [{"outcome": concept(SNOMED, risk), "probabilityDecimal": likely / 1000}],
        }
    ]


def vaccinations(draw: Draw, visit: Visit) -> list[dict[str, Any]]:
    """For most patients, one vaccination."""
    if draw.chance(0.3):
        return []
    return [
        visit.new(draw, "Immunization")
        | {
            "status": "completed",
            "vaccineCode": concept(SNOMED, draw.one_of(terms.VACCINES)),
            "patient": visit.person.reference,
            "encounter": reference(visit.encounter),
            "occurrenceDateTime": local(visit.when),
            "primarySource": True,
            "lotNumber": f"TEST{draw.digits(5)}",
            "manufacturer": {"identifier": {"system": _MAKERS, "value": f"MK{draw.between(1, 4)}"}},
            "performer": [{"actor": reference(visit.clinician)}],
        },
    ]


def _visit(draw: Draw, person: Person, places: Places, base: str, when: datetime) -> Visit:
    code, display = draw.one_of(_ENCOUNTER_CLASSES)
    clinician = draw.one_of(places.clinicians)
    here = [place for place in places.locations if place["managingOrganization"] == reference(person.trust)]
    minutes = draw.between(10, 90)
    status = draw.one_of(("finished",) * 8 + ("in-progress", "cancelled"))
    period = {"start": local(when)}
    if status != "in-progress":
        period["end"] = local(when + timedelta(minutes=minutes))
    start = head("Encounter", draw.identity(), instant(recorded_after(draw, when)))
    # Each class of visit comes in by a feed of its own.
    start["meta"]["source"] = f"{base}/feeds/{code.lower()}/visits"
    encounter = start | {
        "identifier": [
            {"system": f"{base}/Id/visit-number", "value": f"V{person.number:05d}{draw.digits(4)}"}
        ],
        "status": status,
        "class": {"system": f"{terms.HL7}/v3-ActCode", "code": code, "display": display},
        "subject": person.reference,
        "participant": [{"individual": reference(clinician)}],
        "period": period,
        "location": [{"location": reference(draw.one_of(here))}],
        "serviceProvider": reference(person.trust),
    }
    if draw.chance(_IN_OWN_TERMS):
        encounter |= of_encounter(draw.one_of(SERVICE_CODES), escort=draw.chance(0.5))
    return Visit(person, encounter, when, clinician)


def _condition(draw: Draw, visit: Visit, term: Term) -> dict[str, Any]:
    status = draw.one_of(_CLINICAL)
    condition = visit.new(draw, "Condition") | {
        "clinicalStatus": hl7("condition-clinical", status),
        "verificationStatus": hl7("condition-ver-status", "confirmed", "Confirmed"),
        "category": [hl7("condition-category", "problem-list-item", "Problem List Item")],
        "severity": concept(SNOMED, draw.one_of(terms.SEVERITIES)),
        "code": concept(SNOMED, term),
        "subject": visit.person.reference,
        "encounter": reference(visit.encounter),
        "onsetDateTime": _onset(draw, visit),
        "recordedDate": local(visit.when),
        "recorder": reference(visit.clinician),
    }
    if status in _ENDED:
        condition["abatementDateTime"] = day(visit.when)
    if draw.chance(0.35):
        note = long_note(draw) if draw.chance(0.6) else short_note(draw)
        condition["note"] = [
            {"authorReference": reference(visit.clinician), "time": local(visit.when), "text": note},
        ]
    return condition


def _onset(draw: Draw, visit: Visit) -> str:
    """When it began: to the year, to the month, to the day, or at the visit."""
    earliest = visit.person.born + 1
    year = draw.between(max(earliest, visit.when.year - 12), visit.when.year - 1)
    month = draw.between(1, 12)
    known = draw.below(4)
    dates = (
        f"{year}",
        f"{year}-{month:02d}",
        f"{year}-{month:02d}-{draw.between(1, 28):02d}",
        local(visit.when),
    )
    return dates[known]


def _observation(draw: Draw, visit: Visit, term: Term, category: dict[str, Any]) -> dict[str, Any]:
    return visit.new(draw, "Observation") | {
        "status": draw.one_of(("final",) * 7 + ("amended", "preliminary")),
        "category": [category],
        "code": concept(LOINC, term),
        "subject": visit.person.reference,
        "encounter": reference(visit.encounter),
        "effectiveDateTime": local(visit.when),
        "issued": instant(visit.when + timedelta(minutes=draw.between(1, 40))),
        "performer": [reference(visit.clinician)],
    }


def _measurement(draw: Draw, visit: Visit, measure: Measure, category: dict[str, Any]) -> dict[str, Any]:
    found = _observation(draw, visit, measure.term, category)
    if measure.snomed:
        found["code"]["coding"].append(terms.coding(SNOMED, measure.snomed))
    drawn = draw.between(measure.least, measure.most)
    scaled = f"{drawn / 10**measure.decimals:.{measure.decimals}f}"
    value = Decimal(scaled) if measure.decimals else drawn
    return found | {"valueQuantity": _quantity(value, measure.unit, measure.ucum)}


def _blood_pressure(draw: Draw, visit: Visit) -> dict[str, Any]:
    upper = draw.between(96, 178)
    lower = upper - draw.between(28, 60)
    parts = ((terms.SYSTOLIC, upper), (terms.DIASTOLIC, lower))
    category = hl7("observation-category", "vital-signs", "Vital Signs")
    return _observation(draw, visit, terms.BLOOD_PRESSURE, category) | {
        "component": [
            {"code": concept(LOINC, term), "valueQuantity": _quantity(value, "mmHg", "mm[Hg]")}
            for term, value in parts
        ],
    }


def _quantity(value: float, unit: str, ucum: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": terms.UCUM, "code": ucum}


def _report(draw: Draw, visit: Visit, results: list[dict[str, Any]]) -> dict[str, Any]:
    return visit.new(draw, "DiagnosticReport") | {
        "status": "final",
        "category": [hl7("v2-0074", "LAB", "Laboratory")],
        "code": concept(LOINC, terms.LABORATORY_STUDIES),
        "subject": visit.person.reference,
        "encounter": reference(visit.encounter),
        "effectiveDateTime": local(visit.when),
        "issued": instant(visit.when + timedelta(hours=draw.between(1, 30))),
        "performer": [reference(visit.person.trust)],
        "result": [reference(result) for result in results],
        "conclusion": short_note(draw),
    }


def _prescription(draw: Draw, visit: Visit, medicine: terms.Medicine) -> dict[str, Any]:
    dosage: dict[str, Any] = {"text": medicine.dosage}
    if medicine.route:
        dosage["route"] = concept(SNOMED, medicine.route)
    return visit.new(draw, "MedicationRequest") | {
        "status": draw.one_of(("active", "completed", "stopped")),
        "intent": "order",
        "medicationCodeableConcept": concept(SNOMED, medicine.term),
        "subject": visit.person.reference,
        "encounter": reference(visit.encounter),
        "authoredOn": local(visit.when),
        "requester": reference(visit.clinician),
        "dosageInstruction": [dosage],
        "dispenseRequest": {"numberOfRepeatsAllowed": draw.below(7)},
        "substitution": {"allowedBoolean": False},  # UK Core asks that it is said
    }
