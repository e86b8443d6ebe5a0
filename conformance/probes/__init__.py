"""Probes: they send what must be sent and record it; they judge nothing."""
