"""Search parameters of what is known, planned and done about patients, and of the claims for it."""

CLINICAL = {
    "AllergyIntolerance": """
identifier           token              identifier
clinical-status      token              clinicalStatus
verification-status  token              verificationStatus
type                 token@http://hl7.org/fhir/allergy-intolerance-type  type
category             token@http://hl7.org/fhir/allergy-intolerance-category  category
criticality          token@http://hl7.org/fhir/allergy-intolerance-criticality  criticality
code                 token              code reaction.substance
patient              reference>Patient  patient
recorder             reference          recorder
asserter             reference          asserter
date                 date               recordedDate
last-date            date               lastOccurrence
onset                date               reaction.onset
manifestation        token              reaction.manifestation
""",
    "CarePlan": """
identifier      token              identifier
status          token@http://hl7.org/fhir/request-status  status
intent          token@http://hl7.org/fhir/request-intent  intent
category        token              category
subject         reference          subject
patient         reference>Patient  subject
encounter       reference          encounter
care-team       reference          careTeam
condition       reference          addresses
goal            reference          goal
based-on        reference          basedOn
part-of         reference          partOf
date            date               period
activity-code   token              activity.detail.code
""",
    "CareTeam": """
identifier   token              identifier
status       token@http://hl7.org/fhir/care-team-status  status
category     token              category
subject      reference          subject
patient      reference>Patient  subject
encounter    reference          encounter
participant  reference          participant.member
date         date               period
""",
    "Claim": """
identifier  token              identifier
status      token@http://hl7.org/fhir/fm-status  status
use         token@http://hl7.org/fhir/claim-use  use
patient     reference>Patient  patient
provider    reference          provider
insurer     reference          insurer
facility    reference          facility
priority    token              priority
created     date               created
encounter   reference          item.encounter
""",
    "Condition": """
identifier           token              identifier
clinical-status      token              clinicalStatus
verification-status  token              verificationStatus
category             token              category
severity             token              severity
code                 token              code
body-site            token              bodySite
subject              reference          subject
patient              reference>Patient  subject
encounter            reference          encounter
asserter             reference          asserter
onset-date           date               onsetDateTime onsetPeriod
abatement-date       date               abatementDateTime abatementPeriod
recorded-date        date               recordedDate
""",
    "DiagnosticReport": """
identifier          token              identifier
status              token@http://hl7.org/fhir/diagnostic-report-status  status
category            token              category
code                token              code
subject             reference          subject
patient             reference>Patient  subject
encounter           reference          encounter
performer           reference          performer
results-interpreter reference          resultsInterpreter
result              reference          result
specimen            reference          specimen
based-on            reference          basedOn
date                date               effectiveDateTime effectivePeriod
issued              date               issued
conclusion          token              conclusionCode
""",
    "Encounter": """
identifier        token              identifier
status            token@http://hl7.org/fhir/encounter-status  status
class             token              class
type              token              type
subject           reference          subject
patient           reference>Patient  subject
participant       reference          participant.individual
practitioner      reference>Practitioner  participant.individual
participant-type  token              participant.type
location          reference          location.location
service-provider  reference          serviceProvider
part-of           reference          partOf
reason-code       token              reasonCode
reason-reference  reference          reasonReference
diagnosis         reference          diagnosis.condition
date              date               period
""",
    "ExplanationOfBenefit": """
identifier  token              identifier
status      token@http://hl7.org/fhir/explanationofbenefit-status  status
patient     reference>Patient  patient
provider    reference          provider
claim       reference          claim
coverage    reference          insurance.coverage
facility    reference          facility
created     date               created
disposition string             disposition
encounter   reference          item.encounter
""",
    "ImagingStudy": """
identifier  token              identifier
status      token@http://hl7.org/fhir/imagingstudy-status  status
subject     reference          subject
patient     reference>Patient  subject
encounter   reference          encounter
modality    token              series.modality
bodysite    token              series.bodySite
series      token              series.uid
instance    token              series.instance.uid
dicom-class token              series.instance.sopClass
endpoint    reference          endpoint series.endpoint
started     date               started
""",
    "Immunization": """
identifier     token              identifier
status         token@http://hl7.org/fhir/event-status  status
status-reason  token              statusReason
vaccine-code   token              vaccineCode
target-disease token              protocolApplied.targetDisease
patient        reference>Patient  patient
performer      reference          performer.actor
location       reference          location
manufacturer   reference          manufacturer
lot-number     string             lotNumber
date           date               occurrenceDateTime
""",
    "MedicationRequest": """
identifier   token              identifier
status       token@http://hl7.org/fhir/CodeSystem/medicationrequest-status  status
intent       token@http://hl7.org/fhir/CodeSystem/medicationrequest-intent  intent
priority     token@http://hl7.org/fhir/request-priority  priority
category     token              category
code         token              medicationCodeableConcept
medication   reference          medicationReference
subject      reference          subject
patient      reference>Patient  subject
encounter    reference          encounter
requester    reference          requester
authoredon   date               authoredOn
""",
    "Observation": """
identifier        token              identifier
status            token@http://hl7.org/fhir/observation-status  status
category          token              category
code              token              code
combo-code        token              code component.code
component-code    token              component.code
value-concept     token              valueCodeableConcept
value-string      string             valueString valueCodeableConcept.text
value-date        date               valueDateTime valuePeriod
value-quantity    quantity           valueQuantity
component-value-quantity quantity    component.valueQuantity
combo-value-quantity quantity        valueQuantity component.valueQuantity
code-value-concept   composite       . token:code token:valueCodeableConcept
code-value-quantity  composite       . token:code quantity:valueQuantity
code-value-string    composite       . token:code string:valueString
component-code-value-quantity composite  component token:code quantity:valueQuantity
combo-code-value-quantity  composite .,component token:code quantity:valueQuantity
data-absent-reason token             dataAbsentReason
method            token              method
subject           reference          subject
patient           reference>Patient  subject
encounter         reference          encounter
performer         reference          performer
device            reference          device
specimen          reference          specimen
based-on          reference          basedOn
part-of           reference          partOf
derived-from      reference          derivedFrom
has-member        reference          hasMember
focus             reference          focus
date              date               effectiveDateTime effectivePeriod effectiveInstant
""",
    "Procedure": """
identifier        token              identifier
status            token@http://hl7.org/fhir/event-status  status
category          token              category
code              token              code
subject           reference          subject
patient           reference>Patient  subject
encounter         reference          encounter
performer         reference          performer.actor
location          reference          location
reason-code       token              reasonCode
reason-reference  reference          reasonReference
based-on          reference          basedOn
part-of           reference          partOf
date              date               performedDateTime performedPeriod
""",
    "RiskAssessment": """
identifier   token              identifier
subject      reference          subject
patient      reference>Patient  subject
encounter    reference          encounter
performer    reference          performer
condition    reference          condition
method       token              method
date         date               occurrenceDateTime occurrencePeriod
probability  number             prediction.probabilityDecimal
risk         token              prediction.qualitativeRisk
""",
}
