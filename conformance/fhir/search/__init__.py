"""What a search means, judged anew: does this resource satisfy this criterion? Yes, no, or nobody can tell.

Start at `judge.satisfies`. Source of the rules: FHIR R4, https://hl7.org/fhir/R4/search.html. An answer is True where
every lawful reading finds the resource, False where none does, and None otherwise: where servers may differ, where
something that the answer needs is not at hand, where the parameter or its value is not understood.
"""
