"""The world: network, disk, keys and processes. The only effects of the harness are here."""
