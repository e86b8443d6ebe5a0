"""What FHIR itself says; knows nothing of the harness."""
