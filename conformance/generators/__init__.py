"""Generators: Hypothesis strategies that a profile can name to have values drawn."""
