"""From an implementation guide's package to a profile: its capability statements and structures as demands."""
