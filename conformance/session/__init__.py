"""A run from start to end, and the same from its evidence alone: stages and the world brought together."""
