"""FHIR packages: their files read into definitions, and the table of R4 that is built from the official one."""
