"""Checks: pure functions over recorded evidence that yield a sentence for each thing that is wrong."""
