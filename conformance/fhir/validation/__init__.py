"""Judging resources: `accept` says quickly that nothing is wrong, `explain` says exactly what is."""
