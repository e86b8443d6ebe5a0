"""Profile repositories: what bodies publish together, and what readers keep of it."""
