"""A GP system behind GP Connect: a small FHIR STU3 application with patients and an appointment book.

It follows GP Connect's API for Foundations, Appointment Management and Access Record Structured (versions 1.2.x,
https://nhsconnect.github.io/gpconnect/). It shares nothing with the R4 supplier but its ways to say what a fault is.
"""
