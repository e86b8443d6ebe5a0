"""Search parameters of people, places, organisations, documents and records about records."""

_PERSON = """
identifier        token      identifier
name              string     name
family            string     name.family
given             string     name.given
gender            token@http://hl7.org/fhir/administrative-gender  gender
telecom           token      telecom
phone             token      telecom[system=phone]
email             token      telecom[system=email]
address           string     address
address-city      string     address.city
address-state     string     address.state
address-postalcode string    address.postalCode
address-country   string     address.country
active            token      active
"""

ADMINISTRATIVE = {
    "Patient": _PERSON
    + """
birthdate             date       birthDate
death-date            date       deceasedDateTime
general-practitioner  reference  generalPractitioner
organization          reference  managingOrganization
language              token      communication.language
link                  reference  link.other
""",
    "Practitioner": _PERSON,
    "RelatedPerson": _PERSON
    + """
birthdate     date               birthDate
patient       reference>Patient  patient
relationship  token              relationship
""",
    "PractitionerRole": """
identifier    token      identifier
active        token      active
practitioner  reference  practitioner
organization  reference  organization
location      reference  location
service       reference  healthcareService
role          token      code
specialty     token      specialty
date          date       period
""",
    "Organization": """
identifier          token      identifier
active              token      active
name                string     name alias
type                token      type
partof              reference  partOf
endpoint            reference  endpoint
address             string     address
address-city        string     address.city
address-state       string     address.state
address-postalcode  string     address.postalCode
address-country     string     address.country
""",
    "Location": """
identifier          token      identifier
status              token@http://hl7.org/fhir/location-status  status
name                string     name alias
type                token      type
organization        reference  managingOrganization
partof              reference  partOf
address             string     address
address-city        string     address.city
address-postalcode  string     address.postalCode
""",
    "HealthcareService": """
identifier        token      identifier
active            token      active
name              string     name
organization      reference  providedBy
location          reference  location
service-category  token      category
service-type      token      type
specialty         token      specialty
""",
    "Group": """
identifier             token      identifier
actual                 token      actual
type                   token@http://hl7.org/fhir/group-type  type
code                   token      code
member                 reference  member.entity
managing-entity        reference  managingEntity
characteristic         token      characteristic.code
""",
    "Device": """
identifier    token              identifier
status        token@http://hl7.org/fhir/device-status  status
type          token              type
manufacturer  string             manufacturer
model         string             modelNumber
device-name   string             deviceName.name type.text
patient       reference>Patient  patient
organization  reference          owner
location      reference          location
url           uri                url
""",
    "Medication": """
identifier  token      identifier
status      token@http://hl7.org/fhir/CodeSystem/medication-status  status
code        token      code
form        token      form
""",
    "Binary": "",
    "DocumentReference": """
identifier    token              masterIdentifier identifier
status        token@http://hl7.org/fhir/document-reference-status  status
type          token              type
category      token              category
subject       reference          subject
patient       reference>Patient  subject
author        reference          author
custodian     reference          custodian
encounter     reference          context.encounter
date          date               date
period        date               context.period
contenttype   token              content.attachment.contentType
location      uri                content.attachment.url
description   string             description
""",
    "Provenance": """
target         reference          target
patient        reference>Patient  target
agent          reference          agent.who
agent-role     token              agent.role
agent-type     token              agent.type
entity         reference          entity.what
location       reference          location
recorded       date               recorded
when           date               occurredPeriod occurredDateTime
""",
    "AuditEvent": """
type         token              type
subtype      token              subtype
action       token@http://hl7.org/fhir/audit-event-action  action
outcome      token@http://hl7.org/fhir/audit-event-outcome  outcome
date         date               recorded
agent        reference          agent.who
agent-role   token              agent.role
altid        token              agent.altId
entity       reference          entity.what
patient      reference>Patient  agent.who entity.what
source       reference          source.observer
site         token              source.site
""",
}
