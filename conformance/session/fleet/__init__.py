"""Many targets at once: each run is one of its own; what goes wrong with one is told in its row and stops no other."""
