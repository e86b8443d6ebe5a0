"""The nouns: frozen data that does nothing."""
