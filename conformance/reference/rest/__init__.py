"""The interactions of the FHIR interface, by id, by a search, in batches and transactions."""
