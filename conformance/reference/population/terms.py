"""The codes that the demo population uses: SNOMED CT, dm+d, LOINC, UCUM and HL7's own tables.

Every SNOMED CT identifier here carries a valid Verhoeff check digit (the tests compute it). dm+d products are
SNOMED CT concepts of the UK drug extension, so they come under http://snomed.info/sct.
"""

from typing import Any, NamedTuple

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem"


class Term(NamedTuple):
    """A code and what it is called."""

    code: str
    display: str


class Measure(NamedTuple):
    """A quantity that is observed: its LOINC code, UCUM unit, range in units of the last digit, decimals."""

    term: Term
    unit: str
    ucum: str
    least: int
    most: int
    decimals: int
    snomed: Term | None = None


class Allergy(NamedTuple):
    """An allergy, what it belongs to and how it shows."""

    term: Term
    category: str
    reaction: Term


class Medicine(NamedTuple):
    """A dm+d product and how it is to be taken."""

    term: Term
    dosage: str
    route: Term | None


ORAL = Term("26643006", "Oral")

CONDITIONS = (
    Term("38341003", "Hypertensive disorder"),
    Term("44054006", "Type 2 diabetes mellitus"),
    Term("195967001", "Asthma"),
    Term("22298006", "Myocardial infarction"),
    Term("84114007", "Heart failure"),
    Term("13645005", "Chronic obstructive pulmonary disease"),
    Term("49436004", "Atrial fibrillation"),
    Term("35489007", "Depressive disorder"),
    Term("37796009", "Migraine"),
    Term("40930008", "Hypothyroidism"),
    Term("69896004", "Rheumatoid arthritis"),
    Term("396275006", "Osteoarthritis"),
    Term("64859006", "Osteoporosis"),
)

RISKS = (Term("22298006", "Myocardial infarction"), Term("84114007", "Heart failure"))

SEVERITIES = (Term("255604002", "Mild"), Term("6736007", "Moderate"), Term("24484000", "Severe"))

ALLERGIES = (
    Allergy(Term("91936005", "Allergy to penicillin"), "medication", Term("271807003", "Eruption of skin")),
    Allergy(Term("294505008", "Allergy to amoxicillin"), "medication", Term("126485001", "Urticaria")),
    Allergy(Term("91935009", "Allergy to peanut"), "food", Term("39579001", "Anaphylaxis")),
    Allergy(Term("419474003", "Allergy to mould"), "environment", Term("267036007", "Dyspnoea")),
)

MEDICINES = (
    Medicine(Term("39732411000001106", "Amoxicillin 500mg capsules"), "One capsule three times a day", ORAL),
    Medicine(Term("39732311000001104", "Amoxicillin 250mg capsules"), "Two capsules three times a day", ORAL),
    Medicine(Term("319775004", "Aspirin 75mg tablets"), "One tablet once a day, after food", ORAL),
    Medicine(Term("42109611000001109", "Paracetamol 500mg tablets"), "Two tablets when required", ORAL),
    Medicine(
        Term("39113611000001102", "Salbutamol 100micrograms/dose inhaler CFC free"),
        "Two puffs when required, at most four times a day",
        None,
    ),
)

VACCINES = (
    Term("1181000221105", "Influenza virus antigen only vaccine product"),
    Term("1119349007", "SARS-CoV-2 mRNA vaccine product"),
    Term("836374004", "Hepatitis B virus antigen-containing vaccine product"),
)

BLOOD_PRESSURE = Term("85354-9", "Blood pressure panel with all children optional")
SYSTOLIC = Term("8480-6", "Systolic blood pressure")
DIASTOLIC = Term("8462-4", "Diastolic blood pressure")
URINE_CULTURE = Term("630-4", "Bacteria identified in Urine by Culture")
SMOKING = Term("72166-2", "Tobacco smoking status")
LABORATORY_STUDIES = Term("26436-6", "Laboratory studies (set)")

VITAL_SIGNS = (
    Measure(Term("29463-7", "Body weight"), "kg", "kg", 4800, 11900, 2, Term("27113001", "Body weight")),
    Measure(
        Term("8302-2", "Body height"), "cm", "cm", 1480, 1960, 1, Term("50373000", "Body height measure")
    ),
    Measure(Term("8867-4", "Heart rate"), "beats/min", "/min", 52, 108, 0),
    Measure(Term("8310-5", "Body temperature"), "degrees Celsius", "Cel", 358, 389, 1),
)

LABORATORY = (
    Measure(Term("718-7", "Hemoglobin [Mass/volume] in Blood"), "g/L", "g/L", 98, 171, 0),
    Measure(Term("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), "%", "%", 470, 1030, 2),
    Measure(Term("14682-9", "Creatinine [Moles/volume] in Serum or Plasma"), "umol/L", "umol/L", 48, 190, 0),
    Measure(Term("2823-3", "Potassium [Moles/volume] in Serum or Plasma"), "mmol/L", "mmol/L", 33, 56, 1),
    Measure(Term("2951-2", "Sodium [Moles/volume] in Serum or Plasma"), "mmol/L", "mmol/L", 131, 147, 0),
)

SMOKING_STATUSES = (
    Term("266919005", "Never smoked tobacco"),
    Term("8517006", "Ex-smoker"),
    Term("77176002", "Smoker"),
)

DOCUMENT_KINDS = (
    Term("18842-5", "Discharge summary"),
    Term("11488-4", "Consult note"),
    Term("57133-1", "Referral note"),
)


def coding(system: str, term: Term) -> dict[str, Any]:
    """A FHIR Coding of this term."""
    return {"system": system, "code": term.code, "display": term.display}


def concept(system: str, term: Term) -> dict[str, Any]:
    """A FHIR CodeableConcept with this term as its one coding and its text."""
    return {"coding": [coding(system, term)], "text": term.display}


def hl7(table: str, code: str, display: str = "") -> dict[str, Any]:
    """A FHIR CodeableConcept from one of HL7's own tables."""
    one = {"system": f"{HL7}/{table}", "code": code}
    return {"coding": [{**one, "display": display} if display else one]}
