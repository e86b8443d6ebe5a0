"""How much the harness notices: named faults, a lying proxy, and false alarms on the honest supplier.

`python -m benchmarks.assurance measure` measures, `python -m benchmarks.assurance write` writes docs/assurance.md.
"""
