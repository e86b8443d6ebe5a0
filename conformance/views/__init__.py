"""A report as people and machines want to read it. Views import the model only and decide nothing."""
