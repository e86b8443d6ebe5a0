"""Tender packs: making and reading them, keeping runs to them, and deciding that something else counts too."""
