"""A made-up British population as FHIR R4 resources: what the supplier keeps when given no data."""
