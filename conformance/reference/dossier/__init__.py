"""The demo supplier's documents: exit plan, documentation, attestation, and what can be wrong with them."""
