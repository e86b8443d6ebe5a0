"""A register of verified reports: verify what was handed in, bring it together, write the site."""
