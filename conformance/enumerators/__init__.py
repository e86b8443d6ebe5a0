"""Enumerators: the things that the target declares or holds, for each of which a test becomes a case."""
