"""A service whose API is not FHIR: a small notification service described by OpenAPI, to try the harness on."""
