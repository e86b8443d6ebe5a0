"""The variants of the supplier on which profiles are demonstrated, and the rules of each."""
