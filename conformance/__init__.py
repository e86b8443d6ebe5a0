"""Proves, with evidence, that a health-IT product is interoperable and can be left."""

__version__ = "0.1.0"
