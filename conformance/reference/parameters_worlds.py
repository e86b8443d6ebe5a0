"""Search parameters of resource types that only some worlds of the supplier offer."""

OF_SOME_WORLDS: dict[str, str] = {
    "Appointment": """
identifier        token              identifier
status            token@http://hl7.org/fhir/appointmentstatus  status
specialty         token              specialty
service-type      token              serviceType
appointment-type  token              appointmentType
reason-code       token              reasonCode
patient           reference>Patient  participant.actor
practitioner      reference>Practitioner  participant.actor
location          reference>Location  participant.actor
actor             reference          participant.actor
based-on          reference          basedOn
slot              reference          slot
date              date               start
""",
    "Consent": """
identifier  token              identifier
status      token@http://hl7.org/fhir/consent-state-codes  status
scope       token              scope
category    token              category
patient     reference>Patient  patient
date        date               dateTime
""",
    "ImmunizationRecommendation": """
identifier      token              identifier
patient         reference>Patient  patient
vaccine-type    token              recommendation.vaccineCode
target-disease  token              recommendation.targetDisease
status          token              recommendation.forecastStatus
date            date               date
""",
}
