"""What the lying proxy may do to an answer: one module a family, each lie one function."""
