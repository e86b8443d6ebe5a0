"""Terminology: is this code in that value set, in that code system; decided locally, else asked, else not told.

Start at `facade.Terminology`. Source of the rules: FHIR R4, Using Codes in Resources (terminologies.html), ValueSet
(valueset.html) and CodeSystem (codesystem.html).
"""
