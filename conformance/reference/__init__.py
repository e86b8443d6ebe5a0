"""The embedded reference supplier: a small honest FHIR R4 server, and the named faults it can be given.

It is what the harness proves itself on. It reads the standards for itself and shares no code with the checks that
judge it, so that one misreading cannot cancel itself out.
"""
