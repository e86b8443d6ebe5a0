"""The named faults: one deviation each, with the requirement that must notice it."""
