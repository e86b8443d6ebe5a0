"""Searches: what they mean, what matches, and the Bundle that goes out."""
