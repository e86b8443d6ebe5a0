"""What OpenAPI itself says: reading a description, its operations and schemas; knows nothing of the harness.

Sources: OpenAPI Specification 3.0.4 and 3.1.1 (https://spec.openapis.org/oas/), JSON Schema 2020-12.
"""
