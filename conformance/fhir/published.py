"""Whose definitions extension URLs and code systems are: those of a standard, of a standards body, or somebody's own.

Under the addresses of a standards body somebody may still put what that body never published. So what is under them is
`standard` only where the definition is known by name, and `claimed` otherwise: a package has to tell.
"""

from functools import cache
from typing import Literal

from conformance.fhir.definitions import r4

Standing = Literal["standard", "claimed", "own"]
"""Defined by a standard; under the address of a standards body, and not known here; anything else."""

_BODIES = (
    "http://hl7.org/",
    "https://hl7.org/",
    "http://terminology.hl7.org/",
    "https://terminology.hl7.org/",
    "https://fhir.hl7.org.uk/",
    "https://fhir.nhs.uk/",
    "http://fhir.nhs.uk/",
    "https://fhir.kbv.de/",
    "http://fhir.de/",
    "http://ihe.net/",
    "https://profiles.ihe.net/",
    "http://hl7.eu/",
    "http://fhir.ch/",
)
_UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
_UK_CORE_EXTENSIONS = frozenset(
    [
        "AdmissionMethod",
        "AllergyIntoleranceEnd",
        "BirthSex",
        "CodingSCTDescId",
        "ConditionEpisode",
        "ContactPreference",
        "DeathNotificationStatus",
        "DischargeMethod",
        "EthnicCategory",
        "MedicationRepeatInformation",
        "MedicationStatementLastIssueDate",
        "NHSNumberUnavailableReason",
        "NHSNumberVerificationStatus",
        "OutcomeOfAttendance",
        "ProblemSignificance",
        "RelatedProblemHeader",
        "ResidentialStatus",
        "VaccinationProcedure",
    ]
)
_TERMINOLOGIES = frozenset(
    {
        *("http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org", "urn:ietf:bcp:47"),
        *("urn:ietf:bcp:13", "urn:ietf:rfc:3986", "urn:iso:std:iso:3166", "urn:iso:std:iso:3166:-2"),
        *(
            "urn:iso:std:iso:4217",
            "urn:iso:std:iso:11073:10101",
            "http://dicom.nema.org/resources/ontology/DCM",
        ),
        *("http://www.nlm.nih.gov/research/umls/rxnorm", "http://www.whocc.no/atc", "https://dmd.nhs.uk"),
        *(
            "http://hl7.org/fhir/sid/icd-10",
            "http://hl7.org/fhir/sid/icd-10-uk",
            "http://hl7.org/fhir/sid/icd-9-cm",
        ),
        *("http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/cvx", "http://hl7.org/fhir/sid/ndc"),
        *("http://hl7.org/fhir/sid/atc", "http://hl7.org/fhir/sid/icf-nl", "http://hl7.org/fhir/sid/opcs-4"),
        *("https://fhir.hl7.org.uk/Id/opcs-4", "urn:oid:2.16.840.1.113883.6.238", "http://www.orpha.net"),
        *(
            "http://id.who.int/icd/release/11/mms",
            "http://fdasis.nlm.nih.gov",
            "http://www.ama-assn.org/go/cpt",
        ),
        "http://varnomen.hgvs.org",
    }
)
"""Terminologies that somebody other than a supplier of records publishes (https://hl7.org/fhir/R4/terminologies-systems.html)."""
_UK_CORE_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"
_UK_CORE_SYSTEMS = frozenset(
    [
        "ConditionCategory",
        "ConditionEpisodicity",
        "DeathNotificationStatus",
        "EthnicCategoryEngland",
        "HumanLanguage",
        "MedicationRequestCategory",
        "NHSNumberVerificationStatus",
        "NHSNumberVerificationStatusEngland",
        "NHSNumberVerificationStatusWales",
        "PersonMaritalStatus",
        "ProblemSignificance",
        "RecordStandardHeadings",
    ]
)


def extension_standing(url: str) -> Standing:
    """Whose an extension is, by its URL."""
    if url in _core("StructureDefinition") or (
        url.startswith(_UK_CORE) and url[len(_UK_CORE) :] in _UK_CORE_EXTENSIONS
    ):
        return "standard"
    return "claimed" if url.startswith(_BODIES) else "own"


def system_standing(system: str) -> Standing:
    """Whose a code system is, by its URI."""
    if system in _TERMINOLOGIES or system in _core("CodeSystem"):
        return "standard"
    if system.startswith(_UK_CORE_CODES) and system[len(_UK_CORE_CODES) :] in _UK_CORE_SYSTEMS:
        return "standard"
    return "claimed" if system.startswith(_BODIES) else "own"


@cache
def _core(kind: str) -> frozenset[str]:
    """The canonicals of this kind that FHIR R4 itself defines."""
    return frozenset(url for layer in r4().layers for url in layer.canonicals(kind))
