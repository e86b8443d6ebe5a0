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
    "HealthcareService": """
identifier        token                   identifier
active            token                   active
name              string                  name
organization      reference>Organization  providedBy
location          reference>Location      location
service-category  token                   category
service-type      token                   type
specialty         token                   specialty
characteristic    token                   characteristic
""",
    "Schedule": """
identifier    token      identifier
active        token      active
actor         reference  actor
date          date       planningHorizon
service-type  token      serviceType
specialty     token      specialty
""",
    "ServiceRequest": """
identifier  token               identifier
status      token@http://hl7.org/fhir/request-status  status
intent      token@http://hl7.org/fhir/request-intent  intent
priority    token@http://hl7.org/fhir/request-priority  priority
category    token               category
code        token               code
patient     reference>Patient   subject
subject     reference           subject
requester   reference           requester
performer   reference           performer
authored    date                authoredOn
""",
    "Slot": """
identifier        token               identifier
schedule          reference>Schedule  schedule
status            token@http://hl7.org/fhir/slotstatus  status
start             date                start
service-type      token               serviceType
specialty         token               specialty
appointment-type  token               appointmentType
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
