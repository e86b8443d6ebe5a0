"""Our loader: a typed R4 store in a process of its own, into which an export is loaded and read back.

What stands in an export only as text would survive in any store that keeps text. So nothing is kept as it came: each
value goes into a table of its FHIR type, in columns of numbers, bytes and checked text, and what R4 has no element or
no form for cannot be held. It is our own and proves nothing about another server; that takes one that somebody else
made (`destinations` in a target file).
"""
